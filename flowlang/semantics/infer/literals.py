"""Literals: what they are, and texts in a url place."""

from __future__ import annotations

from flowlang.record import new
from flowlang.semantics.infer.engine import Wanted, expects, handles
from flowlang.semantics.infer.places import is_url_place, url_text
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.model import DURATION, NONE, LiteralOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


TRUE_TYPE: Final = LiteralOf(True, "bool")
FALSE_TYPE: Final = LiteralOf(False, "bool")


@handles(ast.Literal)
def literal(c: Inference, node: ast.Literal) -> Type:
    value = node.value
    if value is None:
        return NONE
    if value is True:
        return TRUE_TYPE
    if value is False:
        return FALSE_TYPE
    return new(LiteralOf, (value, "int" if type(value) is int else "float"))


@handles(ast.Text)
def text(c: Inference, node: ast.Text) -> Type:
    return new(LiteralOf, (node.value, "string"))


@handles(ast.Duration)
def duration(c: Inference, node: ast.Duration) -> Type:
    return DURATION


@handles(ast.BrokenExpr)
def broken(c: Inference, node: ast.BrokenExpr) -> Type:
    return POISON


@expects(ast.Text)
def expect_text(c: Inference, node: ast.Text, target: Type, wanted: Wanted) -> Type | None:
    return url_text(c, node, target, wanted) if is_url_place(target) else None

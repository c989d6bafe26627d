"""The conditions under which a use runs and the step that it uses does not: of `when`, branches, cases, `a if c else b`
and what stands left of `and` and `or`, from the outside in. What holds for both is left out.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang.record import Record
from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.semantics.infer.engine import Inference

SHOWN: Final = 90
"""How long what is said of all conditions together may be; of more the innermost are said."""


class Holding(Record):
    """One condition: as text, where it stands, what is known of what stands there. `is_loose`: beside others it wants
    brackets.
    """

    __slots__ = ()

    text: str
    node: ast.Node
    known: str
    is_loose: bool


def conditions_at(c: Inference, node: ast.Expr, beside: ast.Node | None) -> list[Holding]:
    """What holds where a node stands, but not where the declaration of what it uses does."""
    path = path_to(c.file.tree, node)
    found: dict[str, Holding] = {}
    for parent, child in pairwise(path):
        if beside is None or not child.start <= beside.start < child.end:
            for each in _between(c, parent, child):
                found.setdefault(each.text, each)
    return [*found.values()]


def said(holding: list[Holding]) -> str:
    """Conditions in one text."""
    if len(holding) == 1:
        return holding[0].text
    texts = [f"({each.text})" if each.is_loose else each.text for each in holding]
    first = len(texts) - 1
    while first and len(" and ".join(texts[first - 1 :])) <= SHOWN:
        first -= 1
    return " and ".join(["…"] * bool(first) + texts[first:])


def _between(c: Inference, parent: ast.Node, child: ast.Node) -> Iterator[Holding]:
    """What holds in a part of a node by which part it is."""
    match parent:
        case ast.Step() | ast.Do():
            if not isinstance(child, (ast.After, ast.When, ast.Annotation)):
                yield from (_true(c, each.condition, each) for each in parent.clauses if isinstance(each, ast.When))
        case ast.If(branches=branches):
            yield from (_false(c, each.condition) for each in branches if each.end <= child.start)
        case ast.Branch(condition=asked, body=body) if child is body:
            yield _true(c, asked)
        case ast.Match():
            yield from _case(c, parent, child)
        case ast.Conditional(condition=asked) if child is not asked:
            yield _true(c, asked) if child is parent.then else _false(c, asked)
        case ast.Logic(left=left) if child is parent.right:
            yield _true(c, left) if parent.operator == "and" else _false(c, left)
        case ast.Comprehension(condition=asked, element=element) if asked is not None and child is element:
            yield _true(c, asked)
        case ast.Catch(condition=asked, body=body) if asked is not None and child is body:
            yield _true(c, asked)


def _case(c: Inference, match: ast.Match, child: ast.Node) -> Iterator[Holding]:
    is_case = isinstance(child, ast.Case)
    if not is_case and child is not match.otherwise:
        return
    values = [value for each in match.cases if each is child or not is_case for value in each.values]
    if values:
        texts, subject = [c.text(each) for each in values], _operand(c, match.subject)
        one, among = ("==", "in") if is_case else ("!=", "not in")
        text = f"{subject} {one} {texts[0]}" if len(texts) == 1 else f"{subject} {among} [{', '.join(texts)}]"
        known = "where this is the case" if is_case else "where no case of this fits"
        yield Holding(text, values[0] if is_case else match.subject, known, False)


def _true(c: Inference, condition: ast.Expr, at: ast.Node | None = None) -> Holding:
    is_loose = isinstance(condition, ast.Conditional) or (
        isinstance(condition, ast.Logic) and condition.operator == "or"
    )
    return Holding(c.text(condition), at or condition, "where this holds", is_loose)


def _false(c: Inference, condition: ast.Expr) -> Holding:
    if isinstance(condition, ast.Unary) and condition.operator == "not":
        text = _operand(c, condition.operand)
    else:
        text = f"not {_operand(c, condition)}"
    return Holding(text, condition, "where this does not hold", False)


def _operand(c: Inference, node: ast.Expr) -> str:
    text = c.text(node)
    return f"({text})" if isinstance(node, (ast.Logic, ast.Conditional)) else text

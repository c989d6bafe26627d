"""A test for none of what is never none."""

from __future__ import annotations

from flowlang.checks.paths import is_always_there
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("none", "null")


def check(node: ast.Test | ast.Compare, look: Look) -> Iterator[Diagnostic]:
    """Each `x is none`, `x is not none`, `x == none` and `x != none` whose x is always there."""
    if isinstance(node, ast.Test):
        if node.name.name != "none":
            return
        value, holds = node.value, node.negated
    else:
        link = node.rest[0]
        if len(node.rest) > 1 or link.operator not in ("==", "!=") or not _is_none(link.operand):
            return
        value, holds = node.first, link.operator == "!="
    if is_always_there(look, value):
        written = look.file.source.text[value.start : value.end]
        message = f"`{written}` is never none: this is always {'true' if holds else 'false'}"
        yield look.found(message, node, "take the test out")


def _is_none(node: ast.Expr) -> bool:
    return isinstance(node, ast.Literal) and node.value is None

"""A value compared with itself."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(node: ast.Compare, look: Look) -> Iterator[Diagnostic]:
    """Each link of a comparison whose sides are the same expression."""
    left = node.first
    for link in node.rest:
        right = link.operand
        if left == right and link.operator in _HOLDS and not isinstance(right, (ast.Literal, ast.Text, ast.Duration)):
            holds = "true" if _HOLDS[link.operator] else "false"
            yield look.found(f"this is compared with itself: it is always {holds}", node, "compare with something else")
        left = right


_HOLDS = {"==": True, "<=": True, ">=": True, "!=": False, "<": False, ">": False}

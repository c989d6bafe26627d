"""A division by the literal 0."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("/0", "%0", "/-0", "%-0")


def check(node: ast.Binary, look: Look) -> Iterator[Diagnostic]:
    """Each `x / 0`, `x // 0` and `x % 0`."""
    right = node.right.operand if isinstance(node.right, ast.Unary) else node.right
    if node.operator not in ("/", "//", "%") or not isinstance(right, ast.Literal):
        return
    if right.value == 0 and not isinstance(right.value, bool) and not look.is_broken(node):
        yield look.found(f"`{node.operator} 0` fails in every run", node, "divide by something else")

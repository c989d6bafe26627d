"""A block without a statement."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(block: ast.Parallel | ast.Race | ast.Sequence | ast.For | ast.If, look: Look) -> Iterator[Diagnostic]:
    """Each block that does nothing; an `if` does if one of its branches does."""
    if isinstance(block, ast.If):
        bodies = [branch.body for branch in block.branches]
        if block.otherwise is not None:
            bodies.append(block.otherwise)
    else:
        bodies = [block.body]
    if not any(body.statements for body in bodies) and not look.is_broken(block):
        yield look.found("this block does nothing", bodies[0] if isinstance(block, ast.For) else block, "take it out")

"""A `let` that nothing refers to."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(body: ast.Body, look: Look) -> Iterator[Diagnostic]:
    """Each let of a body that no expression names; a broken statement may have been its use."""
    if any(isinstance(statement, ast.Broken) for statement in body.statements):
        return
    for statement in body.statements:
        if isinstance(statement, ast.Let) and id(statement) not in look.facts.used and not look.is_broken(statement):
            yield look.found(f"nothing uses `{statement.name.name}`", statement.name, "remove it, or use it")

"""A service that nothing calls."""

from __future__ import annotations

from flowlang.checks.uses import MAYBE_ELSEWHERE, is_unused
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("service",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each service that nothing refers to, in a file with a flow; other files are there for others."""
    if not any(isinstance(item, ast.FlowDecl) for item in file.items):
        return
    for item in file.items:
        if isinstance(item, ast.ServiceDecl) and is_unused(look, item, item.name.name):
            yield look.found(f"nothing in this file uses the service `{item.name.name}`", item.name, MAYBE_ELSEWHERE)

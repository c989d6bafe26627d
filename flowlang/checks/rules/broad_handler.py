"""A handler for every kind of error that puts a value in its place without a look at it."""

from __future__ import annotations

from flowlang.checks.bodies import takes_all
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "info"
SCOPE = "statement"
WORDS = ("catch{", "catch as", "catch + validation + fault + network")


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each `catch` without kinds and condition that yields, and whose error nobody reads."""
    for handler in step.clauses:
        if not isinstance(handler, ast.Catch) or not takes_all(handler) or handler.condition is not None:
            continue
        is_replaced = any(isinstance(each, ast.Yield) for each in handler.body.statements)
        if is_replaced and not _is_read(handler) and not look.is_broken(step):
            yield look.found(
                "this takes mistakes of the flow itself, `fault` and `validation`, for failures of the other side",
                handler,
                "name the kinds: `catch network, timeout, http`",
            )


def _is_read(handler: ast.Catch) -> bool:
    """Whether the error's name is used in the handler."""
    pending: list[object] = [handler.body]
    while handler.binding is not None and pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and node.name == handler.binding.name:
            return True
        if isinstance(node, tuple):
            pending.extend(node)
    return False

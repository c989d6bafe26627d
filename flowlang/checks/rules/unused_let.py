"""A `let` that nothing refers to."""

from __future__ import annotations

from flowlang.checks.bodies import is_unread
from flowlang.checks.removal import removal
from flowlang.checks.uses import is_in_hole, is_meant_in_item
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("let",)


def check(body: ast.Body, look: Look) -> Iterator[Diagnostic]:
    """Each let of a body that no expression names; in a flow with errors what did not parse may be its use."""
    for statement in body.statements:
        if type(statement) is not ast.Let or id(statement) in look.facts.used or look.is_broken(statement):
            continue
        if is_unread(statement, look):
            return
        name = statement.name.name
        if name.startswith("_") or is_in_hole(look, name, statement) or is_meant_in_item(look, statement, name):
            continue
        fixes = removal(look, statement, "remove it") if len(body.statements) > 1 else ()
        yield look.found(f"nothing uses `{name}`", statement.name, "remove it, or use it", fixes=fixes)

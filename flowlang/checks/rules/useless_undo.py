"""An `undo` on a step that does nothing."""

from __future__ import annotations

from flowlang.checks.sites import is_block, sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("undo",)


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each `undo` of a value that no action gives."""
    for clause in step.clauses:
        if isinstance(clause, ast.Undo):
            if is_block(step.value) or id(step) in look.facts.effects or look.is_broken(step):
                return
            if id(step) in sites(look).unclear:
                return
            yield look.found(
                "there is nothing to undo: the step calls nothing",
                clause,
                "write it behind the step whose effect it takes back; what follows a failure stands in a `catch`",
            )

"""`until … every 0s`: a poll without a pause."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("until + every 0", "until + every -", "until + for 0", "until + for -", "until + =0", "until + =-")


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each pause and each limit of a poll that is 0 or less."""
    for clause in step.clauses:
        if not isinstance(clause, ast.Until):
            continue
        if _is_nothing(clause.every, look):
            yield look.found(
                "this polls without a pause, as fast as the other side answers",
                clause.every or clause,
                "say how long to wait between two polls: `every 5s`",
            )
        if _is_nothing(clause.limit, look):
            yield look.found("this poll has ended before it begins", clause.limit or clause, "say how long: `for 10m`")


def _is_nothing(value: ast.Expr | None, look: Look) -> bool:
    time = constant(look.facts, value)
    return isinstance(time, int) and time <= 0

"""`@retry` whose attempts, should each run into its timeout, do not fit into the time they have together."""

from __future__ import annotations

from flowlang.checks.annotated import MANY, attempts, told
from flowlang.checks.budget import budgets
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@timeout + @retry", '@timeout + import "', '@retry + import "')


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each pair of a retry and a limit on it that the worst case exceeds."""
    for budget in budgets(look):
        # Too many attempts are `excessive-retry`.
        is_told = budget.never is not None or budget.is_inverted or attempts(budget.retry) > MANY
        if budget.limit < budget.worst and not is_told:
            yield look.found(
                f"{told(budget.retry, budget.attempt)}, {budget.whose} has {duration(budget.limit)}",
                budget.at,
                "allow more time, shorten the attempts with `@timeout`, or make fewer of them",
                budget.related(look),
            )

"""`@retry` whose later attempts can never begin: the waits before them use the time up."""

from __future__ import annotations

from flowlang.checks.annotated import waits
from flowlang.checks.budget import budgets
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("@timeout + @retry", '@timeout + import "', '@retry + import "')


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each limit that has passed before an attempt, however short the attempts before it were."""
    for budget in budgets(look):
        number = budget.never
        if number is None or budget.retry.values["delay"] > budget.retry.values["max_delay"]:  # `delay-above-cap`
            continue
        spent = sum(low for low, _ in waits(budget.retry)[: number - 1])
        yield look.found(
            f"attempt {number} can never start: the waits before it take at least {duration(spent)}, "
            f"{budget.whose} has {duration(budget.limit)}",
            budget.at,
            "shorten `delay` or `max_delay`, make fewer attempts, or allow more time",
            budget.related(look),
        )

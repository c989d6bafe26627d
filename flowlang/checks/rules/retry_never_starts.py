"""`@retry` whose later attempts can never begin: the waits before them, or for their turns, use the time up."""

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
        waited, spent = sum(low for low, _ in waits(budget.retry)[: number - 1]), budget.starts[number - 1]
        what, help = "the waits", "shorten `delay` or `max_delay`, make fewer attempts, or allow more time"
        if spent > waited and budget.rate is not None:
            rate = budget.rate.values
            what = f"the waits for the turns of {rate['calls']} per {duration(rate['per'])}"
            help = "make fewer attempts, or allow more time or more calls"
        yield look.found(
            f"attempt {number} can never start: {what} before it take at least {duration(spent)}, "
            f"{budget.whose} has {duration(budget.limit)}",
            budget.at,
            help,
            budget.related(look),
        )

"""A cron expression for an hour that does not exist, or comes twice, when clocks change."""

from __future__ import annotations

from flowlang.checks.triggers import crons
from flowlang.checks.zones import changes
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.cron import Cron
    from flowlang.checks.look import Look
    from flowlang.checks.zones import Change
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("cron + timezone",)
EVENING = 23 * 60


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each schedule with such a time; one that fires in every hour is left alone."""
    for each in crons(look):
        if each.zone in (None, "UTC") or each.cron.fields[1].startswith("*"):
            continue
        times = each.cron.times()
        if not any(time < 5 * 60 or time >= EVENING for time in times):
            continue
        found = changes(each.zone)
        if found is None:
            continue
        skipped, twice = (_hit(each.cron, times, change) for change in found)
        if skipped is not None or twice is not None:
            said = [f"{skipped} does not exist on the day when clocks go forward"] if skipped else []
            said += [f"{'it' if twice == skipped else twice} comes twice on the day when they go back"] if twice else []
            yield look.found(
                f"in {each.zone}, {', and '.join(said)}",
                each.schedule,
                "choose another hour, or count in `timezone='UTC'`",
            )


def _hit(cron: Cron, times: list[int], change: Change) -> str | None:
    """The first time of the schedule within a change."""
    if not cron.may_fire_on(change.month, change.days, change.weekday):
        return None
    hits = [time for time in times if change.start <= time < change.end]
    return f"{hits[0] // 60:02}:{hits[0] % 60:02}" if hits else None

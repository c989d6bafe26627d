"""A cron expression for a day that no month has."""

from __future__ import annotations

from flowlang.checks.triggers import crons
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("cron(",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each schedule without a date."""
    for each in crons(look):
        if each.cron.never_fires():
            yield look.found(
                f"this never fires: no month that it names has a day {min(each.cron.days)}",
                each.schedule,
                "the fields are minute, hour, day, month, weekday",
            )

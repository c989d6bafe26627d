"""Cron expressions of five fields as sets of numbers, and what follows: never, how often, and when clocks change.

The meaning is Debian's, which is cronsim's too: if day or weekday begins with `*` both must match, else either; a
step counts from the first number of its span, and to the end of the field from a single one. No clock is read:
whatever the day of the check, the answer is the same.
"""

from __future__ import annotations

from flowlang.record import Record
from flowlang.types.formats import cron_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LONGEST: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY: Final = 1440
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS: Final = "sun mon tue wed thu fri sat".split()
_WORDS: Final = {word: n for n, word in enumerate(_DAYS)} | {word: n for n, word in enumerate(_MONTHS, 1)}


class Cron(Record):
    """The numbers that each field allows; Sunday is 0. `fields`: as they are written."""

    __slots__ = ()

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    fields: tuple[str, ...]

    @property
    def needs_both(self) -> bool:
        """Whether day and weekday must both match."""
        return self.fields[2].startswith("*") or self.fields[4].startswith("*")

    def never_fires(self) -> bool:
        """Whether no month has such a day."""
        return self.needs_both and min(self.days) > max(LONGEST[month] for month in self.months)

    def times(self) -> list[int]:
        """The minutes of a day at which it fires, on the days on which it does."""
        return sorted(hour * 60 + minute for hour in self.hours for minute in self.minutes)

    def may_fire_on(self, month: int, days: frozenset[int], weekday: int) -> bool:
        """Whether it fires in some year on the one of those days of a month that is such a weekday."""
        day, week = bool(self.days & days), weekday in self.weekdays
        return month in self.months and ((day and week) if self.needs_both else (day or week))

    def shortest_gap(self) -> int:
        """The fewest minutes between two times at which it fires."""
        times = self.times()
        within = [later - times[i] for i, later in enumerate(times[1:])]
        return min([*within, times[0] + DAY * self._days_apart() - times[-1]])

    def _days_apart(self) -> int:
        """The fewest days from one on which it fires to the next."""
        if not self.needs_both:
            return 1
        weekdays, days = sorted(self.weekdays), sorted(self.days)
        by_week = min(b - a for a, b in zip(weekdays, [*weekdays[1:], weekdays[0] + 7], strict=True))
        by_month = min(b - a for a, b in zip(days, [*days[1:], days[0] + 28], strict=True)) if len(days) < 31 else 1
        return max(by_week, by_month, 1)


def read_cron(text: object) -> Cron | None:
    """Read an expression; null if it is not one."""
    if not isinstance(text, str) or cron_problem(text) is not None:
        return None
    fields = text.split()
    ranges = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    minutes, hours, days, months, weekdays = (
        _numbers(field.lower(), low, high) for field, (low, high) in zip(fields, ranges, strict=True)
    )
    return Cron(minutes, hours, days, months, frozenset(n % 7 for n in weekdays), tuple(fields))


def _numbers(field: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = low if span == "*" else _number(first)
        end = high if span == "*" or (slash and last in ("", first)) else _number(last) if dash else start
        found.update(range(start, end + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(word: str) -> int:
    return _WORDS[word] if word in _WORDS else int(word)

"""Time zones by name: whether there is one, and when its clocks change, from the database that ships as a package.

Only the rule at the end of a zone's file is read (RFC 8536, 3.3): what holds from now on. So an answer depends on the
package, never on the machine or the day.
"""

from __future__ import annotations

from importlib import import_module

from flowlang.checks.cron import LONGEST
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

DAY: Final = 1440
_NAME: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/")


class Change(Record):
    """A change of clocks: in a month, on a weekday (Sunday is 0) of these days, the minutes that are not or come
    twice, counted from that day's midnight.
    """

    __slots__ = ()

    month: int
    days: frozenset[int]
    weekday: int
    start: int
    end: int


def is_zone(name: str) -> bool:
    """Whether the database has a zone of the name."""
    return name == "UTC" or _file(name) is not None


def zone_names() -> list[str]:
    """The names of all zones."""
    content = _content("zones")
    return [] if content is None else content.decode().split()


def changes(name: str) -> tuple[Change, Change] | None:
    """What the clocks of a zone skip in spring and repeat in autumn; null if they never change."""
    content = _file(name)
    rule = b"" if content is None else content.rstrip(b"\n").rpartition(b"\n")[2]
    names, comma, dates = rule.decode("ascii", "replace").partition(",")
    if not comma or dates.count("M") != 2:
        return None
    saved = _saved(names)
    start, end = (_date(part) for part in dates.split(","))
    if saved < 0:  # Dublin's winter is the exception to its summer
        start, end, saved = end, start, -saved
    return _change(start, 0, saved), _change(end, -saved, 0)


def _change(date: tuple[int, int, int, int], first: int, last: int) -> Change:
    """The span beside an instant, on the day on which it begins: rules may count hours into the days around theirs."""
    month, week, weekday, minute = date
    moved, start = divmod(minute + first, DAY)
    end_of_month = LONGEST[month]
    earliest = (week - 1) * 7 + 1 if week < 5 else end_of_month - 6
    days = frozenset(range(earliest + moved, earliest + moved + 7))
    return Change(month, days, (weekday + moved) % 7, start, start + last - first)


def _date(rule: str) -> tuple[int, int, int, int]:
    """`M3.5.0/2`: month, week, weekday, minute of the day."""
    day, _, time = rule.partition("/")
    month, week, weekday = (int(each) for each in day[1:].split("."))
    return month, week, weekday, _minutes(time or "2")


def _minutes(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, _, rest = text.lstrip("+-").partition(":")
    return sign * (int(hours) * 60 + int(rest.partition(":")[0] or 0))


def _saved(names: str) -> int:
    """Minutes that the clocks go forward: `CET-1CEST` says 60."""
    parts: list[str] = []
    rest = names
    while rest:
        if rest[0] == "<":
            rest = rest.partition(">")[2]
        else:
            rest = rest.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        size = next((i for i, char in enumerate(rest) if char not in "+-:0123456789"), len(rest))
        parts.append(rest[:size])
        rest = rest[size:]
    if len(parts) < 2 or not parts[1]:
        return 60
    return _minutes(parts[0]) - _minutes(parts[1])


def _file(name: str) -> bytes | None:
    if not name or not _NAME.issuperset(name) or name.startswith("/") or name.endswith("/"):
        return None
    content = _content("zoneinfo/" + name)
    return content if content is not None and content.startswith(b"TZif") else None


def _content(path: str) -> bytes | None:
    """A file of the `tzdata` package, in a folder or an archive."""
    package: Any = import_module("tzdata")
    folder = package.__file__.rpartition("__init__")[0]
    try:
        found: bytes = package.__loader__.get_data(folder + path)
    except (OSError, ValueError):
        return None
    return found

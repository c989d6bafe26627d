"""Datetimes, dates and durations: `datetime()`, `date()`, `duration()` and the functions of `time`.

A time zone is a name of the IANA database as the machine has it. Patterns know the directives that mean the same
everywhere.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import bounded, number, text_of
from flowlang.runtime.operations import kind_word
from flowlang.types.formats import is_date
from flowlang.types.instants import from_micros, read_datetime, read_duration, to_micros, write_datetime

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DIRECTIVES: Final = frozenset("YmdHMSjaAbByIpfzZ%")


def to_datetime(value: Any) -> str:
    found = read_datetime(text_of(value, "datetime"))
    if found is None:
        raise fault(f"'{value[:40]}' is not a date and time with its zone")
    return found


def to_date(value: Any) -> str:
    text = text_of(value, "date")
    if is_date(text):
        return text
    found = read_datetime(text)
    if found is None:
        raise fault(f"'{text[:40]}' is not a date")
    return found[:10]


def to_duration(value: Any) -> int:
    found = read_duration(text_of(value, "duration"))
    if found is None:
        raise fault(f"'{value[:40]}' is not a duration")
    return found


def parts(at: str, timezone: str = "UTC") -> dict[str, object]:
    local = _local(at, timezone)
    return {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "hour": local.hour,
        "minute": local.minute,
        "second": local.second,
        "weekday": _WEEKDAYS[local.weekday()],
    }


def format_(at: str, pattern: str, timezone: str = "UTC") -> str:
    _check_pattern(pattern)
    return _local(at, timezone).strftime(pattern)


def parse(text: str, pattern: str, timezone: str = "UTC") -> str:
    _check_pattern(pattern)
    if "%Z" in pattern:
        raise fault("time.parse: `%Z` names no zone for sure; use `%z` or `timezone`")
    try:
        moment = datetime.strptime(text_of(text, "time.parse"), pattern)
    except (ValueError, re.error):  # a directive that stands there twice
        raise fault(f"'{text[:40]}' does not follow '{pattern[:40]}'") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(timezone))
    return _write(moment)


def start_of(at: str, unit: str, timezone: str = "UTC") -> str:
    local = _local(at, timezone)
    if unit == "minute":
        return _write(local.replace(second=0, microsecond=0))
    if unit == "hour":
        return _write(local.replace(minute=0, second=0, microsecond=0))
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "week":
        try:
            day -= timedelta(days=day.weekday())
        except OverflowError:
            raise fault("the result is outside the years 1 to 9999", code="overflow") from None
    elif unit in ("month", "year"):
        day = day.replace(day=1, month=1 if unit == "year" else day.month)
    return _write(day)


def to_timestamp(at: str) -> float:
    return _micros(at) / 1_000_000


def from_timestamp(seconds: Any) -> str:
    try:
        return from_micros(round(number(seconds, "time.from_timestamp") * 1_000_000))
    except OverflowError:
        raise fault("the result is outside the years 1 to 9999", code="overflow") from None


def seconds(of: Any) -> float:
    if of.__class__ is not int:
        raise fault(f"time.seconds wants a duration, not {kind_word(of)}")
    return float(bounded(of / 1_000_000))


def _micros(at: Any) -> int:
    try:
        return to_micros(text_of(at, "time"))
    except (ValueError, TypeError):
        raise fault(f"'{at[:40]}' is not a datetime") from None


def _local(at: Any, timezone: str) -> datetime:
    _micros(at)
    try:
        return datetime.fromisoformat(at).astimezone(_zone(timezone))
    except OverflowError:
        raise fault("the local time is outside the years 1 to 9999", code="overflow") from None


def _zone(name: str) -> Any:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise fault(f"there is no time zone '{name[:40]}'") from None


def _write(moment: datetime) -> str:
    try:
        return write_datetime(moment)
    except OverflowError:
        raise fault("the result is outside the years 1 to 9999", code="overflow") from None


def _check_pattern(pattern: str) -> None:
    if len(pattern) > 200:
        raise fault("the pattern is longer than 200 characters", code="limit")
    at = pattern.find("%")
    while at >= 0:
        if pattern[at + 1 : at + 2] not in _DIRECTIVES or at + 1 == len(pattern):
            raise fault(f"the pattern has `{pattern[at : at + 2]}`, which is no directive")
        at = pattern.find("%", at + 2)


FUNCTIONS: Final[dict[str, Function]] = {
    "datetime": to_datetime,
    "date": to_date,
    "duration": to_duration,
    "time.parts": parts,
    "time.format": format_,
    "time.parse": parse,
    "time.start_of": start_of,
    "time.to_timestamp": to_timestamp,
    "time.from_timestamp": from_timestamp,
    "time.seconds": seconds,
}

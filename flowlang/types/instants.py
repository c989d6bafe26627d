"""Datetimes, dates and durations as run-time values: reading what JSON edges send, writing what they expect.

A datetime is RFC 3339 UTC text with six decimals and `Z`, so that text order is time order; a date is ISO text; a
duration is an int of microseconds, ISO 8601 text at JSON edges and `1h30m` in text for people. Months and years are no
durations.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flowlang.types.formats import is_date_time

DAY: Final = 86_400_000_000
_UNITS: Final = (("d", DAY), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1))
_ISO: Final = {"D": DAY, "H": 3_600_000_000, "M": 60_000_000, "S": 1_000_000}
_SHORTEST: Final = -(2**63)
_LONGEST: Final = 2**63 - 1


def read_datetime(text: str) -> str | None:
    """Bring RFC 3339 text to UTC with six decimals; null if it is none, has no zone, or leaves the years 1 to 9999."""
    if len(text) == 27 and text[4::3][:2] == "--" and text[10::3][:4] == "T::." and text[-1] == "Z" and text.isascii():
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        return text
    if not is_date_time(text):
        return None
    try:
        return write_datetime(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        return None


def write_datetime(moment: datetime) -> str:
    """Write an aware datetime as a run-time value."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_micros(text: str) -> int:
    """The microseconds since the epoch of a run-time datetime."""
    moment = datetime.fromisoformat(text)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(micros: int) -> str:
    """The run-time datetime of microseconds since the epoch; OverflowError outside the years 1 to 9999."""
    seconds, rest = divmod(micros, 1_000_000)
    try:
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
    except (ValueError, OSError) as error:
        raise OverflowError(str(error)) from None
    return write_datetime(moment)


def read_duration(text: str) -> int | None:
    """Read ISO 8601 (`PT1H30M`, `P2DT0.5S`, `P1W`) or the language's spelling (`1.5h`, `1h30m`); null if it is
    neither.
    """
    body = text.strip()
    sign = 1
    if body[:1] in ("-", "+"):
        sign = -1 if body[0] == "-" else 1
        body = body[1:]
    found = _read_iso(body[1:]) if body[:1] in ("P", "p") else _read_units(body)
    return sign * found if found is not None and _SHORTEST <= sign * found <= _LONGEST else None


def write_duration(micros: int) -> str:
    """Write ISO 8601 text: `PT1H30M`, `P2DT0.5S`, `PT0S`."""
    sign, left = ("-", -micros) if micros < 0 else ("", micros)
    days, left = divmod(left, DAY)
    hours, left = divmod(left, 3_600_000_000)
    minutes, left = divmod(left, 60_000_000)
    seconds, fraction = divmod(left, 1_000_000)
    time = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
    if fraction:
        time += f"{seconds}.{fraction:06d}".rstrip("0") + "S"
    elif seconds:
        time += f"{seconds}S"
    date = f"{days}D" * bool(days)
    return f"{sign}P{date}" + (f"T{time}" if time else "" if date else "T0S")


def show_duration(micros: int) -> str:
    """Write a duration for people, as the language spells it: `30s`, `1h30m`, `250ms`, `0s`."""
    if micros == 0:
        return "0s"
    sign, left = ("-", -micros) if micros < 0 else ("", micros)
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts)


def _read_iso(body: str) -> int | None:
    date, t, time = body.upper().partition("T")
    if (t and not time) or not body:
        return None
    if date.endswith("W"):
        weeks = _scaled(date[:-1], 7 * DAY)
        return weeks if not t else None
    days = 0
    if date:
        found = _scaled(date[:-1], DAY) if date[-1] == "D" else None
        if found is None:
            return None
        days = found
    rest = _sum(time, "HMS", _ISO) if time else 0
    return None if rest is None else days + rest


def _sum(text: str, order: str, sizes: dict[str, int]) -> int | None:
    total, number, last = 0, "", -1
    for char in text:
        if char in "0123456789.,":
            number += "." if char == "," else char
            continue
        at = order.find(char)
        part = _scaled(number, sizes[char]) if at > last else None
        if part is None:
            return None
        total, number, last = total + part, "", at
    return None if number else total


def _read_units(text: str) -> int | None:
    sizes = dict(_UNITS)
    total, at, last = 0, 0, -1
    names = [name for name, _ in _UNITS]
    while at < len(text):
        start = at
        while at < len(text) and text[at] in "0123456789.":
            at += 1
        number, start = text[start:at], at
        while at < len(text) and text[at].isalpha():
            at += 1
        unit = text[start:at]
        if unit not in sizes or names.index(unit) <= last:
            return None
        part = _scaled(number, sizes[unit])
        if part is None:
            return None
        total, last = total + part, names.index(unit)
    return total if text else None


def _scaled(number: str, size: int) -> int | None:
    """A decimal number times a size, exact; null if it is no number or finer than a microsecond."""
    whole, dot, fraction = number.partition(".")
    if (
        not (whole or fraction)
        or len(number) > 30
        or not (whole + fraction).isdecimal()
        or not (whole + fraction).isascii()
    ):
        return None
    if dot and not fraction:
        return None
    value, rest = divmod(int(whole + fraction) * size, 10 ** len(fraction))
    return value if not rest else None

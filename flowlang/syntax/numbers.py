"""Reading numbers and durations, and saying what is wrong with what only looks like one.

An int fits 64 bits, a float is finite, a duration is a whole number of microseconds that fits 64 bits.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.lexing import duration, integer, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.parser import Parser

LARGEST = 2**63 - 1
UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
UNITS_ELSEWHERE = {
    **dict.fromkeys(("msec", "msecs", "millis", "milliseconds"), (1, "ms")),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), (1, "s")),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), (1, "m")),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), (1, "h")),
    **dict.fromkeys(("day", "days"), (1, "d")),
    **dict.fromkeys(("w", "week", "weeks"), (7, "d")),
}
"""How units are spelt elsewhere: how many of which of ours."""
NAME = "a name begins with a letter or `_`"
LONGEST = 40
"""Characters of a spelling that is guessed at."""
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_is_like_name = patterns.compile(r"[0-9]+(?:st|nd|rd|th|[A-Za-z]\w*_\w*|_\w*[A-Za-z]\w*)\Z").match
_WHY = "the units of a duration are ms, s, m, h and d"
_INFINITY = float("inf")


def read_number(p: Parser, start: int, spelling: str) -> tuple[str, ast.Expr]:
    """Make the node and name its terminal; a number that is refused is reported, and stands for any value."""
    end = start + len(spelling)
    if integer(spelling):
        value = int(spelling) if len(spelling) < 20 else LARGEST + 1
        if value > LARGEST:
            p.report(
                "number-too-large",
                "an int has at most 64 bits",
                start,
                end,
                f"the largest is {LARGEST}; write it as text if it is an id",
            )
            return "NUMBER", ast.BrokenExpr(start, end)
        return "NUMBER", ast.Literal(start, end, value)
    if number(spelling):
        inexact = float(spelling)
        if inexact == _INFINITY:
            p.report("number-too-large", "a float is smaller than 1.8e308", start, end)
            return "NUMBER", ast.BrokenExpr(start, end)
        return "NUMBER", ast.Literal(start, end, inexact)
    found = duration(spelling)
    if found:
        microseconds, rest = _microseconds(*found.groups(""))
        if not rest and microseconds <= LARGEST:
            return "DURATION", ast.Duration(start, end, microseconds, spelling)
        if rest:
            p.report("bad-number", "a duration is a whole number of microseconds", start, end)
            return "DURATION", ast.Duration(start, end, microseconds, spelling)
        p.report("number-too-large", "a duration has at most 64 bits of microseconds", start, end)
        return "DURATION", ast.BrokenExpr(start, end)
    _refuse(p, start, spelling)
    return "NUMBER", ast.BrokenExpr(start, end)


def is_number(spelling: str) -> bool:
    """Whether a spelling is a number or a duration that nothing is wrong with."""
    if integer(spelling):
        return len(spelling) < 20 and int(spelling) <= LARGEST
    if number(spelling):
        return float(spelling) < _INFINITY
    found = duration(spelling)
    microseconds, rest = _microseconds(*found.groups("")) if found else (0, 1)
    return not rest and microseconds <= LARGEST


def _microseconds(whole: str, fraction: str, unit: str) -> tuple[int, int]:
    """A duration, and what is left over of one that is no whole number of microseconds."""
    if len(whole) >= 20 or len(fraction) >= 20:
        return LARGEST + 1, 0
    scale: int = 10 ** len(fraction)
    return divmod(int(whole + fraction) * UNITS[unit], scale)


def _refuse(p: Parser, start: int, spelling: str) -> None:
    """Report what only looks like a number, with what it was meant to be where that is plain."""
    end = start + len(spelling)
    if is_refused(p, start):
        return
    clock = patterns.compile(_TIME).match(p.text, start)
    if clock is not None:
        meant = f"'{clock[0]}'"
        fix = Fix(f"write `{meant}`", (Edit(Span(p.path, *clock.span()), meant),))
        message, help = f"`{clock[0]}` is not a number", f"a time of day is a text: `{meant}`"
        p.report("bad-number", message, *clock.span(), help, (fix,))
        return
    day = _day_around(p.text, start, end)
    if day is not None:
        begin, stop = day
        if begin + 5 == start or integer(p.text[begin + 5 : begin + 7]):  # its month and its day may both be refused
            what, meant = _as_time(p.text[begin:stop])
            fix = Fix(f"write `{meant}`", (Edit(Span(p.path, begin, stop), meant),), f"{p.text[begin:stop]}'" in meant)
            message = f"`{p.text[begin:stop]}` is not a number"
            p.report("bad-number", message, begin, stop, f"{what} is written `{meant}`", (fix,))
        return
    meant = _meant(spelling)
    if not meant and _is_like_name(spelling):
        p.report("bad-name", f"`{_short(spelling)}` is not a name", start, end, NAME)
        return
    help = f"write `{meant}`: {_WHY}" if meant and spelling[-1:].isalpha() else f"write `{meant}`"
    fixes = (Fix(f"write `{meant}`", (Edit(Span(p.path, start, end), meant),)),) if meant else ()
    message = f"`{_short(spelling)}` is not a number"
    p.report("bad-number", message, start, end, help if meant else _hint(spelling), fixes)


def is_refused(p: Parser, at: int) -> bool:
    """Whether a place is inside of what was refused last, as one number."""
    found = p.diagnostics[-1] if p.diagnostics else None
    return found is not None and found.rule == "bad-number" and found.span.start < at < found.span.end


def _day_around(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The place of `2026-01-31`, or `2026-01-31T09:00:00Z`, if a number is its month or its day."""
    day = patterns.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]{_TIME})?(?![\w.-])").match
    for begin in (start - 5, start - 8):
        found = day(text, begin) if begin >= 0 else None
        if found is not None and end <= found.end() and not _word_before(text, begin):
            return found.span()
    return None


def _as_time(spelling: str) -> tuple[str, str]:
    """What a day, or an instant whose zone may be missing, is, and how it is written."""
    if len(spelling) == len("2026-01-31"):
        return "a day", f"date('{spelling}')"
    spelling = spelling.replace(" ", "T")
    zone = "" if spelling[-1] == "Z" or spelling[-6] in "+-" else "Z"
    return "an instant", f"datetime('{spelling}{zone}')"


def _word_before(text: str, at: int) -> bool:
    return at > 0 and (text[at - 1].isalnum() or text[at - 1] in "_.-")


def _meant(spelling: str) -> str:
    """What a spelling means elsewhere, in ours; '' if that is not plain, or too large. Python refuses to read those of
    any length.
    """
    if spelling in ("4xx", "5xx"):
        return f"'{spelling}'"
    meant = _number_meant(spelling) if len(spelling) <= LONGEST else ""
    return meant if is_number(meant) else ""


def _number_meant(spelling: str) -> str:
    parts = _durations_in(spelling)
    if len(parts) > 1:
        return _in_one_unit(parts)
    if "_" in spelling and integer(spelling.replace("_", "")):
        return spelling.replace("_", "")
    if spelling[:2] in ("0x", "0X", "0b", "0B", "0o", "0O"):
        try:
            return str(int(spelling, 0))
        except ValueError:
            return ""
    digits = spelling.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    count, unit = UNITS_ELSEWHERE.get(spelling[len(digits) :].lower(), (1, ""))
    if not unit or not number(digits) or (count > 1 and not integer(digits)):
        return ""
    return f"{int(digits) * count if count > 1 else digits}{unit}"


def _in_one_unit(parts: list[str]) -> str:
    """A duration of several parts in the smallest unit among them; '' where a part is no whole number of it."""
    found = [duration(part) for part in parts]
    read = [each.groups("") for each in found if each is not None]
    smallest = min((unit for _, _, unit in read), key=UNITS.__getitem__)
    if any(fraction for _, fraction, _ in read):
        return ""
    return f"{sum(int(whole) * UNITS[unit] for whole, _, unit in read) // UNITS[smallest]}{smallest}"


def _hint(spelling: str) -> str:
    parts = _durations_in(spelling)
    if len(parts) > 1 and all(map(is_number, parts)):
        return f"add the parts: `{' + '.join(parts)}`"
    if spelling.isdigit():
        plain = spelling.lstrip("0") or "0"
        return f"write it without leading zeros: `{plain}`; a code with leading zeros is a text: `'{spelling}'`"
    digits = spelling.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
    if digits and digits != spelling and number(digits):
        return "the units of a duration are ms, s, m, h and d: `250ms`, `1.5h`"
    return "numbers are written as in JSON: `12`, `0.5`, `1e6`"


def _durations_in(spelling: str) -> list[str]:
    """`1h30m` as its parts; empty if it is anything else."""
    parts, begin = [], 0
    for index, char in enumerate(spelling):
        following = spelling[index + 1 : index + 2]
        if not (char.isdigit() or char == ".") and (not following or following.isdigit()):
            parts.append(spelling[begin : index + 1])
            begin = index + 1
    return parts if begin == len(spelling) and all(map(duration, parts)) else []


def _short(spelling: str) -> str:
    return spelling if len(spelling) <= 40 else spelling[:37] + "…"

"""Reading numbers and durations, and saying what is wrong with what only looks like one.

An int fits 64 bits, a float is finite, a duration is a whole number of microseconds that fits 64 bits.
"""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.syntax.lexing import duration, integer, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.parser import Parser

LARGEST = 2**63 - 1
UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
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
        whole, fraction, unit = found.groups("")
        if len(whole) < 20 and len(fraction) < 20:
            microseconds, rest = divmod(int(whole + fraction) * UNITS[unit], 10 ** len(fraction))
            if not rest and microseconds <= LARGEST:
                return "DURATION", ast.Duration(start, end, microseconds, spelling)
            if rest:
                p.report("bad-number", "a duration is a whole number of microseconds", start, end)
                return "DURATION", ast.Duration(start, end, microseconds, spelling)
        p.report("number-too-large", "a duration has at most 64 bits of microseconds", start, end)
        return "DURATION", ast.BrokenExpr(start, end)
    p.report("bad-number", f"`{_short(spelling)}` is not a number", start, end, _hint(spelling))
    return "NUMBER", ast.BrokenExpr(start, end)


def _hint(spelling: str) -> str:
    parts = _durations_in(spelling)
    if len(parts) > 1:
        return f"add the parts: `{' + '.join(parts)}`"
    if "_" in spelling and integer(spelling.replace("_", "")):
        return f"write it without underscores: `{spelling.replace('_', '')}`"
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

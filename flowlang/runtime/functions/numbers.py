"""Numbers: prelude and `math`. Ints are of 64 bits, floats finite; what leaves them faults."""

from __future__ import annotations

import math
import statistics
from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import bounded, list_of, number, reader


def absolute(x: Any) -> Any:
    return bounded(abs(number(x, "abs")))


def round_(value: Any, precision: int = 0, method: str = "common") -> float:
    """As Jinja2's, and always a float."""
    value = number(value, "round")
    try:
        if method == "common":
            return float(bounded(float(round(value, precision))))
        move = math.ceil if method == "ceil" else math.floor
        return float(bounded(move(value * (10**precision)) / (10**precision)))
    except OverflowError:
        raise fault("the result is not a finite number", code="overflow") from None


def sum_(iterable: Any, attribute: str | None = None, start: Any = None) -> Any:
    get = reader(attribute)
    total = 0 if start is None else number(start, "sum")
    for item in list_of(iterable, "sum"):
        total += number(get(item), "sum")
    return bounded(total)


def avg(xs: Any) -> float | None:
    values = _numbers(xs, "avg")
    return float(bounded(math.fsum(values) / len(values))) if values else None


def to_int(value: Any, default: int = 0, base: int = 10) -> Any:
    """As Jinja2's: text in a base, else as a float cut off, else the default."""
    if value is None or isinstance(value, (list, dict)):
        return default
    try:
        return bounded(int(value, base) if isinstance(value, str) else int(value))
    except ValueError:
        pass
    try:
        return bounded(int(float(value)))
    except (ValueError, OverflowError):
        return default


def to_float(value: Any, default: float = 0.0) -> float:
    """As Jinja2's; text that names no finite number gives the default."""
    if value is None or isinstance(value, (list, dict)):
        return default
    try:
        found = float(value)
    except ValueError:
        return default
    return found if math.isfinite(found) else default


def floor(x: Any) -> int:
    return int(bounded(math.floor(number(x, "floor"))))


def ceil(x: Any) -> int:
    return int(bounded(math.ceil(number(x, "ceil"))))


def trunc(x: Any) -> int:
    return int(bounded(math.trunc(number(x, "trunc"))))


def sqrt(x: Any) -> float:
    if number(x, "sqrt") < 0:
        raise fault("a negative number has no square root")
    return math.sqrt(x)


def exp(x: Any) -> float:
    try:
        return math.exp(number(x, "exp"))
    except OverflowError:
        raise fault("the result is not a finite number", code="overflow") from None


def log(x: Any, base: Any = None) -> float:
    try:
        if base is None:
            return math.log(number(x, "log"))
        return math.log(number(x, "log"), number(base, "log"))
    except (ValueError, ZeroDivisionError):
        raise fault("the logarithm wants a positive number and a positive base other than 1") from None


def clamp(x: Any, low: Any, high: Any) -> Any:
    if number(low, "clamp") > number(high, "clamp"):
        raise fault("clamp: low is more than high")
    return low if number(x, "clamp") < low else high if x > high else x


def sign(x: Any) -> int:
    return int(number(x, "sign") > 0) - int(x < 0)


def median(xs: Any) -> float | None:
    values = _numbers(xs, "median")
    return float(bounded(float(statistics.median(values)))) if values else None


def deviation(xs: Any) -> float | None:
    """The standard deviation of a whole population."""
    values = _numbers(xs, "deviation")
    if not values:
        return None
    mean = math.fsum(values) / len(values)
    try:
        return float(bounded(math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))))
    except OverflowError:
        raise fault("the result is not a finite number", code="overflow") from None


def _numbers(xs: Any, what: str) -> list[Any]:
    return [number(x, what) for x in list_of(xs, what)]


FUNCTIONS: Final[dict[str, Function]] = {
    "abs": absolute,
    "round": round_,
    "sum": sum_,
    "avg": avg,
    "int": to_int,
    "float": to_float,
    "math.floor": floor,
    "math.ceil": ceil,
    "math.trunc": trunc,
    "math.sqrt": sqrt,
    "math.exp": exp,
    "math.log": log,
    "math.clamp": clamp,
    "math.sign": sign,
    "math.median": median,
    "math.deviation": deviation,
}

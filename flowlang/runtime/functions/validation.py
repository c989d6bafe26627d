"""`validate`: questions about values, decided by the same functions that decide `string(format='…')`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import map_of, number, text_of
from flowlang.types.formats import FORMATS


def range_(x: Any, low: Any = None, high: Any = None) -> bool:
    value = number(x, "validate.range")
    if low is not None and value < number(low, "validate.range"):
        return False
    return high is None or bool(value <= number(high, "validate.range"))


def missing(of: Any, keys: list[str]) -> list[str]:
    have = map_of(of, "validate.missing")
    return [key for key in keys if have.get(key) is None or have.get(key) == ""]


def _format(name: str) -> Callable[[Any], bool]:
    accepts = FORMATS[name][0]

    def ask(text: Any) -> bool:
        return accepts(text_of(text, f"validate.{name}"))

    return ask


FUNCTIONS: Final[dict[str, Function]] = {
    "validate.email": _format("email"),
    "validate.url": _format("url"),
    "validate.uri": _format("uri"),
    "validate.uuid": _format("uuid"),
    "validate.hostname": _format("hostname"),
    "validate.ipv4": _format("ipv4"),
    "validate.ipv6": _format("ipv6"),
    "validate.date": _format("date"),
    "validate.datetime": _format("date-time"),
    "validate.range": range_,
    "validate.missing": missing,
}

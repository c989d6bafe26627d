"""Questions every function asks of run-time values: how they read as text, whether they are the same, which comes
first.

1 and 1.0 are the same, 1 and true are not. `attribute=` reads softly: what is absent, or beneath none, is none. Only
values of one kind have an order: numbers, texts or bools; upper and lower case are alike unless asked otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any

from flowlang.runtime.errors import fault
from flowlang.runtime.operations import is_number, kind_word
from flowlang.types.constraints import INT_MAX, INT_MIN


def write_json(value: Any, indent: int | None = None, *, sort_keys: bool = False) -> str:
    """JSON text as people read it: letters as they are, a blank behind `,` and `:`."""
    return json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort_keys, allow_nan=False)


def read(item: Any, names: list[str]) -> Any:
    """What `attribute='a.b'` reads of an item."""
    for name in names:
        if item.__class__ is dict or isinstance(item, dict):
            item = item.get(name)
        elif item.__class__ is list and name.isdecimal():
            item = item[int(name)] if int(name) < len(item) else None
        else:
            return None
    return item


def reader(path: str | None) -> Callable[[Any], Any]:
    """The function that reads an attribute; the item itself for none."""
    if path is None:
        return lambda item: item
    names = path.split(".")
    if len(names) == 1:
        return lambda item: item.get(path) if isinstance(item, dict) else read(item, names)
    return lambda item: read(item, names)


def identity(value: Any, *, fold: bool = False) -> Any:
    """A hashable that is equal for the same values only; with `fold`, texts that differ in case are the same."""
    kind = value.__class__
    if kind is str:
        return value.lower() if fold else value
    if kind is bool:
        return (bool, value)
    if kind is int or kind is float or value is None:
        return value
    if kind is list:
        return (list, tuple(identity(v) for v in value))
    return (dict, frozenset((k, identity(v)) for k, v in value.items()))


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same."""
    return bool(identity(a) == identity(b))


def order_keys(values: list[Any], *, fold: bool, what: str) -> list[Any]:
    """Keys that bring values of one kind into order; faults where there is none."""
    kinds = {_order_kind(value) for value in values}
    if None in kinds:
        odd = next(value for value in values if _order_kind(value) is None)
        raise fault(f"{what}: {kind_word(odd)} has no order")
    if len(kinds) > 1:
        raise fault(f"{what}: {' and '.join(sorted(str(k) for k in kinds))} have no common order")
    return [value.lower() for value in values] if fold and kinds == {"text"} else values


def _order_kind(value: Any) -> str | None:
    if value.__class__ is str:
        return "text"
    if is_number(value):
        return "numbers"
    return "bools" if value.__class__ is bool else None


def number(value: Any, what: str) -> Any:
    """The value if it is a number."""
    if not is_number(value):
        raise fault(f"{what} wants numbers, not {kind_word(value)}")
    return value


def bounded(value: Any) -> Any:
    """A computed number if a run-time value may hold it."""
    if value.__class__ is int:
        if INT_MIN <= value <= INT_MAX:
            return value
        raise fault("the result does not fit an int of 64 bits", code="overflow")
    if isfinite(value):
        return value
    raise fault("the result is not a finite number", code="overflow")


def list_of(value: Any, what: str) -> list[Any]:
    """The value if it is a list."""
    if value.__class__ is not list:
        raise fault(f"{what} wants a list, not {kind_word(value)}")
    return value


def map_of(value: Any, what: str) -> dict[str, Any]:
    """The value if it is a map."""
    if not isinstance(value, dict):
        raise fault(f"{what} wants a map, not {kind_word(value)}")
    return value


def text_of(value: Any, what: str) -> str:
    """The value if it is text."""
    if value.__class__ is not str:
        raise fault(f"{what} wants text, not {kind_word(value)}")
    return value

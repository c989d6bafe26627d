"""Lists: cutting, choosing, ordering, grouping. Every result is a new list; nothing is lazy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby as _runs
from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.caps import allow_items, allow_text
from flowlang.runtime.functions.naming import Function, filter_named, known, test_named
from flowlang.runtime.functions.values import identity, list_of, order_keys, reader
from flowlang.runtime.operations import kind_word
from flowlang.runtime.show import show as to_text

Find = Callable[[str], Function]


def length(value: Any) -> int:
    if isinstance(value, (list, dict, str)):
        return len(value)
    raise fault(f"{kind_word(value)} has no length")


def first(seq: Any) -> Any:
    return next(iter(list_of(seq, "first")), None)


def last(seq: Any) -> Any:
    items = list_of(seq, "last")
    return items[-1] if items else None


def default(value: Any, default_value: Any, boolean: bool = False) -> Any:
    return default_value if value is None or (boolean and not value) else value


def list_(value: Any) -> list[Any]:
    return list_of(value, "list")


def reverse(value: Any) -> list[Any]:
    return list_of(value, "reverse")[::-1]


def compact(xs: Any) -> list[Any]:
    return [x for x in list_of(xs, "compact") if x is not None]


def flatten(xs: Any) -> list[Any]:
    parts = [list_of(x, "flatten") for x in list_of(xs, "flatten")]
    allow_items(sum(map(len, parts)))
    return [item for part in parts for item in part]


def zip_(first: Any, second: Any) -> list[Any]:
    pairs = zip(list_of(first, "zip"), list_of(second, "zip"), strict=False)
    return [{"first": a, "second": b} for a, b in pairs]


def range_(start: int, stop: int | None = None, step: int = 1) -> list[int]:
    if step == 0:
        raise fault("range cannot step by 0")
    numbers = range(start) if stop is None else range(start, stop, step)
    if stop is None and step != 1:
        numbers = range(0, start, step)
    allow_items(_size(numbers))
    return list(numbers)


def batch(value: Any, linecount: int, fill_with: Any = None) -> list[Any]:
    items = list_of(value, "batch")
    lines = [items[at : at + linecount] for at in range(0, len(items), linecount)]
    if fill_with is not None and lines:
        lack = linecount - len(lines[-1])
        allow_items(lack)
        lines[-1] = lines[-1] + [fill_with] * lack
    return lines


def slice_(value: Any, slices: int, fill_with: Any = None) -> list[Any]:
    items = list_of(value, "slice")
    allow_items(slices)
    each, longer = divmod(len(items), slices)
    parts, at = [], 0
    for index in range(slices):
        end = at + each + (index < longer)
        part = items[at:end]
        if fill_with is not None and index >= longer:
            part = [*part, fill_with]
        parts.append(part)
        at = end
    return parts


def join(value: Any, d: str = "", attribute: str | None = None) -> str:
    get = reader(attribute)
    parts = []
    for index, item in enumerate(list_of(value, "join")):
        part = get(item)
        if part is None:
            raise fault(f"join: item {index} is none")
        parts.append(to_text(part))
    allow_text(sum(map(len, parts)) + len(d) * max(len(parts) - 1, 0))
    return d.join(parts)


def map_(
    value: Any,
    filter: str | None = None,
    argument: Any = None,
    attribute: str | None = None,
    *,
    find: Find = known,
) -> list[Any]:
    items = list_of(value, "map")
    if attribute is not None:
        get = reader(attribute)
        items = [get(item) for item in items]
    if filter is None:
        return items
    act = find(filter_named(filter))
    return [act(item) for item in items] if argument is None else [act(item, argument) for item in items]


def select(value: Any, test: str | None = None, argument: Any = None, *, find: Find = known) -> list[Any]:
    return _choose(value, None, test, argument, find, wanted=True)


def reject(value: Any, test: str | None = None, argument: Any = None, *, find: Find = known) -> list[Any]:
    return _choose(value, None, test, argument, find, wanted=False)


def selectattr(
    value: Any, attribute: str, test: str | None = None, argument: Any = None, *, find: Find = known
) -> list[Any]:
    return _choose(value, attribute, test, argument, find, wanted=True)


def rejectattr(
    value: Any, attribute: str, test: str | None = None, argument: Any = None, *, find: Find = known
) -> list[Any]:
    return _choose(value, attribute, test, argument, find, wanted=False)


def _choose(
    value: Any, attribute: str | None, test: str | None, argument: Any, find: Find, *, wanted: bool
) -> list[Any]:
    get = reader(attribute)
    items = list_of(value, "select" if wanted else "reject")
    if test is None:
        return [item for item in items if bool(get(item)) is wanted]
    ask = find(test_named(test))
    if argument is None and not _takes_two(test):
        return [item for item in items if ask(get(item)) is wanted]
    return [item for item in items if ask(get(item), argument) is wanted]


def _takes_two(test: str) -> bool:
    """Whether a test compares with an argument, which may be none."""
    return test in ("eq", "equalto", "ne", "lt", "le", "gt", "ge", "lessthan", "greaterthan", "divisibleby", "in")


def sort(value: Any, reverse: bool = False, case_sensitive: bool = False, attribute: str | None = None) -> list[Any]:
    items = list_of(value, "sort")
    if attribute is None or "," not in attribute:
        keys = _keys(items, attribute, case_sensitive, "sort")
    else:
        columns = [_keys(items, name.strip(), case_sensitive, "sort") for name in attribute.split(",")]
        keys = list(zip(*columns, strict=True))
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return [items[index] for index in order]


def min_(value: Any, case_sensitive: bool = False, attribute: str | None = None) -> Any:
    items = list_of(value, "min")
    keys = _keys(items, attribute, case_sensitive, "min")
    return items[min(range(len(items)), key=keys.__getitem__)] if items else None


def max_(value: Any, case_sensitive: bool = False, attribute: str | None = None) -> Any:
    items = list_of(value, "max")
    keys = _keys(items, attribute, case_sensitive, "max")
    return items[max(range(len(items)), key=keys.__getitem__)] if items else None


def groupby(value: Any, attribute: str, case_sensitive: bool = False) -> list[Any]:
    """Groups in order of the attribute; a group's name is that of its first item, as Jinja2 has it."""
    items = list_of(value, "groupby")
    get = reader(attribute)
    keys = _keys(items, attribute, case_sensitive, "groupby")
    order = sorted(range(len(items)), key=keys.__getitem__)
    groups = []
    for _, run in _runs(order, key=keys.__getitem__):
        members = [items[index] for index in run]
        groups.append({"grouper": get(members[0]), "list": members})
    return groups


def unique(value: Any, case_sensitive: bool = False, attribute: str | None = None) -> list[Any]:
    get = reader(attribute)
    seen = set()
    kept = []
    for item in list_of(value, "unique"):
        key = identity(get(item), fold=not case_sensitive)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _keys(items: list[Any], attribute: str | None, case_sensitive: bool, what: str) -> list[Any]:
    get = reader(attribute)
    return order_keys([get(item) for item in items], fold=not case_sensitive, what=what)


def _size(numbers: range) -> int:
    """How many numbers; `len` refuses what exceeds the machine's word."""
    try:
        return len(numbers)
    except OverflowError:
        return 2**63


FUNCTIONS: Final[dict[str, Function]] = {
    "length": length,
    "count": length,
    "first": first,
    "last": last,
    "default": default,
    "d": default,
    "list": list_,
    "reverse": reverse,
    "compact": compact,
    "flatten": flatten,
    "zip": zip_,
    "range": range_,
    "batch": batch,
    "slice": slice_,
    "join": join,
    "map": map_,
    "select": select,
    "reject": reject,
    "selectattr": selectattr,
    "rejectattr": rejectattr,
    "sort": sort,
    "min": min_,
    "max": max_,
    "groupby": groupby,
    "unique": unique,
}

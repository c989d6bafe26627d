"""Maps: keys, values, choosing and renaming keys. Every result is a new map with the order of its input."""

from __future__ import annotations

from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import map_of, order_keys


def get(m: Any, key: str) -> Any:
    return map_of(m, "get").get(key)


def keys(value: Any) -> list[str]:
    return list(map_of(value, "keys"))


def values(value: Any) -> list[Any]:
    return list(map_of(value, "values").values())


def items(value: Any) -> list[Any]:
    return [{"key": k, "value": v} for k, v in map_of(value, "items").items()]


def dictsort(value: Any, case_sensitive: bool = False, by: str = "key", reverse: bool = False) -> list[Any]:
    entries = items(map_of(value, "dictsort"))
    order = order_keys([entry[by] for entry in entries], fold=not case_sensitive, what="dictsort")
    return [entries[at] for at in sorted(range(len(entries)), key=order.__getitem__, reverse=reverse)]


def pick(m: Any, keys: list[str]) -> dict[str, Any]:
    wanted = set(keys)
    return {k: v for k, v in map_of(m, "pick").items() if k in wanted}


def omit(m: Any, keys: list[str]) -> dict[str, Any]:
    unwanted = set(keys)
    return {k: v for k, v in map_of(m, "omit").items() if k not in unwanted}


def rename(m: Any, names: dict[str, str]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for key, value in map_of(m, "rename").items():
        name = names.get(key, key)
        if name in renamed:
            raise fault(f"rename: two keys become `{name}`")
        renamed[name] = value
    return renamed


def merge(first: Any, second: Any, deep: bool = False) -> dict[str, Any]:
    merged = dict(map_of(first, "merge"))
    for key, value in map_of(second, "merge").items():
        old = merged.get(key)
        if deep and isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merge(old, value, True)
        else:
            merged[key] = value
    return merged


FUNCTIONS: Final[dict[str, Function]] = {
    "get": get,
    "keys": keys,
    "values": values,
    "items": items,
    "dictsort": dictsort,
    "pick": pick,
    "omit": omit,
    "rename": rename,
    "merge": merge,
}

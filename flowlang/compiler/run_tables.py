"""The tables of a `flowlang.toml` that are for runs: what may stand in them. Who checks is told of what is wrong there,
as who runs is.
"""

from __future__ import annotations

import os

from flowlang.compiler.nearest import FOR_RUNS, LARGEST, Misconfigured, misconfigured
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def table_of(path: str, name: str) -> dict[str, Any]:
    """A table of a file, empty if it has none. Raises `Misconfigured` if it cannot be read or used."""
    import tomllib

    shown = os.path.relpath(path)
    try:
        if (size := os.path.getsize(path)) > LARGEST:
            raise Misconfigured(f"{shown} has {size:,} bytes; the most that is read is {LARGEST:,}")
        with open(path, "rb") as opened:
            text = opened.read().decode("utf-8-sig")
        table = tomllib.loads(text).get(name, {})
    except (OSError, ValueError, RecursionError) as error:
        raise Misconfigured(f"{shown} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise misconfigured(shown, text, name, name, f"[{name}] is not a table")
    for key, value in table.items() if name != "config" else ():
        problem = _wrong_limit(key, value) if name == "limits" else _wrong_http(key, value)
        if problem:
            raise misconfigured(shown, text, name, key, problem)
    return table


def check_tables(path: str) -> Given | None:
    """Raises `Misconfigured` for the first table for runs that cannot be used; says nothing of a file without one.
    Gives the values of `[config]`, if it has any.
    """
    try:
        with open(path, "rb") as opened:
            content = opened.read(LARGEST)
    except OSError:
        return None  # who reads it for the checker's own settings says so
    found = {word: table_of(path, word.decode()) for word in FOR_RUNS if word in content}
    values = found.get(b"config")
    if not values:
        return None
    from flowlang.types.edge import from_toml

    return Given(os.path.relpath(path), {key: from_toml(value) for key, value in values.items()})


class Given(Record):
    """The values that a file, by the path that is shown, gives to the configuration: as JSON, by name."""

    __slots__ = ()

    path: str
    values: dict[str, Any]


def _wrong_limit(name: str, value: object) -> str:
    from flowlang.plan.nodes import Limits

    if name not in Limits._fields:
        return f"there is no limit {name!r}; there is {', '.join(Limits._fields)}"
    return "" if type(value) is int and value > 0 else f"the limit {name} is a whole number above 0"


def _wrong_http(name: str, value: object) -> str:
    if name != "deny_private":
        return f"there is no setting {name!r} in [http]; there is deny_private"
    return "" if type(value) is bool else "deny_private is true or false"

"""Typed values at a JSON edge: what leaves the program is written as the outside expects it.

Only durations differ: an int of microseconds inside, ISO 8601 text outside. Everything else is JSON already.
"""

from __future__ import annotations

from flowlang.types import model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Encode = Callable[[Any], Any]


def needs_edge(of: model.Type) -> bool:
    """Whether a value of the type is written differently outside."""
    match of:
        case model.Duration():
            return True
        case model.Secret():
            return needs_edge(of.inner)
        case model.List():
            return needs_edge(of.item)
        case model.Map():
            return needs_edge(of.value)
        case model.RecordOf():
            return any(needs_edge(f.type) for f in of.fields)
        case model.Union():
            return any(needs_edge(m) for m in of.members)
        case _:
            return False


def encoder(of: model.Type) -> Encode:
    """Build the function that writes a value of the type for the outside; the value is one of the type."""
    if not needs_edge(of):
        return _same
    match of:
        case model.Duration():
            return _duration
        case model.Secret():
            return encoder(of.inner)
        case model.List():
            return _each(encoder(of.item))
        case model.Map():
            return _values(encoder(of.value))
        case model.RecordOf():
            return _fields({f.name: encoder(f.type) for f in of.fields if needs_edge(f.type)})
        case model.Union():
            return _union(of)
        case _:
            return _same


def _same(value: Any) -> Any:
    return value


def _duration(value: Any) -> Any:
    from flowlang.types.instants import write_duration

    return write_duration(value) if type(value) is int else value


def _each(inner: Encode) -> Encode:
    return lambda value: [inner(item) for item in value]


def _values(inner: Encode) -> Encode:
    return lambda value: {key: inner(item) for key, item in value.items()}


def _fields(changed: dict[str, Encode]) -> Encode:
    return lambda value: {k: changed[k](v) if k in changed and v is not None else v for k, v in value.items()}


def _union(of: model.Union) -> Encode:
    """Write by the first member that accepts the value as it is; an int beside a duration and an int is the
    duration's.
    """
    from flowlang.types.check import checker

    options = [(checker(m), encoder(m)) for m in of.members]

    def encode(value: Any) -> Any:
        for check, write in options:
            same, problems = check.check(value)
            if not problems and same is value:
                return write(value)
        return value

    return encode

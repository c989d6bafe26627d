"""Typed values at a JSON edge: what leaves the program is written as the outside expects it, and read so.

Only durations differ: an int of microseconds inside, ISO 8601 text outside. Everything else is JSON already. What has
the type `any` is as it is outside, so a duration is written where it enters an `any`, and read where it leaves one.
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
    if type(of) in model.PLAIN:
        return False
    if type(of) is model.Union:
        for member in of.members:
            if type(member) not in model.PLAIN and needs_edge(member):
                return True
    elif type(of) is model.RecordOf:
        for field in of.fields:
            if type(field.type) not in model.PLAIN and needs_edge(field.type):
                return True
    elif type(of) is model.List:
        return needs_edge(of.item)
    elif type(of) is model.Map:
        return needs_edge(of.value)
    elif type(of) is model.Secret:
        return needs_edge(of.inner)
    return type(of) is model.Duration


def mixes_numbers(of: model.Union) -> bool:
    """Whether a union has a duration where it may have a number too, alone or in lists and maps: nothing in a value
    would tell how to write it.
    """
    if not needs_edge(of):
        return False
    kinds = {_kind(member) for member in of.members}
    return any(what == "duration" and (place, "number") in kinds for place, what in kinds)


def _kind(of: model.Type) -> tuple[str, str]:
    """In which lists and maps a value is, and whether it is a number or a duration there."""
    match of:
        case model.Secret():
            return _kind(of.inner)
        case model.List():
            place, what = _kind(of.item)
            return f"list {place}", what
        case model.Map():
            place, what = _kind(of.value)
            return f"map {place}", what
        case model.Duration():
            return "", "duration"
        case model.Int() | model.Float():
            return "", "number"
        case model.LiteralOf():
            return "", "number" if of.kind in ("int", "float") else ""
        case _:
            return "", ""


def written(of: model.Type, given: model.Type = model.ANY) -> model.Type:
    """The type that a check holds a value of another static type against: what is `any` there, as all is that comes
    from outside, has its durations as text. A number would be one of microseconds, which nobody means.
    """
    if not needs_edge(of):
        return of
    given = present(given)
    match of:
        case model.Duration():
            return model.WRITTEN_DURATION if isinstance(given, model.Any) else of
        case model.Secret():
            return of.replace(inner=written(of.inner, given))
        case model.List():
            return of.replace(item=written(of.item, part_of(given)))
        case model.Map():
            return of.replace(value=written(of.value, part_of(given)))
        case model.RecordOf():
            return of.replace(fields=tuple(f.replace(type=written(f.type, part_of(given, f.name))) for f in of.fields))
        case model.Union():
            return of.replace(members=tuple(written(m, given) for m in of.members))
        case _:
            return of


def leaving(given: model.Type, into: model.Type) -> model.Type:
    """What of a value's type must be written where it enters another type: the parts that `any` takes in; the others
    are `any` here, which is written as it is.
    """
    into = present(into)
    if isinstance(into, model.Any) or not needs_edge(given):
        return given
    match given:
        case model.Secret():
            return given.replace(inner=leaving(given.inner, into))
        case model.List():
            return given.replace(item=leaving(given.item, part_of(into)))
        case model.Map():
            return given.replace(value=leaving(given.value, part_of(into)))
        case model.RecordOf():
            return given.replace(
                fields=tuple(f.replace(type=leaving(f.type, part_of(into, f.name))) for f in given.fields)
            )
        case model.Union():
            return given.replace(members=tuple(leaving(m, into) for m in given.members))
        case _:
            return model.ANY


def part_of(of: model.Type, name: str | None = None) -> model.Type:
    """The type of a field, or of each item or value; never where that is not one type that is known."""
    match of:
        case model.Any():
            return of
        case model.List():
            return of.item
        case model.Map():
            return of.value
        case model.RecordOf():
            parts = {f.type for f in of.fields if name is None or f.name == name}
            return parts.pop() if len(parts) == 1 else model.NEVER
        case _:
            return model.NEVER


def present(of: model.Type) -> model.Type:
    """A type without none and without its seal; never for a union of several others."""
    while isinstance(of, (model.Secret, model.Union)):
        if isinstance(of, model.Secret):
            of = of.inner
            continue
        real = [m for m in of.members if not isinstance(m, model.NoneType)]
        of = real[0] if len(real) == 1 else model.NEVER
    return of


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


def from_toml(value: Any) -> Any:
    """A value of a settings file as JSON."""
    from datetime import date, datetime, time

    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return {key: from_toml(inner) for key, inner in value.items()}
        case list():
            return [from_toml(inner) for inner in value]
    return value

"""Types printed as they are written in source.

`spell` writes a type out in full and is injective: two different types never print alike (a recursive law of the
tests). `show` writes declared records by their name, for messages; `show_pair` falls back to the full form where two
names would hide the difference that a message is about.
"""

from __future__ import annotations

from flowlang.types.model import (
    Any,
    Bool,
    Bytes,
    Cron,
    Date,
    Datetime,
    Duration,
    FieldName,
    FieldOf,
    FilterName,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    Never,
    NoneType,
    NumberOf,
    RecordOf,
    Secret,
    String,
    TestName,
    TypeVar,
    Union,
    Url,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.types.model import Field, Type

_WORDS: Final[dict[type, str]] = {
    Any: "any",
    Never: "never",
    NoneType: "none",
    Bool: "bool",
    Int: "int",
    Float: "float",
    String: "string",
    Datetime: "datetime",
    Date: "date",
    Duration: "duration",
    Url: "url",
    Bytes: "bytes",
    Cron: "cron",
    FilterName: "filter_name",
    TestName: "test_name",
}


def show(of: Type) -> str:
    """Write a type for a message; a declared record is its name."""
    return _write(of, full=False)


def spell(of: Type) -> str:
    """Write a type out in full, records field by field."""
    return _write(of, full=True)


def show_pair(a: Type, b: Type) -> tuple[str, str]:
    """Write two types of one message; in full if their short forms are alike."""
    first, second = show(a), show(b)
    return (first, second) if first != second or a == b else (spell(a), spell(b))


def show_literal(value: str | float | bool) -> str:
    """Write a literal as in source."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return quote(value) if isinstance(value, str) else repr(value)


def quote(text: str) -> str:
    """Write plain text in single quotes."""
    body = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f"'{body}'"


def _write(of: Type, *, full: bool) -> str:
    match of:
        case Secret():
            return "secret" if of.inner == String() else f"secret[{_write(of.inner, full=full)}]"
        case LiteralOf():
            return show_literal(of.value)
        case List(max_length=0):
            return "[]"
        case List():
            return f"list[{_write(of.item, full=full)}]{_constraints(of)}"
        case Map():
            return f"map[{_write(of.value, full=full)}]{_constraints(of)}"
        case RecordOf():
            return of.name if of.name and not full else _record(of, full=full)
        case Union():
            return _union(of, full=full)
        case TypeVar():
            return of.name
        case FieldOf():
            return f"{_write(of.record, full=full)}[{of.parameter}]"
        case FieldName():
            return f"field_name[{_write(of.record, full=full)}]"
        case NumberOf():
            return f"number[{_write(of.inner, full=full)}]"
        case Int() | Float() | String() | Bytes():
            return _WORDS[type(of)] + _constraints(of)
        case _:
            return _WORDS[type(of)]


def _union(of: Union, *, full: bool) -> str:
    *rest, last = of.members
    if isinstance(last, NoneType) and len(rest) == 1 and not isinstance(rest[0], NoneType):
        return f"{_write(rest[0], full=full)}?"
    return " | ".join(_write(m, full=full) for m in of.members)


def _constraints(of: Int | Float | String | Bytes | List | Map) -> str:
    words = {"item": None, "value": None}
    set_ = [
        f"{name}={show_literal(value)}"
        for name in type(of)._fields
        if name not in words and (value := getattr(of, name)) is not None
    ]
    return f"({', '.join(set_)})" if set_ else ""


def _record(of: RecordOf, *, full: bool) -> str:
    if not of.fields:
        inside = "{}"
    else:
        inside = "{ " + ", ".join(_field(f, full=full) for f in of.fields) + " }"
    name = f"{of.name} " if of.name else ""
    return f"@exact {name}{inside}" if of.exact else f"{name}{inside}"


def _field(of: Field, *, full: bool) -> str:
    default = f" = {_json(of.default[0])}" if of.default is not None else ""
    return f"{of.name if _is_plain(of.name) else quote(of.name)}: {_write(of.type, full=full)}{default}"


def _is_plain(name: str) -> bool:
    return name.isidentifier() and name.isascii()


def _json(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, (str, int, float)):
        return show_literal(value)
    if isinstance(value, list):
        return "[" + ", ".join(_json(v) for v in value) + "]"
    assert isinstance(value, dict)
    return "{ " + ", ".join(f"{quote(k)}: {_json(v)}" for k, v in value.items()) + " }"

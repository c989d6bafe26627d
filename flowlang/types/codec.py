"""Types as JSON, both ways: how a plan holds them.

A type without parameters is its word; another is a list that begins with its word: ["int", {"ge": 0}], ["list", item,
{…}], ["record", name, [[field, type] or [field, type, default]…], exact], ["union", [type…]], ["literal", kind, value].
Only types of values are written: what stands in declarations alone (type parameters, `T[k]`) has no JSON.
"""

from __future__ import annotations

from flowlang.types import model
from flowlang.types.model import (
    Bytes,
    Field,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    RecordOf,
    Secret,
    String,
    Union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.types.model import Type

_PLAIN: Final[dict[str, Type]] = {
    "any": model.ANY,
    "never": model.NEVER,
    "none": model.NONE,
    "bool": model.BOOL,
    "int": model.INT,
    "float": model.FLOAT,
    "string": model.STRING,
    "datetime": model.DATETIME,
    "date": model.DATE,
    "duration": model.DURATION,
    "written_duration": model.WRITTEN_DURATION,
    "url": model.URL,
    "bytes": model.BYTES,
    "cron": model.CRON,
}
_WORDS: Final = {value: word for word, value in _PLAIN.items()}
_CONSTRAINED: Final[dict[str, type]] = {"int": Int, "float": Float, "string": String, "bytes": Bytes}


def to_json(of: Type) -> object:
    """Write a type as JSON."""
    word = _WORDS.get(of)
    if word is not None:
        return word
    match of:
        case Int() | Float() | String() | Bytes():
            return [type(of).__name__.lower(), _constraints(of)]
        case Secret():
            return ["secret", to_json(of.inner)]
        case LiteralOf():
            return ["literal", of.kind, of.value]
        case List():
            return _sized("list", to_json(of.item), of)
        case Map():
            return _sized("map", to_json(of.value), of)
        case RecordOf():
            return ["record", of.name, [_field(f) for f in of.fields], of.exact]
        case Union():
            return ["union", [to_json(m) for m in of.members]]
        case _:
            raise TypeError(f"a {type(of).__name__} stands in declarations only")


def from_json(data: Any) -> Type:
    """Read a type; raises ValueError for anything that `to_json` did not write."""
    try:
        return _PLAIN[data] if isinstance(data, str) else _read(data)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise ValueError(f"not a type: {data!r:.80}") from error


def _read(data: list[Any]) -> Type:
    match data:
        case ["int" | "float" | "string" | "bytes" as word, dict() as words]:
            found: Type = _CONSTRAINED[word](**words)
            return found
        case ["secret", inner]:
            return Secret(from_json(inner))
        case ["literal", str() as kind, str() | int() | float() as value]:
            return LiteralOf(value, kind)
        case ["list", inner, *rest]:
            return List(from_json(inner), **(rest[0] if rest else {}))
        case ["map", inner, *rest]:
            return Map(from_json(inner), **(rest[0] if rest else {}))
        case ["record", str() as name, list() as fields, bool() as exact]:
            return RecordOf(name, tuple(_read_field(f) for f in fields), exact)
        case ["union", list() as members]:
            return Union(tuple(from_json(m) for m in members))
        case _:
            raise ValueError(data)


def _constraints(of: Type) -> dict[str, object]:
    return {name: getattr(of, name) for name in type(of)._fields if getattr(of, name) is not None}


def _sized(word: str, inner: object, of: List | Map) -> list[object]:
    limits = {name: getattr(of, name) for name in ("min_length", "max_length") if getattr(of, name) is not None}
    return [word, inner, limits] if limits else [word, inner]


def _field(of: Field) -> list[object]:
    return [of.name, to_json(of.type), *(of.default or ())]


def _read_field(data: list[Any]) -> Field:
    name, type_, *default = data
    return Field(name, from_json(type_), tuple(default) if default else None)

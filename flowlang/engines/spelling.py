"""Values as people type them (`--input k=v`, an environment variable): text, read as the type at its place wants it.

A type that takes text gets the text as it is; any other gets what the text says as JSON. Whether the value then fits is
not decided here. No quotes are ever needed around plain text, and none are removed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from flowlang.types.formats import is_unicode
from flowlang.types.model import (
    Any,
    Bool,
    Bytes,
    Cron,
    Date,
    Datetime,
    Duration,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    NoneType,
    RecordOf,
    Secret,
    String,
    Union,
    Url,
)

if TYPE_CHECKING:
    from flowlang.types.model import Type


class Misspelt(Exception):
    """The text says no value of its type; the message tells what was expected."""


class TooManyDigits(ValueError):
    """A whole number is too long to be read; the message tells where it stands."""


def read_value(text: str, of: Type) -> object:
    """Read a value of a type from its text; raises `Misspelt`. What a command line holds beside UTF-8 comes as half
    surrogate pairs.
    """
    if not is_unicode(text):
        raise Misspelt("it is not UTF-8 text")
    match of:
        case Secret():
            return read_value(text, of.inner)
        case String() | Url() | Datetime() | Date() | Duration() | Bytes() | Cron():
            return text
        case LiteralOf(kind="string"):
            return text
        case Any():
            return _json_or_text(text)
        case Union():
            return _read_union(text, of)
    return _json(text, of)


def _read_union(text: str, of: Union) -> object:
    members = [member.inner if isinstance(member, Secret) else member for member in of.members]
    if any(isinstance(member, LiteralOf) and member.kind == "string" and member.value == text for member in members):
        return text
    takes_text = any(_takes_text(member) for member in members)
    if all(_takes_text(member) or isinstance(member, NoneType) for member in members):
        return text
    if not takes_text:
        return None if text == "none" and any(isinstance(m, NoneType) for m in members) else _json(text, of)
    value = _json_or_text(text)
    return text if isinstance(value, str) or (value is None and text != "null") else value


def _takes_text(of: Type) -> bool:
    return isinstance(of, (String, Url, Datetime, Date, Duration, Bytes, Cron)) or (
        isinstance(of, LiteralOf) and of.kind == "string"
    )


def _json_or_text(text: str) -> object:
    try:
        return strict_json(text)
    except ValueError:
        return text


def _json(text: str, of: Type) -> object:
    try:
        return strict_json(text)
    except TooManyDigits as error:
        raise Misspelt(str(error)) from error
    except ValueError as error:
        raise Misspelt(f"expected {_wanted(of)}, got {_shorten(text)!r}") from error


def _wanted(of: Type) -> str:
    match of:
        case Bool():
            return "true or false"
        case Int():
            return "a whole number"
        case Float():
            return "a number"
        case List():
            return "a JSON list"
        case Map() | RecordOf():
            return "a JSON object"
    return "JSON"


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


DIGITS: Final = 4300
"""The digits of a whole number, at most: reading one takes time that grows with the square."""
_NUMBERS: Final = re.compile(rf'"(?:[^"\\]|\\.)*"|(\d{{{DIGITS + 1},}})(?![.eE\d])', re.DOTALL)


def strict_json(text: str) -> object:
    """Read JSON as the standard has it: no NaN, no key twice, only Unicode; raises `ValueError` for all else, however
    deep.
    """
    try:
        value: object = json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
        if ("\\u" in text or not text.isascii()) and not is_unicode(json.dumps(value, ensure_ascii=False)):
            raise ValueError("a text in it is not Unicode: it holds half a surrogate pair")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        number = next((each for each in _NUMBERS.finditer(text) if each[1]), None)
        if number is None:
            raise
        line, column = text.count("\n", 0, number.start()) + 1, number.start() - text.rfind("\n", 0, number.start())
        what = f"a whole number of {len(number[1]):,} digits, at line {line} column {column}; the most is {DIGITS:,}"
        raise TooManyDigits(what) from error
    return value


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} appears twice")
    return found

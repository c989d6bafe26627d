"""Access to members of values, and the faults that name the path of what is not there: `quotes[3]: the list has 2`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flowlang.runtime.budget import Budget
from flowlang.runtime.errors import fault
from flowlang.runtime.operations import index_of, kind_word
from flowlang.types.formats import is_unicode

RESULT: Final = "the result"


def path_of(expr: Sequence[Any]) -> str:
    """An expression as the author would point at it; empty if it is more than a path."""
    match expr:
        case ["ref", name]:
            return str(name)
        case ["result"]:
            return RESULT
        case ["config", name]:
            return f"config.{name}"
        case ["const", name]:
            return str(name).rpartition(":")[2]
        case ["attr" | "soft", of, key, _] | ("attr" | "soft", of, key, _):
            return _part(of, f".{key}")
        case ["index", of, ["lit", key]]:
            return _part(of, _brackets(key))
        case ["index", of, _]:
            return _part(of, "[…]")
        case ["check" | "edge", of, _]:
            return path_of(of)
        case _:
            return "…"


def _part(of: Sequence[Any], part: str) -> str:
    """A part of what an expression gives: `order.id`, but `json.id of the result`, which has no name."""
    whole = path_of(of)
    if whole == RESULT and part[0] == ".":
        return f"{part[1:]} of {RESULT}"
    path = whole.removesuffix(f" of {RESULT}")
    return path + part + whole[len(path) :]


def _brackets(key: object) -> str:
    return f"['{key}']" if isinstance(key, str) else f"[{key}]"


def attribute_fault(value: Any, expr: tuple[Any, ...]) -> Any:
    """Answer a member that could not be read: none where the expression allows it, else a fault."""
    operator, of, _, optional = expr
    if value is None and optional:
        return None
    if value.__class__ is dict:
        if operator == "soft":
            return None
        raise fault(f"{path_of(expr)}: there is no such key")
    if value is None:
        raise fault(f"{path_of(expr)}: {path_of(of)} is none")
    raise fault(f"{path_of(expr)}: {path_of(of)} is {kind_word(value)}, not a map")


def index_value(value: Any, key: Any, of: Sequence[Any]) -> Any:
    """`value[key]`; `of` is the expression of the value."""
    try:
        return index_of(value, key)
    except LookupError as error:
        shown = _brackets(key) if key.__class__ in (str, int) else "[…]"
        raise fault(f"{_part(of, shown)}: {error.args[0]}") from None


def iterate(value: Any, names: int, budget: Budget) -> Iterable[Any]:
    """What a comprehension or a `for` walks over: items of a list; with two names the entries of a map, with one its
    keys.
    """
    if value.__class__ is list:
        if names == 2:
            raise fault("two names take a map, not a list")
        return value
    if value.__class__ is dict:
        return value.items() if names == 2 else value
    raise fault(f"{kind_word(value)} cannot be walked over")


def map_key(key: Any) -> str:
    """A computed key of a map literal."""
    if key.__class__ is not str:
        raise fault(f"a key is text, not {kind_word(key)}")
    return key


def unicode_text(text: str, what: str) -> str:
    """A text that is to have bytes. Journals of before may hold half a surrogate pair, which has none."""
    if not text.isascii() and not is_unicode(text):
        raise fault(f"{what} is not Unicode: it holds half a surrogate pair")
    return text


def spread(into: dict[str, Any], value: Any, budget: Budget) -> None:
    """`**value` in a map literal."""
    if value.__class__ is not dict:
        raise fault(f"`**` takes a map, not {kind_word(value)}")
    budget.made_list(len(value))
    into.update(value)

"""Narrowing: what a type becomes once something is known about its value. Pure operations on types; who knows what is
`semantics`' part.

Each gives `never` where the knowledge contradicts the type, and never widens: the result is always assignable to the
input.
"""

from __future__ import annotations

from flowlang.record import new
from flowlang.types.assign import NO, assignable, field_of
from flowlang.types.join import members, union
from flowlang.types.model import (
    NEVER,
    NONE,
    Any,
    Bool,
    Bytes,
    Date,
    Datetime,
    Duration,
    Field,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    Never,
    NoneType,
    RecordOf,
    Secret,
    String,
    Union,
    Url,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from flowlang.types.model import Type


def without_none(of: Type) -> Type:
    """After `is not none`."""
    return _filter(of, _is_something)


def _is_something(of: Type) -> bool:
    return type(of) is not NoneType


def only_none(of: Type) -> Type:
    """After `is none`."""
    return NONE if any(_may_be_none(m) for m in members(of)) else NEVER


def _may_be_none(of: Type) -> bool:
    """Whether a value of a type that is no union may be none: of an `any` read from a map that is not known."""
    return isinstance(of, (NoneType, Any)) or (isinstance(of, Secret) and _may_be_none(of.inner))


def keep_literal(of: Type, literal: LiteralOf) -> Type:
    """After `== 'a'`."""
    return union(literal if _holds(m, literal) else NEVER for m in members(of))


def remove_literal(of: Type, literal: LiteralOf) -> Type:
    """After `!= 'a'`; bool without true is false."""
    return union(_minus(m, literal) for m in members(of))


def keep_literals(of: Type, literals: tuple[LiteralOf, ...]) -> Type:
    """After `in ['a', 'b']`."""
    if _literals_of(of):
        few = members(of) if len(members(of)) < 64 else ()
        return _of_literals([m for m in literals if has_literal(of, m) or any(_holds(one, m) for one in few)])
    return union(keep_literal(of, one) for one in literals)


def remove_literals(of: Type, literals: tuple[LiteralOf, ...]) -> Type:
    """After `not in ['a', 'b']`."""
    if _literals_of(of):
        gone = set(literals)
        return _of_literals([m for m in members(of) if m not in gone and not _is_gone(m, literals)])
    for one in literals:
        of = remove_literal(of, one)
    return of


def has_literal(of: Type, literal: LiteralOf) -> bool:
    """Whether a literal, or a union of literals, has this one among its members."""
    return literal in _literals_of(of)


def _literals_of(of: Type) -> frozenset[Type]:
    """The members of a union of literals, for look-ups; empty if it has others. The last one asked about is
    remembered.
    """
    if type(of) is LiteralOf:
        return frozenset((of,))
    if type(of) is not Union:
        return frozenset()
    found = _last.get(id(of))
    if found is None or found[0] is not of:
        is_plain = all(type(m) is LiteralOf for m in members(of))
        found = (of, frozenset(members(of)) if is_plain else frozenset())
        _last.clear()
        _last[id(of)] = found
    return found[1]


_last: Final[dict[int, tuple[Type, frozenset[Type]]]] = {}


def _is_gone(of: Type, literals: tuple[LiteralOf, ...]) -> bool:
    """Whether one of few literals is this number, written as int or as float."""
    return (
        isinstance(of, LiteralOf)
        and of.kind in ("int", "float")
        and len(literals) < 8
        and any(_holds(of, one) for one in literals)
    )


def _of_literals(kept: list[Type]) -> Type:
    """Members of a union of literals, which need no more looking at."""
    if not kept:
        return NEVER
    return kept[0] if len(kept) == 1 else Union(tuple(kept))


def truthy(of: Type) -> Type:
    """After `if x`: not none, not false, not 0, not empty."""
    return union([_truthy(m) for m in of.members]) if isinstance(of, Union) else _truthy(of)


def falsy(of: Type) -> Type:
    """After `if not x`."""
    return union([_falsy(m) for m in of.members]) if isinstance(of, Union) else _falsy(of)


def by_field(of: Type, name: str, narrow: Callable[[Type], Type]) -> Type:
    """Narrow a value by what is known of its field: members whose field becomes `never` go, the others' field is
    narrowed.
    """
    if not isinstance(of, Union):
        return _by_field(of, name, narrow)
    narrowed = tuple([_by_field(m, name, narrow) for m in of.members])
    return of if narrowed == of.members else union(narrowed)


def by_test(of: Type, test: str, *, negated: bool) -> Type:
    """After `is string`, `is number`, `is mapping` … (tests that ask for a kind); other tests say nothing."""
    kinds = _TESTS.get(test)
    if kinds is None:
        return of
    wanted = kinds
    return _filter(of, lambda m: isinstance(m, (Any, Secret)) or _is_kind(m, wanted) is not negated)


def _filter(of: Type, keep: Callable[[Type], bool]) -> Type:
    """The members that are kept; the type itself if all are."""
    if not isinstance(of, Union):
        return of if keep(of) else NEVER
    kept = [m for m in of.members if keep(m)]
    if len(kept) == len(of.members):
        return of
    return Union(tuple(kept)) if len(kept) > 1 else kept[0] if kept else NEVER


def _holds(of: Type, literal: LiteralOf) -> bool:
    if isinstance(of, LiteralOf):
        return of == literal or ({of.kind, literal.kind} == {"int", "float"} and of.value == literal.value)
    if isinstance(of, Int) and literal.kind == "float":
        return False
    return isinstance(of, Any) or assignable(literal, of).verdict != NO


def _minus(of: Type, literal: LiteralOf) -> Type:
    if isinstance(of, Bool) and literal.kind == "bool":
        return LiteralOf(not literal.value, "bool")
    return NEVER if isinstance(of, LiteralOf) and _holds(of, literal) else of


def _truthy(of: Type) -> Type:
    match of:
        case NoneType():
            return NEVER
        case LiteralOf():
            return of if of.value else NEVER
        case Bool():
            return LiteralOf(True, "bool")
        case String() | List() | Map() | Bytes():
            if of.max_length == 0:
                return NEVER
            return of if of.min_length else of.replace(min_length=1)
        case _:
            return of


def _falsy(of: Type) -> Type:
    match of:
        case LiteralOf():
            return NEVER if of.value else of
        case Bool():
            return LiteralOf(False, "bool")
        case String():
            return NEVER if of.min_length else of
        case List() | Map() | Bytes():
            return NEVER if of.min_length else of
        case Datetime() | Date() | Url():
            return NEVER
        case RecordOf():
            return NEVER if any(not _may_be_absent(f) for f in of.fields) else of
        case _:
            return of


def _may_be_absent(field: Field) -> bool:
    return any(_may_be_none(m) for m in members(field.type))


def _by_field(of: Type, name: str, narrow: Callable[[Type], Type]) -> Type:
    if not isinstance(of, RecordOf):
        return of
    field = field_of(of, name)
    if field is None:
        return of
    narrowed = narrow(field.type)
    if narrowed is field.type or narrowed == field.type:
        return of
    if isinstance(narrowed, Never):
        return NEVER
    known = new(Field, (name, narrowed, field.default))
    return new(RecordOf, (of.name, tuple([known if each is field else each for each in of.fields]), of.exact))


_TESTS: Final[dict[str, tuple[str, ...]]] = {
    "none": ("none",),
    "string": ("string",),
    "number": ("int", "float"),
    "integer": ("int",),
    "float": ("float",),
    "boolean": ("bool",),
    "mapping": ("map",),
    "sequence": ("list", "string", "map"),
    "iterable": ("list", "string", "map"),
}
_KINDS: Final[dict[type, str]] = {
    NoneType: "none",
    String: "string",
    Url: "string",
    Datetime: "string",
    Date: "string",
    Bytes: "string",
    Int: "int",
    Duration: "int",
    Float: "float",
    Bool: "bool",
    List: "list",
    Map: "map",
    RecordOf: "map",
}


def _is_kind(of: Type, kinds: tuple[str, ...]) -> bool:
    if isinstance(of, LiteralOf):
        return of.kind in kinds
    if isinstance(of, Union):
        return all(_is_kind(m, kinds) for m in of.members)
    return _KINDS.get(type(of), "") in kinds

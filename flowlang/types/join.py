"""Unions and joins: how several types become one.

`union` keeps what was written and only removes what says nothing (duplicates, `never`, literals beside their base
type). `join` finds the type of a value that comes from one of two places: the wider type if one fits into the other,
int with float is float, else their union; more than eight literals of a kind become their base type, more than eight
lists one list, maps one map, records with the same fields one record, and more than 32 records one map: a union of
everything that a long list holds would tell nobody anything, and take long to find. Where a secret meets `any`, both
are `secret[any]`: what takes in everything takes in taint.
"""

from __future__ import annotations

from flowlang.record import is_same, new
from flowlang.types.assign import NO, YES, assignable, holds, is_optional, secret_path
from flowlang.types.model import (
    ANY,
    BASES,
    BOOL,
    FLOAT,
    INT,
    MISTAKEN,
    NEVER,
    NONE,
    SECRET_ANY,
    STRING,
    Any,
    Bool,
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
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any as Some
    from typing import Final

    from flowlang.types.model import Type

MOST_LITERALS: Final = 8
MOST_RECORDS: Final = 32
FEW: Final = 8
_OPTIONAL_ANY: Final = {Any, NoneType}


def members(of: Type) -> tuple[Type, ...]:
    """The members of a union; a type that is none is its own only member."""
    return of.members if type(of) is Union else (of,)


def union(types: Iterable[Type]) -> Type:
    """Build the union of types: flat, in order, without what says nothing; `any` takes in everything but none."""
    return _of_different(_flat(types))


def _of_different(flat: list[Type]) -> Type:
    """The union of types that are no unions and none of which is another."""
    if len(flat) > 1:
        kinds = {type(m) for m in flat}
        if Any in kinds or (Secret in kinds and SECRET_ANY in flat):
            if kinds != _OPTIONAL_ANY:
                whole = untyped(flat)
                flat = _flat([m if type(m) is NoneType else whole for m in flat])
        elif LiteralOf in kinds:
            flat = _drop_literals(flat)
    if not flat:
        return NEVER
    return flat[0] if len(flat) == 1 else new(Union, (tuple(flat),))


def _flat(types: Iterable[Type]) -> list[Type]:
    """The members of all types, each once, in order, without `never`. Few are compared, many hashed: hashing a record
    is dear.
    """
    few: list[Type] = []
    for each in types:
        for member in each.members if type(each) is Union else (each,):
            if type(member) is not Never and (len(few) > FEW or not holds(few, member)):
                few.append(member)
    return few if len(few) <= FEW else list(dict.fromkeys(few))


def untyped(parts: Iterable[Type]) -> Type:
    """What takes in all of some types: `any`, `secret[any]` if one of them holds a secret. Of what is mistaken nothing
    more is said.
    """
    parts = tuple(parts)
    for each in parts:
        if each is MISTAKEN:
            return each
    return ANY if all(secret_path(each) is None for each in parts) else SECRET_ANY


def sealed(of: Type) -> Type:
    """The type of a value that hangs on a secret; whether it is none is none."""
    if type(of) in (Secret, Never, NoneType):
        return of
    if type(of) is Union and is_optional(of):
        return Union((sealed(union([m for m in of.members if type(m) is not NoneType])), NONE))
    return Secret(of)


def optional(of: Type) -> Type:
    """`T?`."""
    if isinstance(of, Union):
        return of if is_optional(of) else Union((*of.members, NONE))
    return NONE if isinstance(of, (NoneType, Never)) else Union((of, NONE))


def join(a: Type, b: Type) -> Type:
    """The type of a value that is either an `a` or a `b`."""
    if a is b or (type(a) is type(b) and is_same(a, b)):
        return a
    if type(a) is Never and type(b) is not Union:
        return b
    if type(a) is LiteralOf and type(b) is LiteralOf and a.kind == b.kind and a.kind != "bool":
        return Union((a, b))
    if type(b) is NoneType and type(a) in _NEVER_NONE:
        return Union((a, b))
    parts: list[Type] = []
    is_merged = False
    for member in (*members(a), *members(b)):
        is_merged = _add(parts, member) or is_merged
    return _fewer(union(parts) if is_merged else _of_different(parts))


def join_all(types: Iterable[Type]) -> Type:
    """The join of any number of types; of none, `never`."""
    result: Type = NEVER
    for each in types:
        result = _and_more(result, each) if type(result) is Union and len(result.members) > FEW else join(result, each)
    return result


def _and_more(joined: Union, other: Type) -> Type:
    """The join of what is one already with another type: its members need not be held against each other again."""
    parts = [*joined.members]
    for member in members(other):
        _add(parts, member)
    return _fewer(union(parts))


def base(of: Type) -> Type:
    """The type without literals and constraints at its top: `'a' | 'b'` is string, `int(ge=0)` is int."""
    match of:
        case LiteralOf():
            return BASES[of.kind]
        case Int():
            return INT
        case Float():
            return FLOAT
        case String():
            return STRING
        case Union():
            return join_all(base(m) for m in of.members)
        case _:
            return of


def _add(parts: list[Type], new: Type) -> bool:
    """Put a type into a list of types none of which fits into another; whether it was put together with one."""
    for index, old in enumerate(parts):
        wider = _wider(old, new)
        if wider is not None:
            parts[index] = wider
            return True
    parts.append(new)
    return False


def _wider(a: Type, b: Type) -> Type | None:
    """The one type that says what `a | b` says, if there is one."""
    if a is b or (type(a) is type(b) and is_same(a, b)):
        return a
    if type(a) is Any or type(b) is Any:
        return None if NONE in (a, b) else untyped((a, b))
    if type(b) is NoneType and type(a) in _NEVER_NONE:
        return None
    if type(a) in _APART and type(b) in _APART and _are_apart(a, b):
        return None
    if _fits(a, b):
        return b
    if _fits(b, a):
        return a
    if isinstance(a, List) and isinstance(b, List):
        item = _wider(a.item, b.item)
        return None if item is None else List(item, _low(a, b), _high(a, b))
    if isinstance(a, Map) and isinstance(b, Map):
        value = _wider(a.value, b.value)
        return None if value is None else Map(value, _low(a, b), _high(a, b))
    if isinstance(a, (Int, Float)) and isinstance(b, (Int, Float)):
        return INT if isinstance(a, Int) and isinstance(b, Int) else FLOAT
    if isinstance(a, String) and isinstance(b, String):
        return STRING
    if _is_number(a) and _is_number(b) and not (isinstance(a, LiteralOf) and isinstance(b, LiteralOf)):
        return base(a) if base(a) == base(b) else FLOAT
    return None


_NEVER_NONE: Final[frozenset[type]] = frozenset((String, Int, Float, Map, List, LiteralOf, RecordOf, Bool))
_APART: Final[frozenset[type]] = frozenset((LiteralOf, NoneType, RecordOf, List, Bool))


def _are_apart(a: Type, b: Type) -> bool:
    """Whether unequal types of `_APART` surely have nothing to do with each other: why they do not need not be said."""
    if type(a) is not type(b):
        return Bool not in (type(a), type(b))
    return type(a) is LiteralOf and type(b) is LiteralOf and a.kind == b.kind


def _fits(a: Type, b: Type) -> bool:
    if type(a) is RecordOf and type(b) is RecordOf and len(a.fields) > len(b.fields):
        return False  # it has fields that are dropped there
    found = assignable(a, b)
    return found.verdict is YES and not found.projects


def _is_number(of: Type) -> bool:
    return isinstance(of, (Int, Float)) or (isinstance(of, LiteralOf) and of.kind in ("int", "float"))


def _low(*of: List | Map) -> int | None:
    bounds = [each.min_length for each in of if each.min_length is not None]
    return min(bounds) if len(bounds) == len(of) else None


def _high(*of: List | Map) -> int | None:
    bounds = [each.max_length for each in of if each.max_length is not None]
    return max(bounds) if len(bounds) == len(of) else None


def _drop_literals(kept: list[Type]) -> list[Type]:
    """Drop literals that stand beside a type that holds them; `true | false` is bool."""
    bools = [at for at, m in enumerate(kept) if isinstance(m, LiteralOf) and m.kind == "bool"]
    if len(bools) == 2 and BOOL not in kept:
        kept = [*kept[: bools[0]], BOOL, *kept[bools[0] :]]
    wide = [m for m in kept if isinstance(m, _WIDE)]
    if not wide:
        return kept
    return [m for m in kept if not isinstance(m, LiteralOf) or all(assignable(m, w).verdict is NO for w in wide)]


_WIDE: Final = (String, Int, Float, Bool)


def _fewer(of: Type) -> Type:
    if not isinstance(of, Union) or len(of.members) <= MOST_LITERALS:
        return of
    result: Type = of
    for kind, wide in BASES.items():
        literals = [m for m in of.members if isinstance(m, LiteralOf) and m.kind == kind]
        if len(literals) > MOST_LITERALS:
            result = union([wide if m in literals else m for m in members(result)])
    for each, merge in _MERGED.items():
        alike = [m for m in members(result) if type(m) is each]
        if len(alike) > MOST_LITERALS:
            result = union([*(m for m in members(result) if type(m) is not each), *merge(alike)])
    return result


def _merge_lists(lists: list[List]) -> list[Type]:
    low, high = _low(*lists), _high(*lists)
    return [List(join_all(each.item for each in lists), low, high)]


def _merge_maps(maps: list[Map]) -> list[Type]:
    return [Map(join_all(each.value for each in maps), _low(*maps), _high(*maps))]


def _merge_records(records: list[RecordOf]) -> list[Type]:
    """Join records with the same field names field by field; if there are many others, they are a map."""
    merged: dict[tuple[str, ...], RecordOf] = {}
    for record in records:
        names = tuple(f.name for f in record.fields)
        have = merged.get(names)
        if have is None:
            merged[names] = record
        else:
            fields = tuple(
                a.replace(type=join(a.type, b.type)) for a, b in zip(have.fields, record.fields, strict=True)
            )
            merged[names] = have.replace(name="", fields=fields)
    if len(merged) > MOST_RECORDS:
        return [Map(join_all(field.type for record in merged.values() for field in record.fields))]
    return [*merged.values()]


_MERGED: Final[dict[type, Callable[[list[Some]], list[Type]]]] = {
    RecordOf: _merge_records,
    List: _merge_lists,
    Map: _merge_maps,
}

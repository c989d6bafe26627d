"""How large a type may be: what it holds is counted where it stands, as often as it stands there.

Types are followed as trees, by Python itself too where it compares and hashes them. A few lines could name one of a
million parts, each twice the one before; so whoever puts a type together out of others asks here whether it still is
one that can be followed.
"""

from __future__ import annotations

from flowlang.types.model import PLAIN, List, Map, RecordOf, Secret, Union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.types.model import Type

MOST_PARTS: Final = 1000
"""Records, lists, maps, secrets and unions within a type; ten others count as one."""
MOST_LEVELS: Final = 200
"""As many as a value may have."""


def is_too_large(of: Type) -> bool:
    """Whether a type has more parts or levels than one may have."""
    inner = of.item if type(of) is List else of
    if type(inner) in PLAIN:
        return False
    parts = _count(of)
    return parts > MOST_PARTS or (parts > MOST_LEVELS and _levels(of) > MOST_LEVELS)


def _count(of: Type) -> int:
    """How many parts a type has, itself included; some number above the most if they are more."""
    kind = type(of)
    if kind is RecordOf:
        fields = of.fields  # type: ignore[union-attr]
        parts = 1 + len(fields) // 10
        for field in fields:
            if type(field.type) not in PLAIN:
                parts += _count(field.type)
                if parts > MOST_PARTS:
                    break
        return parts
    if kind is List:
        inner = of.item  # type: ignore[union-attr]
    elif kind is Union:
        parts = 1 + len(of.members) // 10  # type: ignore[union-attr]
        for member in of.members:  # type: ignore[union-attr]
            if type(member) not in PLAIN:
                parts += _count(member)
        return parts
    elif kind is Map:
        inner = of.value  # type: ignore[union-attr]
    elif kind is Secret:
        inner = of.inner  # type: ignore[union-attr]
    else:
        return 1
    return 1 if type(inner) in PLAIN else 1 + _count(inner)


def _levels(of: Type) -> int:
    """How many types stand one in the other."""
    levels, level = 0, [of]
    while level:
        levels += 1
        level = [part for each in level for part in _parts(each) if type(part) not in PLAIN]
    return levels


def _parts(of: Type) -> list[Type] | tuple[Type, ...]:
    if type(of) is RecordOf:
        return [field.type for field in of.fields]
    if type(of) is Union:
        return of.members
    if type(of) is List:
        return (of.item,)
    if type(of) is Map:
        return (of.value,)
    return (of.inner,) if type(of) is Secret else ()

"""What defaults of fields make of a value that is a default itself.

A check puts a default in as it is, so it must be complete: a record in it has what the defaults of its own fields give.
"""

from __future__ import annotations

from flowlang.types.model import List, Map, RecordOf, Secret, Union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.types.model import Type


def completed(value: object, of: Type) -> object:
    """A literal's value as one of the type; itself where it is none."""
    if not _gives_some(of):
        return value
    from flowlang.types.check import checker

    found, problems = checker(of).check(value)
    return value if problems else found


def _gives_some(of: Type) -> bool:
    """Whether a field in a type has a default."""
    match of:
        case RecordOf():
            return any(field.default is not None or _gives_some(field.type) for field in of.fields)
        case List():
            return _gives_some(of.item)
        case Map():
            return _gives_some(of.value)
        case Secret():
            return _gives_some(of.inner)
        case Union():
            return any(map(_gives_some, of.members))
        case _:
            return False

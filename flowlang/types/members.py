"""What stands inside a value: the types of `.name`, `[i]`, a slice and an iteration.

There are no methods and no attributes: a record has fields, a map has keys, a list has indexes. A member of a union
must be in every member of it; a value that may be none has none. What is wrong comes back as a `Refusal`, never as an
exception.
"""

from __future__ import annotations

from flowlang.record import Record, new
from flowlang.types.assign import field_of, is_optional
from flowlang.types.join import join_all, members, optional, sealed, untyped
from flowlang.types.model import (
    NEVER,
    STRING,
    Any,
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
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.types.model import Type


class Member(Record):
    """The type of a member; `soft` if its key may be absent and then reads as none."""

    __slots__ = ()

    type: Type
    soft: bool = False


class Refusal(Record):
    """Why there is none. `kind`: 'none' (the value may be none), 'missing' (no such field; `known` are the fields),
    'type'.
    """

    __slots__ = ()

    kind: str
    reason: str
    known: tuple[str, ...] = ()


def member(of: Type, name: str) -> Member | Refusal:
    """The type of `value.name`."""
    match of:
        case RecordOf():
            field = field_of(of, name)
            if field is None:
                return Refusal("missing", f"{show(of)} has no field `{name}`", tuple(f.name for f in of.fields))
            return new(Member, (field.type, is_optional(field.type)))
        case Any() | Never():
            return Member(of)
        case Union():
            return _of_each(of, lambda m: member(m, name))
        case Secret():
            return _sealed(member(of.inner, name))
        case Map():
            return Member(of.value)
        case NoneType():
            return Refusal("none", "the value is none")
        case List():
            return Refusal("type", f"{show(of)} is a list, it has no field `{name}`")
        case _:
            return Refusal("type", f"{show(of)} has no fields")


def item(of: Type, index: Type) -> Member | Refusal:
    """The type of `value[index]`."""
    match of:
        case Any() | Never():
            return Member(of)
        case Union():
            return _of_each(of, lambda m: item(m, index))
        case Secret():
            return _sealed(item(of.inner, index))
        case NoneType():
            return Refusal("none", "the value is none")
        case List() if _is(index, "int"):
            return _is_beyond(of, index) or Member(of.item)
        case String() if _is(index, "int"):
            return Member(STRING)
        case Map() if _is(index, "string"):
            return Member(of.value)
        case RecordOf() if isinstance(index, LiteralOf) and isinstance(index.value, str):
            return member(of, index.value)
        case RecordOf() if isinstance(index, Union) and all(isinstance(m, LiteralOf) for m in index.members):
            return _of_each(index, lambda name: item(of, name))
        case RecordOf() if _is(index, "string"):
            return Refusal("type", f"a field of {show(of)} is named by literal text")
        case LiteralOf() if of.kind == "string":
            return item(STRING, index)
        case List() | String():
            return Refusal("type", f"an index of {show(of)} is an int, not {show(index)}")
        case Map() | RecordOf():
            return Refusal("type", f"a key of {show(of)} is text, not {show(index)}")
        case _:
            return Refusal("type", f"{show(of)} has no items")


def _is_beyond(of: List, index: Type) -> Refusal | None:
    """The refusal of a literal index that no such list has."""
    if not isinstance(index, LiteralOf) or not isinstance(index.value, int) or of.max_length is None:
        return None
    if -of.max_length <= index.value < of.max_length:
        return None
    items = f"{of.max_length} item{'s' if of.max_length != 1 else ''}"
    return Refusal("type", f"a list of at most {items} has none at {index.value}")


def sliced(of: Type) -> Member | Refusal:
    """The type of `value[a:b]`."""
    match of:
        case Any() | Never():
            return Member(of)
        case Union():
            return _of_each(of, sliced)
        case Secret():
            return _sealed(sliced(of.inner))
        case List():
            return Member(List(of.item))
        case String():
            return Member(STRING)
        case LiteralOf() if of.kind == "string":
            return Member(STRING)
        case NoneType():
            return Refusal("none", "the value is none")
        case _:
            return Refusal("type", f"{show(of)} has no slices")


def element(of: Type) -> Member | Refusal:
    """The type of x in `for x in value`: a list's items, a map's keys."""
    match of:
        case Any() | Never():
            return Member(of)
        case Union():
            return _of_each(of, element)
        case Secret():
            return _sealed(element(of.inner))
        case List():
            return Member(of.item)
        case Map() | RecordOf():
            return Member(STRING)
        case NoneType():
            return Refusal("none", "the value may be none")
        case _:
            return Refusal("type", f"{show(of)} is not a list or a map")


def entry(of: Type) -> Member | Refusal:
    """The type of v in `for k, v in value`; k is a string."""
    match of:
        case Any() | Never():
            return Member(of)
        case Union():
            return _of_each(of, entry)
        case Secret():
            return _sealed(entry(of.inner))
        case Map():
            return Member(of.value)
        case RecordOf():
            return Member(join_all(f.type for f in of.fields))
        case NoneType():
            return Refusal("none", "the value may be none")
        case _:
            return Refusal("type", f"{show(of)} is not a map")


def attribute(of: Type, path: str) -> Member | Refusal:
    """The type that `attribute='a.b'` reads from an item: softly, so that what is absent or beneath none is none."""
    current = of
    soft = False
    for name in path.split("."):
        inner = _without_none(current)
        if inner is not current and not isinstance(inner, Never):
            soft = True
        found = member(inner, name)
        if isinstance(found, Refusal):
            return found
        soft = soft or found.soft or any(isinstance(m, Map) for m in members(inner))
        current = found.type
    if soft and not isinstance(current, Any):
        return Member(optional(current), True)
    return Member(current, soft)


def is_nonempty(of: Type) -> bool:
    """Whether a list or map has at least one item."""
    return isinstance(of, (List, Map)) and (of.min_length or 0) > 0


def _without_none(of: Type) -> Type:
    if not isinstance(of, Union) or not is_optional(of):
        return of
    return join_all(m for m in of.members if not isinstance(m, NoneType))


def _is(index: Type, kind: str) -> bool:
    if isinstance(index, Union):
        return all(_is(m, kind) for m in index.members)
    if isinstance(index, (Any, Never)):
        return True
    if isinstance(index, LiteralOf):
        return index.kind == kind
    return isinstance(index, Int if kind == "int" else String)


def _sealed(inner: Member | Refusal) -> Member | Refusal:
    """What stands inside a secret is one."""
    return inner if isinstance(inner, Refusal) else inner.replace(type=sealed(inner.type))


def _of_each(of: Union, ask: Callable[[Type], Member | Refusal]) -> Member | Refusal:
    """Ask every member of a union; all must answer."""
    if is_optional(of):
        return Refusal("none", "the value may be none")
    found: list[Member] = []
    for one in of.members:
        answer = ask(one)
        if isinstance(answer, Refusal):
            return answer
        found.append(answer)
    if any(type(m.type) is Any for m in found):
        return Member(untyped(m.type for m in found), any(m.soft for m in found))
    return Member(join_all(m.type for m in found) if found else NEVER, any(m.soft for m in found))

"""Records as JSON and back: how the resolved standard library is stored.

A record is a list that begins with the short name of its class, a tuple one that begins with ''; scalars are
themselves. Only classes of the tree, of types and of signatures are known, so reading never makes anything else.
"""

from __future__ import annotations

from flowlang.record import Record
from flowlang.semantics import facts
from flowlang.syntax import ast
from flowlang.types import model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for prefix, module in (("", ast), ("t.", model)):
        for name, each in vars(module).items():
            if isinstance(each, type) and issubclass(each, Record) and each is not Record:
                found[prefix + name] = each
    found["f.Param"] = facts.ParamSig
    found["f.Signature"] = facts.Signature
    return found


CLASSES = _classes()
_NAMES = {each: name for name, each in CLASSES.items()}


def to_json(value: object) -> object:
    """Write a value of records, tuples and scalars."""
    if isinstance(value, Record):
        return [_NAMES[type(value)], *(to_json(getattr(value, field)) for field in type(value)._fields)]
    if isinstance(value, tuple):
        return ["", *(to_json(each) for each in value)]
    return value


def from_json(data: Any) -> Any:
    """Read what `to_json` wrote."""
    if type(data) is not list:
        return data
    name = data[0]
    if name == "":
        return tuple([from_json(each) for each in data[1:]])
    return CLASSES[name](*[from_json(each) for each in data[1:]])

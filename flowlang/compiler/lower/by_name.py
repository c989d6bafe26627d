"""Filters and tests that are given by name, as in `map('string')` and `select('in', xs)`, where durations meet what is
none: they see each item as they would see it alone.

Written or read is the item in the question only, so the loop is spelled out here: what comes out is what went in.
"""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types import model
from flowlang.types.edge import needs_edge
from flowlang.types.members import Member, attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.compiler.lower.expressions import Expressions
    from flowlang.plan.nodes import Expr
    from flowlang.types.model import Type

    Given = dict[str, ast.Expr | None]

_AS_JSON: Final = frozenset(("float", "int", "join", "tojson", "urlencode"))
"""Filters that take an `any`."""
_ITEM: Final = "#item"
_OPERAND: Final = "#operand"


def spelled_out(at: Expressions, name: str, given: Given, head: ast.Call | None) -> Expr | None:
    """A call of a function that takes a filter or a test by name, as a loop; null where no duration meets an `any`."""
    value, path = given.get("value"), given.get("attribute")
    if value is None or not ("test" in given or name == "map"):
        return None
    of = tested(at.type_of(value), path)
    item: Expr = ["ref", _ITEM]
    for key in path.value.split(".") if isinstance(path, ast.Text) else ():
        item = ["soft", item, key, True]
    if name == "map":
        return _mapped(at, given, item, of, head) if needs_edge(of) else None
    return _chosen(at, given, item, of, name.startswith("reject"), head)


def tested(of: Type, path: ast.Expr | None) -> Type:
    """What a filter or test by name is asked about: an item of a list, or a field of it."""
    item = of.item if isinstance(of, model.List) else model.ANY
    if not isinstance(path, ast.Text):
        return item
    found = attribute(item, path.value)
    return found.type if isinstance(found, Member) else model.ANY


def _mapped(at: Expressions, given: Given, item: Expr, of: Type, head: ast.Call | None) -> Expr | None:
    value, name, argument = given["value"], given["filter"], given["argument"]
    if value is None or not isinstance(name, ast.Text) or not (name.value == "string" or name.value in _AS_JSON):
        return None
    number = at.tables.type(of)
    if name.value == "string":
        return ["comp", ["text", [["show", item, number]]], [_ITEM], at.lower(value, head), None, False]
    items = ["comp", ["edge", item, number], [_ITEM], at.lower(value, head), None, False]
    more = ["lit", None] if argument is None else at.lower(argument, head)
    return ["call", "map", [items, ["lit", name.value], more, ["lit", None]]]


def _chosen(at: Expressions, given: Given, item: Expr, of: Type, rejects: bool, head: ast.Call | None) -> Expr | None:
    value, name, operand = given["value"], given["test"], given["argument"]
    if value is None or operand is None or not isinstance(name, ast.Text):
        return None
    test, other = f"is_{name.value}", at.type_of(operand)
    both = at.as_compared(test, (item, of), (["ref", _OPERAND], other))
    if both is None or both == [item, ["ref", _OPERAND]]:
        return None
    condition: Expr = ["call", test, [both[0], ["ref", _OPERAND]]]
    if rejects:
        condition = ["not", condition]
    found = ["comp", ["ref", _ITEM], [_ITEM], at.lower(value, head), condition, False]
    seen = at.as_compared(test, (item, of), (at.raw(operand, head), other))
    return None if seen is None else ["let", _OPERAND, seen[1], found]

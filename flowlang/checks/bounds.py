"""Comparisons that the bounds of a type decide: `int(ge=0)` is never below 0, `string(min_length=1)` never empty."""

from __future__ import annotations

from math import inf

from flowlang.checks.conditions import operands
from flowlang.syntax import ast
from flowlang.types.model import Float, Int, List, Map, String
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from flowlang.checks.look import Look

    Bounds = tuple[float | None, bool, float | None, bool]  # low, is it out of reach; high, is it out of reach

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def decided(look: Look, node: ast.Expr) -> tuple[bool, str] | None:
    """Whether a comparison always or never holds by the type of one side, with the reason; null if it may do both."""
    if not isinstance(node, ast.Compare) or len(node.rest) != 1:
        return None
    link = node.rest[0]
    side, literal = node.first, link.operand
    operator: str = link.operator
    if isinstance(side, (ast.Literal, ast.Text, ast.Unary)):
        side, literal, operator = literal, side, _FLIPPED.get(operator, "")
    of = look.facts.types.get(id(side))
    if isinstance(of, String) and isinstance(literal, ast.Text):
        if operator not in ("==", "!=") or _decide("==", _sizes(of), len(literal.value)) is None:
            return None
        return operator == "!=", f"the value is {show(of)}"
    value = _number(literal)
    if value is None or not isinstance(of, (Int, Float)):
        return None
    counted = _counted(look, side)
    if counted is None:
        answer = _decide(operator, (*_pick(of.ge, of.gt), *_pick(of.le, of.lt)), value)
        why = f"the value is {show(of)}"
    else:
        answer, why = _decide(operator, _sizes(counted), value), f"this counts {show(counted)}"
    return None if answer is None else (answer, why)


def left_open(node: ast.Node) -> bool | None:
    """Whether comparisons of one value with numbers decide what they are joined to: by `and` or in a chain they leave
    it no number (false), by `or` they leave none out (true). Null if it depends on the value.
    """
    if isinstance(node, ast.Compare):
        return False if len(node.rest) > 1 and _is_empty(_compared(node)) else None
    if not isinstance(node, ast.Logic):
        return None
    comparisons = [each for each in operands(node) if isinstance(each, ast.Compare)]
    if len(comparisons) < 2 and not any(len(each.rest) > 1 for each in comparisons):
        return None
    if node.operator == "and":
        return False if _is_empty(one for each in comparisons for one in _compared(each)) else None
    single = [one for each in comparisons if len(each.rest) == 1 for one in _compared(each)]
    return True if _is_empty((value, _NEGATED[operator], number) for value, operator, number in single) else None


def _compared(node: ast.Compare) -> Iterator[tuple[ast.Expr, str, float]]:
    """Each comparison of a value with a number in a chain of them, the value on the left."""
    left = node.first
    for link in node.rest:
        value, number, operator = left, _number(link.operand), str(link.operator)
        if number is None:
            value, number, operator = link.operand, _number(left), _FLIPPED.get(operator, "")
        if number is not None and operator in _NEGATED and _number(value) is None:
            yield value, operator, number
        left = link.operand


def _is_empty(comparisons: Iterable[tuple[ast.Expr, str, float]]) -> bool:
    """Whether no number fits all comparisons of one of the values."""
    found: dict[ast.Expr, tuple[float, bool, float, bool]] = {}
    for value, operator, number in comparisons:
        low, low_open, high, high_open = found.get(value, (-inf, False, inf, False))
        if operator in (">", ">=", "=="):
            low, low_open = max((low, low_open), (number, operator == ">"))
        if operator in ("<", "<=", "=="):
            high, not_open = min((high, not high_open), (number, operator != "<"))
            high_open = not not_open
        if low > high or (low == high and (low_open or high_open)):
            return True
        found[value] = low, low_open, high, high_open
    return False


def _number(node: ast.Expr) -> float | None:
    sign = 1
    if isinstance(node, ast.Unary) and node.operator == "-":
        sign, node = -1, node.operand
    if isinstance(node, ast.Duration):
        return sign * node.microseconds
    if isinstance(node, ast.Literal) and type(node.value) in (int, float):
        return sign * node.value  # type: ignore[operator]
    return None


def _pick(closed: float | None, opened: float | None) -> tuple[float | None, bool]:
    return (closed, False) if closed is not None else (opened, opened is not None)


def _counted(look: Look, node: ast.Expr) -> String | List | Map | None:
    """The type of what `length` counts."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name not in ("length", "count"):
        return None
    value = fact.arguments[0][1]
    of = look.facts.types.get(id(value)) if value is not None else None
    return of if isinstance(of, (String, List, Map)) else None


def _sizes(of: String | List | Map) -> Bounds:
    return of.min_length or 0, False, of.max_length, False


def _decide(operator: str, bounds: Bounds, value: float) -> bool | None:
    low, low_open, high, high_open = bounds
    below = high is not None and (high < value or (high == value and high_open))
    above = low is not None and (low > value or (low == value and low_open))
    at_most, at_least = high is not None and high <= value, low is not None and low >= value
    answers = {
        "<": (below, at_least),
        "<=": (at_most, above),
        ">": (above, at_most),
        ">=": (at_least, below),
        "==": (False, below or above),
        "!=": (below or above, False),
    }
    always, never = answers.get(operator, (False, False))
    return True if always else False if never else None

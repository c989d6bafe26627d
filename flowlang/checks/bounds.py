"""Comparisons that the bounds of a type decide: `int(ge=0)` is never below 0, `string(min_length=1)` never empty."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.model import Float, Int, List, Map, String
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.checks.look import Look

    Bounds = tuple[float | None, bool, float | None, bool]  # low, is it out of reach; high, is it out of reach

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


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


def _number(node: ast.Expr) -> float | None:
    sign = 1
    if isinstance(node, ast.Unary) and node.operator == "-":
        sign, node = -1, node.operand
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

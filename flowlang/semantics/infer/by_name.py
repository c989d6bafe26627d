"""Fields and tests that filters take by name, beyond what a declaration can say: whether the field is there, and
whether the test takes what it is given.
"""

from __future__ import annotations

from flowlang.semantics.infer.meant import as_compared
from flowlang.semantics.infer.operations import overlap
from flowlang.semantics.operators import ORDERED, kind_of
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.assign import reveal
from flowlang.types.join import members
from flowlang.types.members import Refusal, attribute
from flowlang.types.model import ANY, List
from flowlang.types.narrow import without_none
from flowlang.types.show import show_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_ORDERS: Final = frozenset("lt le gt ge lessthan greaterthan".split())
_EQUALS: Final = frozenset("eq ne equalto".split())


def check_attribute(c: Inference, given: dict[str, ast.Expr]) -> None:
    """`join(attribute='x')`: the items have such a field."""
    name, item = given["attribute"], item_of(c, given)
    if isinstance(name, ast.Text):
        answer = attribute(item, name.value)
        if isinstance(answer, Refusal):
            c.report("unknown-field", answer.reason, name, c.reporter.near(name.value, answer.known))


def check_operand(c: Inference, given: dict[str, ast.Expr]) -> None:
    """`selectattr('n', 'gt', 3)` and `select('gt', 3)`: the test compares the two."""
    test, operand = given["test"], given["argument"]
    word = test.value if isinstance(test, ast.Text) else ""
    left, right = _tested(c, given), reveal(c.types.get(id(operand), ANY))
    if left is POISON or right is POISON or word not in _ORDERS | _EQUALS:
        return
    left = without_none(left) if word in _ORDERS else left
    if word in _EQUALS:
        if not overlap(left, right):
            shown, other = show_pair(left, right)
            c.report("impossible-comparison", f"what is tested is {shown} and never equal to {other}", operand)
        return
    a, b = kind_of(left), kind_of(right)
    if "any" not in (a, b) and "mixed" not in (a, b) and (a not in ORDERED or ORDERED[a] != ORDERED.get(b)):
        shown, other = show_pair(left, right)
        help, fixes = as_compared(c, left, operand, right) or ("", ())
        c.reporter.report("wrong-operand", f"`{word}` does not compare {shown} with {other}", operand, help, (), fixes)


def item_of(c: Inference, given: dict[str, ast.Expr]) -> Type:
    """What the items of the first argument are; `any` if that is not known."""
    found = reveal(c.types.get(id(given.get("value")), ANY))
    lists = [each for each in members(found) if isinstance(each, List)]
    return lists[0].item if len(lists) == len(members(found)) == 1 else ANY


def _tested(c: Inference, given: dict[str, ast.Expr]) -> Type:
    """What a test by name is asked about: the item, or its field."""
    item, name = item_of(c, given), given.get("attribute")
    if name is None:
        return item
    answer = attribute(item, name.value) if isinstance(name, ast.Text) else None
    return POISON if answer is None or isinstance(answer, Refusal) else answer.type

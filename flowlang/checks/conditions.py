"""Conditions taken apart: what `and`, `or` and `not` join, which stand twice in a chain of `else if`, and which exclude
each other by what is written.
"""

from __future__ import annotations

from itertools import islice

from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final


def parts(node: ast.Expr) -> Iterator[ast.Expr]:
    """What a condition is made of by `and`, `or` and `not`."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Logic):
            pending += [part.right, part.left]
        elif isinstance(part, ast.Unary) and part.operator == "not":
            pending.append(part.operand)
        else:
            yield part


def operands(node: ast.Logic) -> Iterator[ast.Expr]:
    """The operands of a chain of one operator, left to right."""
    pending: list[ast.Expr] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Logic) and part.operator == node.operator:
            pending += [part.right, part.left]
        else:
            yield part


def repetitions(node: ast.If | ast.Logic) -> Iterator[tuple[ast.Expr, ast.Expr]]:
    """Each condition of a chain that stands in it before, with the earlier one."""
    seen: dict[ast.Expr, ast.Expr] = {}
    chain = [branch.condition for branch in node.branches] if isinstance(node, ast.If) else operands(node)
    for each in chain:
        earlier = seen.setdefault(each, each)
        if earlier is not each:
            yield each, earlier


def is_repeated(tree: ast.File, node: ast.Expr) -> bool:
    """Whether a condition is that of an `else if`, and stands above in the same chain."""
    path = path_to(tree, node)
    above = path[-3] if len(path) > 2 else None
    return isinstance(above, ast.If) and any(each is node for each, _ in repetitions(above))


MOST_OPERANDS: Final = 50
"""Operands of one chain of which each is held against each other."""
_OPPOSITES: Final = frozenset((("==", "!="), ("<", ">="), (">", "<="), ("in", "not in")))


def exclude(one: ast.Expr, other: ast.Expr) -> bool:
    """Whether two conditions never hold together: one has a part that the other negates, or the two want different
    literals of one value. What it would take to reason about numbers is not tried.
    """
    return any(_opposed(a, b) for a in _conjuncts(one) for b in _conjuncts(other))


def settled(node: ast.Logic) -> bool | None:
    """What a chain of `and` is if one of its operands is `false` or excludes another, and one of `or` if one is `true`
    or two negate each other; null if it hangs on what the operands are.
    """
    answer, found = node.operator == "or", [*islice(operands(node), MOST_OPERANDS)]
    is_decided = _is_negated if answer else _opposed
    for at, one in enumerate(found):
        if type(one) is ast.Literal and one.value is answer:
            return answer
        for other in found[:at]:
            is_alike = type(one) is type(other) or ast.Unary in (type(one), type(other))
            if is_alike and is_decided(one, other):
                return answer
    return None


def _conjuncts(node: ast.Expr) -> Iterator[ast.Expr]:
    if isinstance(node, ast.Logic) and node.operator == "and":
        yield from operands(node)
    else:
        yield node


def _opposed(one: ast.Expr, other: ast.Expr) -> bool:
    if _is_negated(one, other):
        return True
    if not isinstance(one, ast.Compare) or not isinstance(other, ast.Compare) or one.first != other.first:
        return False
    if len(one.rest) > 1 or len(other.rest) > 1:
        return False
    (a,), (b,) = one.rest, other.rest
    literal = isinstance(a.operand, (ast.Text, ast.Literal)) and isinstance(b.operand, (ast.Text, ast.Literal))
    return a.operator == b.operator == "==" and literal and a.operand != b.operand


def _is_negated(one: ast.Expr, other: ast.Expr) -> bool:
    """Whether one of two conditions is the other's negation."""
    if _negates(one, other) or _negates(other, one):
        return True
    if not isinstance(one, ast.Compare) or not isinstance(other, ast.Compare) or one.first != other.first:
        return False
    if len(one.rest) > 1 or len(other.rest) > 1:
        return False
    (a,), (b,) = one.rest, other.rest
    pairs = (a.operator, b.operator), (b.operator, a.operator)
    return a.operand == b.operand and any(each in _OPPOSITES for each in pairs)


def _negates(one: ast.Expr, other: ast.Expr) -> bool:
    if isinstance(one, ast.Unary) and one.operator == "not":
        return one.operand == other
    if isinstance(one, ast.Test) and isinstance(other, ast.Test):
        return one.negated != other.negated and one.replace(negated=other.negated) == other
    return False

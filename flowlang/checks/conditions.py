"""Conditions taken apart: what `and`, `or` and `not` join, and which stand twice in a chain of `else if`."""

from __future__ import annotations

from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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

"""A condition that is the same at every run."""

from __future__ import annotations

from flowlang.checks.bounds import decided, left_open
from flowlang.checks.conditions import is_repeated, parts
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each condition that holds always or never by what is known where it stands, or that reads nothing."""
    constant = look.facts.constant
    for node in look.facts.conditions.get(look.file.path, ()):
        holds = constant.get(id(node))
        if holds is None and type(node) in _JOINED:
            yield from _by_bounds(node, look)
            holds = left_open(node)
        if holds is None and (not _reads_nothing(node) or look.is_item_broken(node)):
            continue
        if _is_for_others(node, look) or look.is_broken(node):
            continue
        if holds is None:
            message = "this condition reads nothing: it is the same at every run"
        else:
            message = f"this condition {'always' if holds else 'never'} holds"
        yield look.found(message, node, "take it out, or compare with what changes")


def _by_bounds(node: ast.Expr, look: Look) -> Iterator[Diagnostic]:
    """The parts of a condition that the bounds of a type decide."""
    for part in parts(node):
        answer = decided(look, part) if type(part) is ast.Compare else None
        if answer is not None and not look.is_broken(node):
            holds, why = answer
            message = f"this {'always' if holds else 'never'} holds: {why}"
            yield look.found(message, part, "take it out, or compare with what it can be")


def _reads_nothing(node: ast.Expr) -> bool:
    """Whether an expression consists of literals and operators only."""
    if type(node) not in _OPERATIONS:
        return False
    pending: list[object] = [node]
    for part in pending:  # grows while it is read
        if type(part) in _READING:
            return False
        if isinstance(part, tuple):
            pending.extend(part)
    return True


_JOINED = frozenset((ast.Compare, ast.Logic, ast.Unary))
"""What is a comparison, or may hold one as a part of its own."""
_OPERATIONS = frozenset((ast.Compare, ast.Logic, ast.Unary, ast.Binary, ast.Literal))
_READING = frozenset((ast.Name, ast.Call, ast.Filter, ast.Test, ast.Template, ast.BrokenExpr, ast.Comprehension))


def _is_for_others(node: ast.Expr, look: Look) -> bool:
    """Whether another rule says it better: a text as a condition, a test for none, a condition that stands above."""
    if isinstance(node, (ast.Text, ast.Template)):
        return True
    if isinstance(node, ast.Test) and node.name.name in ("none", "defined", "undefined"):
        return True
    if isinstance(node, ast.Compare) and any(
        isinstance(link.operand, ast.Literal) and link.operand.value is None for link in node.rest
    ):
        return True
    if any(isinstance(part, (ast.Text, ast.Template)) for part in parts(node)):
        return True
    return look.facts.constant.get(id(node)) is False and is_repeated(look.file.tree, node)

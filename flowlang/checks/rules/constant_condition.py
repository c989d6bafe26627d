"""A condition that is the same at every run."""

from __future__ import annotations

from flowlang.checks.bounds import decided, left_open
from flowlang.checks.conditions import is_repeated, parts, settled
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
HELP: Final = "take it out, or compare with what changes"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each condition that holds always or never by what is known where it stands, or that reads nothing, and each such
    part of a condition or value.
    """
    asked = look.facts.conditions.get(look.file.path, ())
    found = [*_conditions(asked, look)]
    yield from found
    yield from _parts_of_values(look, asked, found)


def _conditions(asked: Sequence[ast.Expr], look: Look) -> Iterator[Diagnostic]:
    constant = look.facts.constant
    for node in asked:
        holds = constant.get(id(node))
        if holds is None and type(node) in _JOINED:
            yield from _by_bounds(node, look)
            holds = left_open(node)
            if holds is None and type(node) is ast.Logic and not look.is_item_broken(node):
                yield from _literals(node, look)
        if holds is None and (not _reads_nothing(node) or look.is_item_broken(node)):
            continue
        if _is_for_others(node, look) or look.is_broken(node):
            continue
        if holds is None:
            message = "this condition reads nothing: it is the same at every run"
        else:
            message = f"this condition {'always' if holds else 'never'} holds"
        yield look.found(message, node, HELP)


def _parts_of_values(look: Look, asked: Sequence[ast.Expr], found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """What is true or false whatever else is so, but is no condition of its own: the largest such parts."""
    nodes = [each for each in look.facts.called.get(look.file.path, ()) if type(each) in _JOINED]
    if len(nodes) > 1:
        passed = {*map(id, asked)}.union(*[_chained(each) for each in nodes if type(each) is ast.Logic])
        nodes = [each for each in nodes if id(each) not in passed]
    told = [(each.span.start, each.span.end) for each in found]
    for node in sorted(nodes, key=_outside_in):
        holds = _comes_to(node)
        if holds is None and not _reads_nothing(node):
            continue
        if look.is_item_broken(node) or any(start <= node.start and node.end <= end for start, end in told):
            continue
        told.append((node.start, node.end))
        if not _says_another(node):
            what = "reads nothing: it is the same at every run" if holds is None else f"is always {str(holds).lower()}"
            yield look.found(f"this {what}", node, HELP)


def _comes_to(node: ast.Node) -> bool | None:
    """What a chain of `and` or `or`, or of comparisons, comes to whatever the values in it are."""
    if type(node) is ast.Logic:
        left, right = type(node.left), type(node.right)
        if left is not right and left not in _DECIDING and right not in _DECIDING:
            return None
        found = settled(node)
        return left_open(node) if found is None else found
    return left_open(node) if type(node) is ast.Compare and len(node.rest) > 1 else None


def _says_another(node: ast.Node) -> bool:
    """Whether `self-comparison` or `substring-test` says it, or it is a number."""
    if not isinstance(node, ast.Compare):
        return isinstance(node, ast.Unary) and node.operator != "not"
    link = node.rest[0]
    if link.operator in ("in", "not in"):
        return isinstance(link.operand, ast.Text)
    return node.first == link.operand and not isinstance(node.first, (ast.Literal, ast.Text, ast.Duration))


def _chained(node: ast.Logic) -> list[int]:
    """The sides of an `and` or `or` that belong to the same chain."""
    return [id(each) for each in (node.left, node.right) if type(each) is ast.Logic and each.operator == node.operator]


def _outside_in(node: ast.Node) -> tuple[int, int]:
    return node.start, -node.end


def _literals(node: ast.Logic, look: Look) -> Iterator[Diagnostic]:
    """The parts of a condition that are `true` or `false` and do not decide it."""
    for part in parts(node):
        if type(part) is ast.Literal and isinstance(part.value, bool):
            yield look.found(
                f"this {'always' if part.value else 'never'} holds, and changes nothing", part, "take it out"
            )


def _by_bounds(node: ast.Expr, look: Look) -> Iterator[Diagnostic]:
    """The parts of a condition that the bounds of a type decide."""
    for part in parts(node):
        answer = decided(look, part) if type(part) is ast.Compare else None
        if answer is not None and not look.is_broken(node):
            holds, why = answer
            message = f"this {'always' if holds else 'never'} holds: {why}"
            yield look.found(message, part, "take it out, or compare with what it can be")


def _reads_nothing(node: ast.Node) -> bool:
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
_DECIDING = frozenset((ast.Literal, ast.Unary, ast.Logic))
"""What may decide an `and` or `or` whatever the other side is; of one kind, two sides may decide it together."""
_OPERATIONS = frozenset((ast.Compare, ast.Logic, ast.Unary, ast.Binary, ast.Literal))
_READING = frozenset(
    (ast.Name, ast.Attribute, ast.Call, ast.Filter, ast.Test, ast.Template, ast.BrokenExpr, ast.Comprehension)
)


def _is_for_others(node: ast.Expr, look: Look) -> bool:
    """Whether another rule says it better (a text as a condition, a test for none, a condition that stands above), or
    someone wants it so.
    """
    if isinstance(node, (ast.Text, ast.Template)):
        return True
    if isinstance(node, ast.Test) and node.name.name in ("none", "defined", "undefined"):
        return True
    if isinstance(node, ast.Compare) and any(
        isinstance(link.operand, ast.Literal) and link.operand.value is None for link in node.rest
    ):
        return True
    if any(isinstance(part, (ast.Text, ast.Template)) or _is_switch(part, look) for part in parts(node)):
        return True
    return look.facts.constant.get(id(node)) is False and is_repeated(look.file.tree, node)


def _is_switch(node: ast.Expr, look: Look) -> bool:
    """Whether a condition is a constant that is nothing but `true` or `false`, to be changed by hand."""
    symbol = look.facts.symbols.get(id(node)) if isinstance(node, ast.Name) else None
    value = symbol.node.value if symbol is not None and isinstance(symbol.node, ast.Let) else None
    return isinstance(value, ast.Literal) and isinstance(value.value, bool)

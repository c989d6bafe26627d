"""A block, a handler or an undo without a statement."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(
    node: ast.Parallel | ast.Race | ast.Sequence | ast.For | ast.If | ast.Step | ast.Do | ast.FlowDecl, look: Look
) -> Iterator[Diagnostic]:
    """Each block that does nothing; an `if` does if one of its branches does. Each `undo` and each handler without a
    statement: all that a handler does then is to keep its errors from those behind it.
    """
    if isinstance(node, (ast.Step, ast.Do, ast.FlowDecl)):
        clauses = node.catches if isinstance(node, ast.FlowDecl) else node.clauses
        if clauses:
            yield from _handlers(clauses, "return" if isinstance(node, ast.FlowDecl) else "yield", look)
        return
    if isinstance(node, ast.If):
        bodies = [branch.body for branch in node.branches]
        if node.otherwise is not None:
            bodies.append(node.otherwise)
    else:
        bodies = [node.body]
    if not any(body.statements for body in bodies) and not look.is_broken(node):
        yield look.found("this block does nothing", bodies[0] if isinstance(node, ast.For) else node, "take it out")


def _overlap(one: ast.Catch, other: ast.Catch) -> bool:
    """Whether two handlers take some of the same kinds; without names a handler takes all but a cancellation."""
    kinds, others = ({each.name for each in handler.kinds} for handler in (one, other))
    return bool(kinds & others) if kinds and others else (kinds or others) != {"cancelled"}


def _handlers(clauses: tuple[ast.Clause, ...] | tuple[ast.Catch, ...], word: str, look: Look) -> Iterator[Diagnostic]:
    handlers = [each for each in clauses if isinstance(each, ast.Catch)]
    for index, handler in enumerate(handlers):
        if handler.body.statements or look.is_broken(handler):
            continue
        message, help = "this handler does nothing: the error goes on as if it were not there", "take it out"
        if any(_overlap(handler, each) for each in handlers[index + 1 :]):
            message = "this handler does nothing but keep its errors from those behind it"
            help = "to pass an error on, write `do fail(err)` in it, with `as err` before its `{`"
        yield look.found(message, handler, f"{help}; to go on without a value, write `{word} none` in it")
    for each in clauses:
        if isinstance(each, ast.Undo) and not each.body.statements and not look.is_broken(each):
            yield look.found("this `undo` does nothing", each, "take it out")

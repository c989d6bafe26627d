"""A block, a handler or an undo without a statement."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(
    node: ast.Parallel | ast.Race | ast.Sequence | ast.For | ast.If | ast.Step | ast.Do | ast.FlowDecl, look: Look
) -> Iterator[Diagnostic]:
    """Each block that does nothing; an `if` does if one of its branches does. Each `undo` that does nothing, and the
    last handler of a step or flow if it does: an earlier one keeps its errors from those behind it.
    """
    if isinstance(node, (ast.Step, ast.Do, ast.FlowDecl)):
        yield from _handlers(node, look)
        return
    if isinstance(node, ast.If):
        bodies = [branch.body for branch in node.branches]
        if node.otherwise is not None:
            bodies.append(node.otherwise)
    else:
        bodies = [node.body]
    if not any(body.statements for body in bodies) and not look.is_broken(node):
        yield look.found("this block does nothing", bodies[0] if isinstance(node, ast.For) else node, "take it out")


def _handlers(node: ast.Step | ast.Do | ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    clauses = node.catches if isinstance(node, ast.FlowDecl) else node.clauses
    last = next((each for each in reversed(clauses) if isinstance(each, ast.Catch)), None)
    if last is not None and not last.body.statements and not look.is_broken(last):
        word = "return" if isinstance(node, ast.FlowDecl) else "yield"
        help = f"take it out; to go on without a value, write `{word} none` in it"
        yield look.found("this handler does nothing: the error goes on as if it were not there", last, help)
    for each in clauses:
        if isinstance(each, ast.Undo) and not each.body.statements and not look.is_broken(each):
            yield look.found("this `undo` does nothing", each, "take it out")

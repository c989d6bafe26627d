"""A handler of an error that the guarded step never raises."""

from __future__ import annotations

from flowlang.checks.bodies import handlers_of
from flowlang.checks.failures import failures
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("catch",)


def check(node: ast.Step | ast.Do | ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    """Each kind that cannot reach its handler, and each handler of a step that cannot fail."""
    handlers = handlers_of(node)
    if not handlers or look.is_broken(node):
        return
    raised = failures(look).of(node)
    for handler in handlers:
        if not raised and "cancelled" not in [kind.name for kind in handler.kinds]:
            yield look.found("this handler never runs: the step cannot fail", handler, "leave it out")
        dead = [kind for kind in handler.kinds if raised and kind.name not in raised]
        for kind in dead:
            yield look.found(
                f"`{kind.name}` is never raised here",
                kind,
                "leave it out" if len(dead) < len(handler.kinds) else "leave the handler out: it never runs",
                fixes=_fixes(look, handler, kind) if len(dead) < len(handler.kinds) else (),
            )


def _fixes(look: Look, handler: ast.Catch, kind: ast.Ident) -> tuple[Fix, ...]:
    position = handler.kinds.index(kind)
    if position:
        span = Span(look.file.path, handler.kinds[position - 1].end, kind.end)
    else:
        span = Span(look.file.path, kind.start, handler.kinds[1].start)
    return (Fix("leave it out", (Edit(span, ""),)),)

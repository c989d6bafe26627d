"""`after` names a step that a reference already makes this one wait for."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each name in `after` that is also referred to."""
    referred = {id(node) for node in look.facts.references.get(id(step), ())}
    for clause in step.clauses:
        if not isinstance(clause, ast.After):
            continue
        for position, name in enumerate(clause.names):
            symbol = look.facts.symbols.get(id(name))
            if symbol is not None and symbol.node is not None and id(symbol.node) in referred:
                yield look.found(
                    f"this waits for `{name.name}` anyway: it refers to it",
                    name,
                    "leave it out",
                    fixes=(_fix(clause, position, look),),
                )


def _fix(clause: ast.After, position: int, look: Look) -> Fix:
    """Take the name out, and the clause with its last name."""
    if len(clause.names) == 1:
        text = look.file.source.text
        start = clause.start
        while start > 0 and text[start - 1] in " \t":
            start -= 1
        span = Span(look.file.path, start, clause.end)
    elif position:
        span = Span(look.file.path, clause.names[position - 1].end, clause.names[position].end)
    else:
        span = Span(look.file.path, clause.names[0].start, clause.names[1].start)
    return Fix("leave it out", (Edit(span, ""),))

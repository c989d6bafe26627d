"""`after` names a step that this one waits for anyway."""

from __future__ import annotations

from flowlang.checks.removal import removal
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("after",)


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each name in `after` that stands there already, that is also referred to, or that another step waits for which
    this one waits for.
    """
    for clause in step.clauses:
        if not isinstance(clause, ast.After):
            continue
        named: set[int] = set()
        referred = {id(node) for node in look.facts.references.get(id(step), ())}
        for position, name in enumerate(clause.names):
            symbol = look.facts.symbols.get(id(name))
            if symbol is None or symbol.node is None:
                continue
            if id(symbol.node) in named:
                why = "it stands here twice"
            else:
                why = "it refers to it" if id(symbol.node) in referred else _through(step, symbol.node, look)
            named.add(id(symbol.node))
            if why:
                message, fixes = f"this waits for `{name.name}` anyway: {why}", _fixes(clause, position, look)
                yield look.found(message, name, "leave it out", fixes=fixes)


def _through(step: ast.Node, first: ast.Node, look: Look) -> str:
    """The step that waits for another one and is itself waited for, in words; '' if there is none."""
    needs = look.facts.needs
    for between in needs.get(id(step), ()):
        pending = list(needs.get(id(between), ())) if between is not first else []
        seen: set[int] = {id(step)}
        while pending:
            node = pending.pop()
            if node is first:
                return f"`{look.facts.keys.get(id(between), 'a step')}` waits for it"
            if id(node) not in seen:
                seen.add(id(node))
                pending += needs.get(id(node), ())
    return ""


def _fixes(clause: ast.After, position: int, look: Look) -> tuple[Fix, ...]:
    """Take the name out, and the clause with its last name."""
    if len(clause.names) == 1:
        return removal(look, clause, "leave it out")
    if position:
        span = Span(look.file.path, clause.names[position - 1].end, clause.names[position].end)
    else:
        span = Span(look.file.path, clause.names[0].start, clause.names[1].start)
    return (Fix("leave it out", (Edit(span, ""),)),)

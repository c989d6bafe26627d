"""A step of a race has an effect that remains when another one wins."""

from __future__ import annotations

from flowlang.checks.sites import CLOCKS, WAITS
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("race",)


def check(race: ast.Race, look: Look) -> Iterator[Diagnostic]:
    """Each step that neither reads, nor is idempotent, nor can be undone."""
    for step in race.body.statements:
        if not isinstance(step, (ast.Step, ast.Do)) or any(isinstance(clause, ast.Undo) for clause in step.clauses):
            continue
        head = look.facts.effects.get(id(step))
        fact = look.facts.calls.get(id(head)) if head is not None else None
        if fact is None or fact.signature.name in WAITS | CLOCKS:
            continue
        if any(name == "idempotent" for name, _ in fact.signature.annotations):
            continue
        if any(
            annotation.name.name == "idempotent" for annotation in (*step.annotations, *_around(fact.service, look))
        ):
            continue
        name = look.facts.keys[id(step)]
        yield look.found(
            f"`{name}` may have its effect and lose the race all the same",
            step.value,
            "give it an `undo`, or say `@idempotent` if repeating it is harmless",
        )


def _around(service: str | None, look: Look) -> tuple[ast.Annotation, ...]:
    """The annotations of the service that a call goes to."""
    for symbol in look.file.names.values():
        if (
            service is not None
            and symbol.kind == "service"
            and symbol.qualified == service
            and isinstance(symbol.node, ast.ServiceDecl)
        ):
            return symbol.node.annotations
    return ()

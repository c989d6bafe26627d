"""`@cache` on a call whose point is that it happens: one that writes, or one that is asked again and again."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("@cache",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@cache` on the step itself of a write that is not said to be idempotent, or of a poll."""
    for site in sites(look).calls:
        given = next((each for each in site.own if each.name == "cache"), None)
        if given is None or not is_sound(look, given):
            continue
        name = site.fact.signature.name
        if any(isinstance(clause, ast.Until) for clause in site.step.clauses):
            yield look.found(
                "this poll asks once: every further round is given the same value again",
                given.node,
                "leave `@cache` out, or poll without it",
            )
        elif site.effect == "write" and not site.is_idempotent():
            yield look.found(
                f"`{name}` changes something, and does not while a value is reused",
                given.node,
                "cache what only reads; if repeating the call is harmless, say so with `@idempotent`",
            )

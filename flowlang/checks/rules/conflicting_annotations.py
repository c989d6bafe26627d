"""`@once` beside what repeats the call, and `@cache` beside what takes its value back."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.edits import without
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("@once", "@cache + undo", 'until + import "', 'undo + import "')
REPEATS = {
    "retry": "`@once` never starts it twice, `@retry` tries it again",
    "idempotent": "`@once` never starts it twice, `@idempotent` says that repeating it is harmless",
}


CLAUSES: tuple[tuple[str, type[ast.Node], str, str], ...] = (
    (
        "once",
        ast.Until,
        "`@once` never starts it twice, `until` asks again and again",
        "leave `@once` out, or poll what only reads in a step of its own",
    ),
    (
        "cache",
        ast.Undo,
        "`@cache` gives the value to other runs too, which the undo takes away from them",
        "leave `@cache` out, or the undo",
    ),
)
"""An annotation, and the clause that it does not go with."""


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each annotation and each clause that does not go with another annotation."""
    yield from _annotations(look)
    yield from _clauses(look)


def _annotations(look: Look) -> Iterator[Diagnostic]:
    """Each `@once` on a thing that has `@retry` or `@idempotent` too."""
    for group in sites(look).groups:
        once = next((each for each in group if each.name == "once"), None)
        for other in group:
            if once is None or other.name not in REPEATS:
                continue
            edits = without(look, other.node) if other.name == "retry" else ()
            yield look.found(
                REPEATS[other.name],
                other.node,
                "leave one of them out",
                (look.related("`@once` is here", once.node),),
                (Fix("leave out `@retry`, which has no effect", edits),) if edits else (),
            )


def _clauses(look: Look) -> Iterator[Diagnostic]:
    """Each poll of a call that `@once` holds for, and each undo of one that `@cache` holds for."""
    for site in sites(look).calls:
        for name, clause, message, help in CLAUSES:
            given = site.policies.get(name)
            if given is None or site.effect not in ("read", "write") or not is_sound(look, given):
                continue
            found = next((each for each in site.step.clauses if isinstance(each, clause)), None)
            if found is None:
                continue
            here = given.file == look.file.path
            yield look.found(message, found, help, (look.related(f"`@{name}` is here", given.node),) if here else ())

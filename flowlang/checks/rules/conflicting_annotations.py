"""`@once` beside what says that the call may be repeated."""

from __future__ import annotations

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
WORDS = ("@once",)
REPEATS = {
    "retry": "`@once` never starts it twice, `@retry` tries it again",
    "idempotent": "`@once` never starts it twice, `@idempotent` says that repeating it is harmless",
}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
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

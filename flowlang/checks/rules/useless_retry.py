"""`@retry(attempts=1)` where no other `@retry` would hold without it."""

from __future__ import annotations

from flowlang.checks.annotated import SERVICE, attempts
from flowlang.checks.edits import without
from flowlang.checks.heed import given_in
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@retry + =1", "@retry + ,1")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` of one attempt that switches no other off; services are shared, whoever calls them."""
    single = [each for each in given_in(look, "retry") if each.values["attempts"] == 1 and each.place != SERVICE]
    if not single:
        return
    chains = [site.chain("retry") for site in sites(look).calls]
    switching = {id(chain[0].node) for chain in chains if any(attempts(outer) > 1 for outer in chain[1:])}
    unclear = sites(look).open()
    for given in single:
        if id(given.node) not in switching and id(given.node) not in unclear:
            edits = without(look, given.node)
            yield look.found(
                "one attempt is no retry: this says what holds without it",
                given.node,
                "`attempts` counts the first try: say 2 or more, or leave it out",
                fixes=(Fix("leave it out", edits),) if edits else (),
            )

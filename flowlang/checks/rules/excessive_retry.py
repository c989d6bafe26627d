"""`@retry` with so many attempts that it becomes load on what is down."""

from __future__ import annotations

from flowlang.checks.annotated import MANY
from flowlang.checks.heed import given_in
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@retry",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` of more than ten attempts."""
    for given in given_in(look, "retry"):
        count = given.values["attempts"]
        if isinstance(count, int) and count > MANY:
            yield look.found(
                f"{count} attempts turn one failure into {count} calls to what is already down",
                given.written["attempts"],
                "3 to 5 attempts outlast what passes; for a longer outage use `@breaker`, or poll with `until`",
            )

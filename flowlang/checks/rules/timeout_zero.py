"""A timeout of no time: nothing can end within it."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("@timeout + (0", "@timeout + =0", "@timeout + ,0", "@timeout + (-", "@timeout + =-", "@timeout + ,-")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `each` and `total` of 0 or less."""
    for given in given_in(look, "timeout"):
        for name, value in given.written.items():
            time = given.values[name]
            if isinstance(time, int) and time <= 0:
                yield look.found(
                    f"a timeout of {duration(time)} has passed before anything begins",
                    value,
                    "give it a time, or leave it out for the default",
                )

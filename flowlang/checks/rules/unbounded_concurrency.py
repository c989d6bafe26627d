"""`@concurrency` so wide that it bounds nothing."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("@concurrency",)
WIDE = 1000


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each width above a thousand."""
    for given in given_in(look, "concurrency"):
        width = given.values["width"]
        if isinstance(width, int) and width > WIDE:
            yield look.found(
                f"{width} at once is no bound: whoever is called gets them all in one moment",
                given.written["width"],
                "a `for` runs 10 items at once by default; say how many the other side takes",
            )

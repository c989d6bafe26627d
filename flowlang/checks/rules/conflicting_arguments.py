"""`@breaker` that counts in two ways at once."""

from __future__ import annotations

from flowlang.checks.sites import given_in
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("failure_rate",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@breaker` with `failures` and `failure_rate`."""
    for given in given_in(look, "breaker"):
        failures, rate = given.written.get("failures"), given.written.get("failure_rate")
        if failures is not None and rate is not None and given.values["failure_rate"] is not None:
            yield look.found(
                "a breaker counts `failures` in a row or a `failure_rate`, not both",
                failures,
                "leave one of them out; `failures` is ignored beside `failure_rate`",
                (look.related("the rate is here", rate),),
            )

"""Two arguments of which only one can be meant: two bodies of a request, two ways in which a breaker counts."""

from __future__ import annotations

from flowlang.checks.calls import calls
from flowlang.checks.heed import given_in
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("failure_rate", "json + form", "json + text", "form + text")
BODIES = ("json", "form", "text")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@breaker` with `failures` and `failure_rate`, each request with two bodies."""
    yield from _rates(look)
    for fact in calls(look):
        if fact.signature.kind == "action" and fact.signature.file.startswith("stdlib/"):
            bodies = [
                (param.name, value)
                for param, value in fact.arguments
                if value is not None and param.name in BODIES and not _is_none(value)
            ]
            if len(bodies) > 1:
                first, second = sorted(bodies[:2], key=lambda each: each[1].start)
                yield look.found(
                    f"a request has one body, and this gives it `{first[0]}` and `{second[0]}`",
                    second[1],
                    "leave one of them out",
                    (look.related("the other is here", first[1]),),
                )


def _is_none(value: ast.Expr) -> bool:
    return isinstance(value, ast.Literal) and value.value is None


def _rates(look: Look) -> Iterator[Diagnostic]:
    for given in given_in(look, "breaker"):
        failures, rate = given.written.get("failures"), given.written.get("failure_rate")
        if failures is not None and rate is not None and given.values["failure_rate"] is not None:
            yield look.found(
                "a breaker counts `failures` in a row or a `failure_rate`, not both",
                failures,
                "leave one of them out; `failures` is ignored beside `failure_rate`",
                (look.related("the rate is here", rate),),
            )

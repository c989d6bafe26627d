"""A duration that no policy and no wait can have."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.checks.heed import given_in
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("=-", "wait(-", "@rate_limit + =0", "@rate_limit + ,0", "@rate_limit + ,-")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each negative delay and wait, and each rate limit per no time."""
    for given in given_in(look, "retry"):
        for name in ("delay", "max_delay"):
            time = given.values[name]
            if name in given.written and isinstance(time, int) and time < 0:
                yield look.found(
                    f"a delay of {duration(time)} lies in the past", given.written[name], "say `0s` or more"
                )
    for given in given_in(look, "rate_limit"):
        time = given.values["per"]
        if "per" in given.written and isinstance(time, int) and time <= 0:
            yield look.found(
                f"so many calls per {duration(time)} is no limit", given.written["per"], "say a time, such as `per=1m`"
            )
    for site in sites(look).calls:
        if site.effect == "wait" and site.fact.arguments:
            value = site.fact.arguments[0][1]
            time = constant(look.facts, value)
            if value is not None and isinstance(time, int) and time < 0:
                yield look.found(f"a wait of {duration(time)} has passed before it begins", value, "say `0s` or more")

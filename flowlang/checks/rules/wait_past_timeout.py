"""A wait that is longer than the time it has."""

from __future__ import annotations

from flowlang.checks.annotated import constant, limit
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("@timeout + wait(",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each literal wait beside its own timeout and the deadlines around it."""
    for site in sites(look).calls:
        if site.effect != "wait" or not site.fact.arguments or look.is_broken(site.step):
            continue
        value = site.fact.arguments[0][1]
        time = constant(look.facts, value)
        if value is None or not isinstance(time, int):
            continue
        own = site.policies.get("timeout")
        limits = [*site.deadlines(), *(((limit(own) or time, own),) if own is not None else ())]
        bounds = [(each, given) for each, given in limits if time > each]
        if bounds:
            least, given = min(bounds, key=lambda each: each[0])
            yield look.found(
                f"this waits {duration(time)}, but {given.where()} ends after {duration(least)}",
                value,
                "wait less, or allow more time",
                (look.related("its timeout is here", given.node),),
            )

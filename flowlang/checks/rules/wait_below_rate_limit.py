"""Calls that come faster than their own rate limit lets them."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("@rate_limit", 'import " + wait', 'import " + until')


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each pause between polls, and each literal wait in a loop of one item at a time, beside the rate limit."""
    for site in sites(look).calls:
        rate = site.policies.get("rate_limit")
        if rate is None or look.is_broken(site.step):
            continue
        calls, per = rate.values["calls"], rate.values["per"]
        pause = _pause(site, look)
        if pause is None or not isinstance(calls, int) or not isinstance(per, int):
            continue
        time = constant(look.facts, pause)
        if isinstance(time, int) and 0 < time * calls < per:
            yield look.found(
                f"a call every {duration(time)} is more than the rate limit allows: {calls} per {duration(per)}",
                pause,
                f"wait at least {duration(-(-per // calls))}: sooner, calls queue for their turn",
                (look.related("the rate limit is here", rate.node),) if rate.file == look.file.path else (),
            )


def _pause(site: Site, look: Look) -> ast.Expr | None:
    """What is waited between two such calls."""
    until = next((each for each in site.step.clauses if isinstance(each, ast.Until)), None)
    if until is not None:
        return until.every
    level = site.levels[0]
    if not isinstance(level.block, (ast.For, ast.Repeat)) or level.is_fan_out():
        return None
    for step in level.block.body.statements:
        other = sites(look).of.get(id(step))
        if other is not None and other.action in ("wait", "time.wait") and other.fact.arguments:
            return other.fact.arguments[0][1]
    return None

"""`@breaker` that no outage can open: fewer calls can be made in time than it wants to see fail."""

from __future__ import annotations

from flowlang.checks.annotated import SERVICE, attempts, is_sound
from flowlang.checks.heed import given_in
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("@breaker",)
MINUTE = 60_000_000
ENDLESS = 1000


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@breaker` beside the rate limit of its service, or the clock if only the clock starts its flow."""
    rates = {rate.owner: rate for rate in given_in(look, "rate_limit") if rate.place == SERVICE}
    for breaker in given_in(look, "breaker"):
        yield from _endless(look, breaker)
        if breaker.place == SERVICE and breaker.owner in rates and _is_plain(look, breaker, rates[breaker.owner]):
            yield from _limited(look, breaker, rates[breaker.owner])
    if any(trigger.name.name == "cron" for level in sites(look).flows for trigger in _triggers(level.node)):
        for breaker, callers in _by_breaker(look):
            yield from _timed(look, breaker, callers)


def _triggers(flow: ast.Node) -> tuple[ast.Trigger, ...]:
    return flow.triggers if isinstance(flow, ast.FlowDecl) else ()


def _is_plain(look: Look, *given: Given) -> bool:
    return all("key" not in each.written and is_sound(look, each) for each in given)


def _wanted(breaker: Given) -> tuple[int, int, str]:
    """How many failures or calls it wants, within which time, in words."""
    window = breaker.values["window"]
    if breaker.values["failure_rate"] is None:
        count = breaker.values["failures"]
        return count, window, f"{count} failures, each within {duration(window)} of the last"
    count = breaker.values["minimum_calls"]
    return count, window, f"{count} calls within {duration(window)}"


def _endless(look: Look, breaker: Given) -> Iterator[Diagnostic]:
    count, _, words = _wanted(breaker)
    if count > ENDLESS:
        yield look.found(
            f"this breaker hardly ever opens: it wants {words}",
            breaker.node,
            "a service is down after a handful of failures: `failures=5`, or `failure_rate=0.5`",
        )


def _limited(look: Look, breaker: Given, rate: Given) -> Iterator[Diagnostic]:
    calls, per = rate.values["calls"], rate.values["per"]
    count, window, words = _wanted(breaker)
    if breaker.values["failure_rate"] is None:
        most = calls if calls * window < per else count
    else:
        most = calls * (window // per + 1) if per else count
    if most < count <= ENDLESS:
        yield look.found(
            f"this breaker never opens: it wants {words}, and the rate limit allows {calls} per {duration(per)}",
            breaker.node,
            "let it open after fewer, or give it a longer `window`",
            (look.related("the rate limit is here", rate.node),),
        )


def _by_breaker(look: Look) -> Iterator[tuple[Given, list[Site]]]:
    """Each breaker of the file with all calls that go through it."""
    found: dict[int, tuple[Given, list[Site]]] = {}
    for site in sites(look).calls:
        breaker = site.policies.get("breaker")
        if breaker is not None and breaker.file == look.file.path and _is_plain(look, breaker):
            found.setdefault(id(breaker.node), (breaker, []))[1].append(site)
    yield from found.values()


def _timed(look: Look, breaker: Given, callers: list[Site]) -> Iterator[Diagnostic]:
    """All calls are made by flows that cron alone starts, a known number each time, too rarely to add up."""
    flows = {id(site.flow): site.flow for site in callers}
    if len(flows) != 1 or any(_is_repeated(site) for site in callers):
        return
    (flow,) = flows.values()
    if any(levels[-1].node is flow for levels in sites(look).unclear.values()):
        return
    schedules = [_schedule(trigger, look) for trigger in flow.triggers]
    if len(schedules) != 1 or schedules[0] is None:
        return
    gap = schedules[0] * MINUTE
    most = sum(attempts(site.retry) for site in callers)
    count, window, words = _wanted(breaker)
    if most < count <= ENDLESS and gap > 2 * window:
        yield look.found(
            f"this breaker never opens: it wants {words}, but flow `{flow.name.name}` calls at most {most} "
            f"time{'s' * (most > 1)} every {duration(gap)}",
            breaker.node,
            "let it open after fewer, or leave it out: between two runs everything is forgotten",
            (look.related("the flow is started here", flow.triggers[0]),),
        )


def _is_repeated(site: Site) -> bool:
    if any(isinstance(level.block, (ast.For, ast.Repeat)) for level in site.levels):
        return True
    return any(isinstance(clause, ast.Until) for clause in site.step.clauses)


def _schedule(trigger: ast.Trigger, look: Look) -> int | None:
    """The fewest minutes between two starts by a cron trigger."""
    fact = look.facts.annotations.get(id(trigger))
    if fact is None or fact.signature.name != "cron":
        return None
    from flowlang.checks.cron import read_cron  # most files with a breaker have no clock

    value = fact.arguments[0][1]
    cron = read_cron(value.value) if isinstance(value, ast.Text) else None
    return None if cron is None else cron.shortest_gap()

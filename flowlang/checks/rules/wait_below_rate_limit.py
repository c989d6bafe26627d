"""Calls that come faster than their own rate limit lets them."""

from __future__ import annotations

from flowlang.checks.annotated import ACTION, SERVICE, attempts, constant, is_sound, waits
from flowlang.checks.budget import budgets
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@rate_limit", 'import " + wait', 'import " + until', 'import " + @retry')
PAUSE: Final = 1_000_000
"""Between polls whose `until` has no `every`."""
PATIENT: Final = frozenset(("429", "503"))
"""What is answered with a `Retry-After`, which may be as long as the limit wants."""


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each pause between polls, each literal wait in a loop of one item at a time, and each retry, beside the limit."""
    yield from _pauses(look)
    yield from _retries(look)


def _pauses(look: Look) -> Iterator[Diagnostic]:
    for site in sites(look).calls:
        rate = site.policies.get("rate_limit")
        if rate is None or look.is_broken(site.step):
            continue
        calls, per = rate.values["calls"], rate.values["per"]
        if not isinstance(calls, int) or not isinstance(per, int):
            continue
        for pause, time in _poll(site, look, calls) or _loop(site, look):
            if 0 < time * calls < per:
                yield look.found(
                    f"a call every {duration(time)} is more than the rate limit allows: {calls} per {duration(per)}",
                    pause,
                    f"wait at least {duration(-(-per // calls))}: sooner, calls queue for their turn",
                    (look.related("the rate limit is here", rate.node),) if rate.file == look.file.path else (),
                )


def _poll(site: Site, look: Look, calls: int) -> list[tuple[ast.Node, int]]:
    """The time between the polls of a step, if there may be more of them than `calls`."""
    until = next((each for each in site.step.clauses if isinstance(each, ast.Until)), None)
    if until is None:
        return []
    time = PAUSE if until.every is None else constant(look.facts, until.every)
    timeout = site.policies.get("timeout")
    limit = constant(look.facts, until.limit) if until.limit or timeout is None else timeout.values["total"]
    if not isinstance(time, int) or time <= 0 or (isinstance(limit, int) and limit // time < calls):
        return []
    return [(until.every or until, time)]


def _loop(site: Site, look: Look) -> list[tuple[ast.Node, int]]:
    """How long the rounds of the loop right around a call wait in all, one after the other."""
    level = site.levels[0]
    if not isinstance(level.block, (ast.For, ast.Repeat)) or level.is_fan_out():
        return []
    found = []
    for other in sites(look).calls:
        if other.effect == "wait" and any(each is level for each in other.levels):
            value = other.fact.arguments[0][1] if other.action in ("wait", "time.wait") else None
            time = constant(look.facts, value)
            if value is None or not isinstance(time, int):
                return []
            found.append((value, time))
    return [(found[0][0], sum(time for _, time in found))] if found else []


def _retries(look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` that tries more often than a rate limit of the same calls lets it."""
    hopeless = {id(each.retry.node) for each in budgets(look) if each.never is not None}
    seen: set[tuple[int, int]] = set()
    for retry, rate in _pairs(look):
        at, pair = (rate if rate.place < retry.place else retry), (id(retry.node), id(rate.node))
        if pair in seen or at.file != look.file.path or id(retry.node) in hopeless:
            continue
        seen.add(pair)
        time = _burst(retry, rate) if is_sound(look, retry) and is_sound(look, rate) else None
        if time is not None:
            other = rate if at is retry else retry
            yield look.found(
                _too_soon(time, rate),
                at.written.get("delay", at.node),
                "wait longer, with `delay` and `max_delay`: sooner, attempts queue for their turn",
                (look.related(f"the {'retry' if other is retry else 'rate limit'} is here", other.node),)
                if other.file == look.file.path
                else (),
            )


def _pairs(look: Look) -> Iterator[tuple[Given, Given]]:
    """Each retry of several attempts with the rate limit of the same calls; of a service or action, called or not."""
    for group in sites(look).groups:
        if group[0].place in (SERVICE, ACTION):
            given = {each.name: each for each in group}
            if "retry" in given and "rate_limit" in given and "once" not in given and attempts(given["retry"]) > 1:
                yield given["retry"], given["rate_limit"]
    for site in sites(look).calls:
        rate = site.policies.get("rate_limit")
        retry = None if rate is None or look.is_broken(site.step) else site.retry
        if retry is not None and rate is not None and not retry.place == rate.place >= SERVICE:
            yield retry, rate


def _burst(retry: Given, rate: Given) -> int | None:
    """The time in which more attempts follow one another than the rate limit lets through, however long the waits
    between them are; null if there is none.
    """
    calls, per, cap = rate.values["calls"], rate.values["per"], retry.values["max_delay"]
    if retry.values["delay"] > cap or (cap >= per and PATIENT.issuperset(retry.values["on"])):
        return None  # `delay-above-cap`, or as long as the answer says
    times = [high for _, high in waits(retry)]
    bursts = [sum(times[n : n + calls]) for n in range(len(times) - calls + 1)]
    return next((time for time in bursts if 0 < time < per), None)


def _too_soon(time: int, rate: Given) -> str:
    calls, per = rate.values["calls"], duration(rate.values["per"])
    if calls == 1:
        return f"a retry after {duration(time)} at most is sooner than the rate limit allows: 1 per {per}"
    return f"{calls + 1} attempts within {duration(time)} are more than the rate limit allows: {calls} per {per}"

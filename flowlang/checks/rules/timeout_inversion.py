"""A timeout inside one that is shorter: the inner one never gets its time."""

from __future__ import annotations

from flowlang.checks.annotated import FLOW, HOUR, constant, is_sound, limit, read
from flowlang.checks.heed import given_in
from flowlang.checks.sites import named, sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Level, Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("@timeout",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `each` above its own `total`; each timeout of a step or block above that of what encloses it, and each call
    of a flow with a later deadline. A service's is shared by flows with other deadlines, and left alone.
    """
    for given in given_in(look, "timeout"):
        each, total = given.values["each"], given.values["total"]
        if isinstance(each, int) and isinstance(total, int) and each > total > 0:
            yield look.found(
                f"one attempt may take {duration(each)}, but `total` gives all of them {duration(total)}",
                given.written["each"],
                "swap the two, or raise `total`",
            )
    found = sites(look)
    for site in found.calls:
        # A wait that does not fit is `wait-past-timeout`, an attempt of hours is `timeout-off`.
        is_bounded = site.effect != "wait" or site.action == "events.wait"
        if not site.rescue and is_bounded and not (site.is_request() and (site.attempt() or 0) > HOUR):
            yield from _against(look, site.own, site.levels)
        if not site.rescue and site.effect == "flow":
            yield from _called(look, site)
        if not site.rescue and site.step.clauses:
            yield from _polled(look, site.step, site.levels)
    for step, levels in found.blocks:
        yield from _against(look, levels[0].given, levels[1:])
        yield from _polled(look, step, levels[1:])


def _against(look: Look, own: tuple[Given, ...], levels: tuple[Level, ...]) -> Iterator[Diagnostic]:
    timeout = named(own, "timeout")
    if timeout is None or not is_sound(look, timeout):
        return
    each, total = timeout.values["each"], timeout.values["total"]
    if isinstance(each, int) and isinstance(total, int) and each > total:
        return
    longest = max((each for each in timeout.values.values() if isinstance(each, int)), default=0)
    outer = [(level.deadline, level.own("timeout")) for level in levels if level.deadline is not None]
    deadline, bound = min(outer, key=lambda each: each[0], default=(longest, None))
    if bound is not None and longest > deadline > 0:
        yield look.found(
            f"this allows {duration(longest)}, but {bound.where()} ends after {duration(deadline)}",
            timeout.node,
            "a timeout fits into those around it: shorten this one, or raise the outer one",
            (look.related("the shorter one is here", bound.node),),
        )


def _polled(look: Look, step: ast.Step | ast.Do, levels: tuple[Level, ...]) -> Iterator[Diagnostic]:
    """The time of a poll beside the deadlines of what encloses it."""
    until = next((each for each in step.clauses if isinstance(each, ast.Until)), None)
    if until is None or until.limit is None or look.is_broken(step):
        return
    time = constant(look.facts, until.limit)
    outer = [(level.deadline, level.own("timeout")) for level in levels if level.deadline is not None]
    deadline, bound = min(outer, key=lambda each: each[0], default=(0, None))
    if bound is not None and isinstance(time, int) and time > deadline > 0:
        yield look.found(
            f"this polls for {duration(time)}, but {bound.where()} ends after {duration(deadline)}",
            until.limit,
            "a poll fits into the timeouts around it: poll for less time, or raise the outer one",
            (look.related("the shorter one is here", bound.node),),
        )


def _called(look: Look, site: Site) -> Iterator[Diagnostic]:
    """The deadline of a called flow beside those around the call. Where a flow starts by itself too, it may need it."""
    callee = site.fact.signature.node
    if not isinstance(callee, ast.FlowDecl) or callee.triggers or look.is_broken(site.step):
        return
    given = (read(look.facts, each, FLOW, callee.name.name, site.fact.signature.file) for each in callee.annotations)
    longest = limit(next((each for each in given if each is not None and each.name == "timeout"), None))
    deadline, bound = min(site.deadlines(), key=lambda each: each[0], default=(0, None))
    if bound is not None and longest is not None and longest > deadline > 0:
        name = callee.name.name
        yield look.found(
            f"flow `{name}` may take {duration(longest)}, but {bound.where()} ends after {duration(deadline)}",
            site.head,
            "a timeout fits into those around it: shorten that of the flow, or raise the outer one",
            (look.related("the shorter one is here", bound.node),),
        )

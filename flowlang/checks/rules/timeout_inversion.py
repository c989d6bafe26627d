"""A timeout inside one that is shorter: the inner one never gets its time."""

from __future__ import annotations

from flowlang.checks.annotated import HOUR
from flowlang.checks.sites import given_in, sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Level
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@timeout",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `each` above its own `total`; each timeout of a step or block above that of what encloses it. A service's
    is shared by flows with other deadlines, and left alone.
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
        if not site.rescue and site.effect != "wait" and not (site.is_request() and (site.attempt() or 0) > HOUR):
            yield from _against(look, site.own, site.levels)
    for _, levels in found.blocks:
        yield from _against(look, levels[0].given, levels[1:])


def _against(look: Look, own: tuple[Given, ...], levels: tuple[Level, ...]) -> Iterator[Diagnostic]:
    timeout = next((each for each in own if each.name == "timeout"), None)
    if timeout is None or look.is_broken(timeout.node):
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

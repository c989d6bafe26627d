"""`@breaker` that opens between two attempts of one call and stays open for all that follow."""

from __future__ import annotations

from flowlang.checks.annotated import MANY, attempts, is_sound, waits
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@breaker + @retry", '@breaker + import "', '@retry + import "')
UNSEEN = frozenset(("409", "423", "4xx", "http"))
"""What may be retried without being a failure to the breaker."""


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each pair of a retry and a breaker around one call, of a step or of a service."""
    seen: set[tuple[int, int]] = set()
    for retry, breaker in _pairs(look):
        pair = (id(retry.node), id(breaker.node))
        told = breaker if breaker.file == look.file.path else retry
        if pair in seen or told.file != look.file.path or not is_sound(look, retry) or not is_sound(look, breaker):
            continue
        seen.add(pair)
        failures, cooldown = breaker.values["failures"], breaker.values["cooldown"]
        if breaker.values["failure_rate"] is not None or not isinstance(failures, int) or not isinstance(cooldown, int):
            continue
        if failures >= attempts(retry) or attempts(retry) > MANY or UNSEEN & set(retry.values["on"] or ()):
            continue
        pauses = waits(retry)[failures - 1 :]
        if pauses and pauses[0][1] < cooldown:
            last = attempts(retry)
            lost = f"attempt {last}" if len(pauses) == 1 else f"every attempt from {failures + 1} to {last}"
            yield look.found(
                f"this opens after {failures} failure{'s' * (failures > 1)} and stays open for {duration(cooldown)}: "
                f"{lost} of a call that fails from the start is refused",
                told.node,
                "let it count more failures than one call has attempts: an open breaker is not retried",
                (look.related("the retry is here", retry.node),) if retry.file == look.file.path else (),
            )


def _pairs(look: Look) -> Iterator[tuple[Given, Given]]:
    for group in sites(look).groups:
        own = {each.name: each for each in group}
        if "retry" in own and "breaker" in own and attempts(own["retry"]) > 1 and "once" not in own:
            yield own["retry"], own["breaker"]
    for site in sites(look).calls:
        retry, breaker = site.retry, site.policies.get("breaker")
        if retry is not None and breaker is not None:
            yield retry, breaker

"""A flow that the clock starts again before it has to have ended."""

from __future__ import annotations

from flowlang.checks.edits import before
from flowlang.checks.spans import longest
from flowlang.checks.triggers import crons
from flowlang.diagnostics import Fix
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.triggers import CronTrigger
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("cron(",)
MINUTE = 60_000_000


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each flow that may take longer than the shortest time between two starts, at the trigger that has it."""
    tightest: dict[int, CronTrigger] = {}
    for each in crons(look):
        other = tightest.get(id(each.flow))
        if not each.cron.never_fires() and (other is None or each.cron.shortest_gap() < other.cron.shortest_gap()):
            tightest[id(each.flow)] = each
    for each in tightest.values():
        flow = each.flow
        if look.is_broken(flow) or any(annotation.name.name == "concurrency" for annotation in flow.annotations):
            continue
        gap, most = each.cron.shortest_gap() * MINUTE, longest(look, flow)
        if most > gap:
            edits = before(look, flow, "@concurrency(1)")
            yield look.found(
                f"flow `{flow.name.name}` may take {duration(most)} and starts every {duration(gap)}: its runs overlap",
                each.schedule,
                "say `@concurrency(1)` on the flow, bound it with `@timeout`, or start it less often",
                fixes=(Fix("run one at a time", edits, safe=False),) if edits else (),
            )

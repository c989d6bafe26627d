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
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("cron(",)
MINUTE = 60_000_000


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each cron trigger of a flow that may take longer than the shortest time between two starts."""
    for each in crons(look):
        flow = each.flow
        if any(annotation.name.name == "concurrency" for annotation in flow.annotations):
            continue
        if each.cron.never_fires() or look.is_broken(flow):
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

"""The plan of a flow, for what can be told of it only when it is resolved: policies and the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.lower import LoweringError, lower
from flowlang.plan.errors import PlanError
from flowlang.plan.walk import place_key, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.snapshot import Snapshot
    from flowlang.plan.nodes import Place, Plan, Step


def plan_of(snapshot: Snapshot, flow: str) -> Plan | None:
    """The plan of a flow of the file; none where the program has errors."""
    if snapshot.file is None or any(each.severity == "error" for each in snapshot.program.diagnostics):
        return None
    try:
        return lower(snapshot.program, flow)
    except (LoweringError, PlanError):
        return None


def placed_steps(plan: Plan) -> Iterator[tuple[Place, Step]]:
    """The steps of a plan's flow, each with its place in the tree's text."""
    for path, step in steps(plan.flows[plan.flow]):
        place = plan.places.get(place_key(plan.flow, path))
        if place is not None:
            yield place, step

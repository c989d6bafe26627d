"""The plan of a flow, for its graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.lower import LoweringError, lower
from flowlang.plan.errors import PlanError

if TYPE_CHECKING:
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.plan.nodes import Plan


def plan_of(snapshot: Snapshot, flow: str) -> Plan | None:
    """The plan of a flow of the file; none where the program has errors."""
    if snapshot.file is None or any(each.severity == "error" for each in snapshot.program.diagnostics):
        return None
    try:
        return lower(snapshot.program, flow)
    except (LoweringError, PlanError):
        return None

"""The steps of a plan by their paths in a run: of any item, round and poll, and through the flows that steps call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flowlang.plan.nodes import FlowCall, Step
from flowlang.plan.walk import steps

if TYPE_CHECKING:
    from flowlang.plan.nodes import Plan

_ITEM: Final = re.compile(r"\[(?:\d+|'(?:[^'\\]|\\.)*')\]")
_ROUND: Final = re.compile(r"#\d+")


class Steps:
    """See the module."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._flows: dict[str, dict[str, Step]] = {}

    def at(self, path: str) -> Step | None:
        """The step of a path; null for a path that is none's."""
        flow = self._plan.flow
        *calls, last = _ROUND.sub("", _ITEM.sub("[]", path)).split("/")
        for call in calls:
            caller = self._of(flow).get(call)
            if caller is None or not isinstance(caller.action, FlowCall):
                return None
            flow = caller.action.flow
        return self._of(flow).get(last)

    def _of(self, flow: str) -> dict[str, Step]:
        found = self._flows.get(flow)
        if found is None:
            found = self._flows[flow] = dict(steps(self._plan.flows[flow]))
        return found

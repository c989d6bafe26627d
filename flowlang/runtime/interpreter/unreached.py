"""What a resumed run had done and does not come to again, so that it cannot undo it: what those steps hang on has
changed since, and only secrets are read anew. It is named, so that nothing done is forgotten.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import Call, FlowCall, Step
from flowlang.plan.walk import steps
from flowlang.runtime.errors import failed
from flowlang.runtime.journal import ancestors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowlang.plan.nodes import Plan
    from flowlang.runtime.interpreter.state import RunState
    from flowlang.runtime.journal import Entry, EntryKind

_ITEM: Final = re.compile(r"\[(?:\d+|'(?:[^'\\]|\\.)*')\]")
_ROUND: Final = re.compile(r"#\d+")
_stands_for: Final = re.compile(r"\Z|(?:#\d+)?/").match
"""What follows the path of a step whose undo is that of the whole path: nothing, or what the flow did that it calls."""


def name_unreached(run: RunState) -> None:
    """Note every effect that was not come to again: as not undone, or as of unknown outcome."""
    known = _Steps(run.program.plan)
    for (path, kind), entry in run.entries.items():
        if kind not in ("value", "failed", "poll", "attempt") or path in run.reached or _is_settled(run.entries, path):
            continue
        step = known.at(path)
        data: Any = entry.data
        if step is None:
            continue
        if step.undo is not None and (kind == "value" or "value" in data):
            failure = failed("the run did not come to it again; has a secret changed?")
            failure.step = path
            run.note_undone(path, failure)
        elif data.get("unknown") and (step.undo is not None or _writes(step)):
            run.lose_track(path)


def _is_settled(entries: Mapping[tuple[str, EntryKind], Entry], path: str) -> bool:
    """Whether a step's undo has ended, or that of a call of its flow, which stands for it; or its failure or that of a
    block around it was answered.
    """
    if any((around, "undone") in entries and _stands_for(path[len(around) :]) for around in ancestors(path)):
        return True
    handled = [around for around in ancestors(path) if (around, "handled") in entries]
    return any(not path[len(around) :].lstrip(".").startswith("catch") for around in handled)


def _writes(step: Step) -> bool:
    return isinstance(step.action, Call) and step.action.effect == "write"


class _Steps:
    """The steps of a plan by their paths in a run."""

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

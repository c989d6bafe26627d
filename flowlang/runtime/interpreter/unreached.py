"""What a resumed run had done and does not come to again, so that it cannot undo it: what those steps hang on has
changed since, and only secrets are read anew. It is named, so that nothing done is forgotten.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import Call, Step
from flowlang.runtime.errors import failed
from flowlang.runtime.journal import ancestors, is_in_handler

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowlang.runtime.interpreter.state import RunState
    from flowlang.runtime.journal import Entry, EntryKind

_KINDS: Final[tuple[EntryKind, ...]] = ("value", "failed", "poll", "attempt", "begun")
"""Entries that tell of effects, the last of a step first."""
_stands_for: Final = re.compile(r"\Z|(?:#\d+)?/|\.undo\.").match
"""What follows the path of a step whose undo is that of the whole path: nothing, what the flow did that it calls, or
what the undo itself did, which stands.
"""


def name_unreached(run: RunState, prefix: str = "") -> None:
    """Note every effect beneath a prefix that was not come to again: as not undone, or as of unknown outcome."""
    for path in _beneath(run, prefix):
        if path in run.reached or path in run.carried or _is_settled(run.entries, path):
            continue
        step = run.program.steps.at(path)
        kind = next(kind for kind in _KINDS if (path, kind) in run.entries)
        data: Any = run.entries[path, kind].data
        if step is None:
            continue
        if step.undo is not None and (kind == "value" or "value" in data):
            failure = failed("the run did not come to it again; has a secret changed?")
            failure.step = path
            run.note_undone(path, failure)
        elif _is_unknown(run, step, path, data):
            run.lose_track(path)


def _is_unknown(run: RunState, step: Step, path: str, data: Any) -> bool:
    """Whether an effect may have happened, and its step was not only stopped, as the loser of a race that nobody wants
    undone.
    """
    if path in run.left:
        return _writes(step)
    if not data.get("unknown"):
        return False
    is_lost = data["error"]["kind"] == "cancelled" and not run.cancelled
    return step.undo is not None or (_writes(step) and not is_lost)


def _beneath(run: RunState, prefix: str) -> Iterator[str]:
    """The steps with such an entry whose paths begin so."""
    if run.effects is None:
        run.effects = sorted({path for path, kind in run.entries if kind in _KINDS})
    for path in islice(run.effects, bisect_left(run.effects, prefix), None):
        if not path.startswith(prefix):
            return
        yield path


def _is_settled(entries: Mapping[tuple[str, EntryKind], Entry], path: str) -> bool:
    """Whether a step's undo has ended, or that of a call of its flow, which stands for it; or its failure or that of a
    block around it was answered; or a flow around it had failed, for then this was seen to before its handlers.
    """
    if any((around, "undone") in entries and _stands_for(path[len(around) :]) for around in ancestors(path)):
        return True
    over = [around for around in ancestors(path) if (around, "handled") in entries]
    over += [flow for flow in ("", *ancestors(path)) if flow[-1:] in ("", "/") and (flow, "failed") in entries]
    return any(not is_in_handler(path, around) for around in over)


def _writes(step: Step) -> bool:
    return isinstance(step.action, Call) and step.action.effect == "write"

"""The events of one run: each goes to one step, and the journal remembers to which.

An event is journaled before the value that it becomes, under the path of its step and its number (`approval#e12`). So
a process that dies between the two gives the same event to the same step again, and none to two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.runtime.errors import timeout
from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.waits import begin_wait
from flowlang.runtime.journal import RECEIVED, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowlang.runtime.events import Event, Events, Wanted
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.progress import Progress
    from flowlang.runtime.journal import EntryKind


class Mailbox:
    """What has come and what was received. `received`: the numbers of events that a step of the run has."""

    def __init__(self, events: Events, entries: Mapping[tuple[str, EntryKind], Entry]) -> None:
        self.events = events
        self.received: set[int] = set()
        self._recalled: dict[str, list[Any]] = {}
        for (key, kind), entry in entries.items():
            if kind == "event":
                path, _, number = key.rpartition(RECEIVED)
                self.received.add(int(number))
                self._recalled.setdefault(path, []).append(entry.data)

    def recall(self, path: str, wait: object) -> Any:
        """The event that a wait had received when the process ended; null if it had none."""
        return next((data["event"] for data in self._recalled.get(path, ()) if data["wait"] == wait), None)


async def receive(frame: Frame, path: str, progress: Progress, limit: int | None, wanted: Wanted) -> dict[str, object]:
    """What an action's `wait_event` does: give the step the next event, which must come within `limit` µs."""
    run = frame.run
    wait = await begin_wait(frame, path, progress, None, limit)
    recalled: dict[str, object] | None = run.mailbox.recall(path, wait)
    if recalled is not None:
        return recalled
    until = wait["by"]
    if progress.bound is not None and (until is None or progress.bound.instant < until):
        until = progress.bound.instant
    if run.observe is not None:
        run.observe(("waiting", path, until))
    with run.activity.waiting(until, wanted):
        event = await _next(frame, path, wanted, until)
    run.mailbox.received.add(event.n)
    value = event.to_value()
    run.write(
        Entry(f"{path}{RECEIVED}{event.n}", "event", {"event": value, "wait": wait}, progress.attempts, 0, run.now())
    )
    return value


async def _next(frame: Frame, path: str, wanted: Wanted, until: int | None) -> Event:
    """Wait for an event that nobody has received; raises `timeout` when none came by an instant."""
    run = frame.run
    while True:
        if frame.stopping is not None and path not in run.allowed:
            raise frame.stopping
        now = run.now()
        event = run.mailbox.events.find(wanted, run.mailbox.received, until)
        if event is not None:
            return event
        if until is not None and now >= until:
            raise timeout(f"no event {wanted} came in time", unknown_outcome=False)
        left = None if until is None else (until - now) / 1_000_000
        await interruptible(frame.cuts, run.mailbox.events.arrival(left))

"""Waiting: for an instant, as long as the scope is not stopped; durable waits remember their instant in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.journal import Entry

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.progress import Bound, Progress


async def wait_instant(frame: Frame, instant: int, bound: Bound | None) -> None:
    """Wait until an instant (µs since the epoch); a bound that comes first ends the wait with its error."""
    run = frame.run
    if frame.stopping is not None:
        raise frame.stopping
    now = run.now()
    if instant <= now:
        return
    if bound is not None and bound.instant < instant:
        await interruptible(frame.cuts, run.seam.sleep(max(bound.instant - now, 0) / 1_000_000))
        raise bound.late(False)
    await interruptible(frame.cuts, run.seam.sleep((instant - now) / 1_000_000))


async def wait_durably(frame: Frame, path: str, progress: Progress, instant: int) -> None:
    """What an action's `wait_until` does: the instant first asked for is journaled and survives a crash."""
    run = frame.run
    entry = run.recall(path, "wait")
    data: Any = None if entry is None else entry.data
    if data is not None and (data["poll"], data["try"]) == (progress.poll, progress.tries):
        instant = data["until"]
    else:
        data = {"until": instant, "poll": progress.poll, "try": progress.tries}
        run.write(Entry(path, "wait", data, progress.attempts, 0, run.now()))
    if run.observe is not None:
        run.observe(("waiting", path, instant))
    await wait_instant(frame, instant, None)

"""Waiting for an instant, as long as the scope is not stopped; durable waits remember their instants in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.progress import Bound
from flowlang.runtime.journal import Entry
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.progress import Progress


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


async def wait_durably(frame: Frame, path: str, progress: Progress, limit: int | None, instant: int) -> None:
    """What an action's `wait_until` does: the instant first asked for is journaled and survives a crash, as does the
    time that the wait may take (`limit`, µs).
    """
    wait = await begin_wait(frame, path, progress, instant, limit)
    if frame.run.observe is not None:
        frame.run.observe(("waiting", path, wait["until"]))
    bound = progress.bound
    if limit is not None and (bound is None or wait["by"] < bound.instant):
        bound = Bound(wait["by"], f"the timeout of {show_duration(limit)}")
    await wait_instant(frame, wait["until"], bound)


async def begin_wait(
    frame: Frame, path: str, progress: Progress, instant: int | None, limit: int | None
) -> dict[str, Any]:
    """Make it known that a wait begins and by when it must be over; or go on with the one that the journal knows."""
    run = frame.run
    entry = run.recall(path, "wait")
    known: Any = None if entry is None else entry.data
    if known is not None and (known["poll"], known["try"]) == (progress.poll, progress.tries):
        return dict(known)
    now = run.now()
    by = None if limit is None else now + limit
    data = {
        "until": instant, "by": by, "began": now, "since": progress.since, "poll": progress.poll, "try": progress.tries,
    }  # fmt: skip
    run.write(Entry(path, "wait", data, progress.attempts, 0, now))
    await run.commit()
    return data

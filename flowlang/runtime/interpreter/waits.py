"""Waiting for an instant, as long as the scope is not stopped; durable waits remember their instants in the journal."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.progress import Bound
from flowlang.runtime.journal import Entry
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.progress import Progress


async def wait_instant(frame: Frame, instant: int, bound: Bound | None, is_known: bool = True) -> None:
    """Wait until an instant (µs since the epoch); a bound that comes first ends the wait with its error. `is_known`: to
    the journal, so that the run may leave the process meanwhile.
    """
    run = frame.run
    if frame.stopping is not None:
        raise frame.stopping
    now = run.now()
    if instant <= now:
        return
    frame.meet_deadline()
    if frame.stopping is not None:
        raise frame.stopping
    if bound is not None and bound.instant < instant:
        await _sleep(frame, max(bound.instant, now), is_known)
        raise bound.late(False)
    await _sleep(frame, instant, is_known)


async def _sleep(frame: Frame, instant: int, is_known: bool) -> None:
    run = frame.run
    with run.activity.waiting(instant) if is_known else nullcontext():
        await interruptible(frame.cuts, run.seam.sleep((instant - run.now()) / 1_000_000))


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
        progress.since = known["since"]
        return dict(known)
    now = run.now()
    by = None if limit is None else now + limit
    data = {
        "until": instant, "by": by, "began": now, "since": progress.since, "poll": progress.poll, "try": progress.tries,
    }  # fmt: skip
    run.write(Entry(path, "wait", data, progress.attempts, 0, now))
    await run.commit()
    return data

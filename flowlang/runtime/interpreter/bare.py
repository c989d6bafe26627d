"""Bare steps: nothing but a call, of which the journal knows nothing yet.

They are run as `run_node` runs any step, those that follow each other in one coroutine and without all that does
nothing then. Nothing is decided here: whether a call may start, how it is cut off, what its result is and what answers
its failure is what it is for every call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter.effect import context_of, failure_of, key_of, value_of_call
from flowlang.runtime.interpreter.endings import failed
from flowlang.runtime.interpreter.frame import BREATH
from flowlang.runtime.interpreter.progress import Progress
from flowlang.runtime.interpreter.state import StepRecord
from flowlang.runtime.journal import Entry

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from flowlang.plan.nodes import Call
    from flowlang.runtime.interpreter.cut import Cut
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram


async def run_bare(frame: Frame, i: int, cut: Cut, left: int) -> tuple[int, int]:
    """Run a step and the bare ones that follow it; gives the effect that is next, or -1. `cut` is their task's own,
    `left` after how many more steps it lets others run; it is given back.
    """
    run, nodes = frame.run, frame.program.nodes  # type: ignore[union-attr]
    observe, journal, call_python = run.observe, run.journal, run.seam.call_python
    while True:
        node = nodes[i]
        action: Call = node.action  # type: ignore[assignment]
        path = frame.prefix + node.key
        since, attempts = run.now(), 0
        if observe is not None:
            observe(("started", path, since, since))
        try:
            arguments = (node.evaluate or node.arguments())(frame)
            if frame.stopping is not None:
                raise frame.stopping
            attempts = 1
            if observe is not None:
                observe(("attempt", path, 1, run.now()))
            if run.written > journal.durable and frame.must_commit(node):
                await journal.committed(run.activity.busy)
                if frame.stopping is not None:
                    raise frame.stopping
            cut.path, cut.reason = path, None
            frame.cuts[cut] = None
            try:
                if action.target is not None:
                    result = await call_python(action.target, arguments)
                else:
                    result = await _called(frame, node, action, path, since, arguments)
                if cut.reason is not None:
                    raise asyncio.CancelledError  # it was swallowed
            except BaseException as error:
                failure = failure_of(action, cut.settled(error))
                if failure is error:
                    raise
                raise failure from error
            finally:
                del frame.cuts[cut]
            value = value_of_call(frame, node, action, path, result)
        except RunError as error:
            await _fail(frame, node, path, since, attempts, error)
        else:
            ended = run.now()
            seq = run.write(Entry(path, "value", {"value": value}, 1, since, ended))
            run.record(StepRecord(path, "succeeded", 1, since, ended, None, node.place))
            frame.finish(node, value, seq)
        left -= 1
        if not left:
            left = BREATH
            await asyncio.sleep(0)
        i = frame.next()
        if i < 0 or run.entries or not nodes[i].is_bare:
            return i, left


def _called(
    frame: Frame, node: NodeProgram, action: Call, path: str, since: int, arguments: dict[str, Any]
) -> Awaitable[object]:
    """Call an action of the library."""
    progress = Progress(since)
    progress.attempts = progress.tries = 1
    key = key_of(frame, node, path, progress)
    return frame.run.actions[action.action](context_of(frame, node, action, path, progress, key, None), arguments)


async def _fail(frame: Frame, node: NodeProgram, path: str, since: int, attempts: int, error: RunError) -> None:
    """End a step whose call failed, or was not made."""
    progress = Progress(since)
    progress.attempts = progress.tries = attempts
    frame.run.blame(error, path, node.place, attempts)
    progress.unknown = error.unknown_outcome
    await failed(frame, node, path, progress, error)

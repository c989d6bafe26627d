"""A bare step: nothing but a call, of which the journal knows nothing yet.

It is run as `run_node` runs any step, in one coroutine and without all that does nothing then. Nothing is decided here:
whether a call may start, how it is cut off, what its result is and what answers its failure is what it is for every
call.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter.effect import context_of, failure_of, key_of, value_of_call
from flowlang.runtime.interpreter.endings import failed
from flowlang.runtime.interpreter.progress import Progress
from flowlang.runtime.interpreter.state import StepRecord
from flowlang.runtime.journal import Entry

if TYPE_CHECKING:
    from flowlang.plan.nodes import Call
    from flowlang.runtime.interpreter.cut import Cut
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram


async def run_bare(frame: Frame, node: NodeProgram, cut: Cut) -> None:
    """Run a step; `cut` is its task's own."""
    run = frame.run
    action: Call = node.action  # type: ignore[assignment]
    path = frame.prefix + node.key
    progress = Progress(run.now())
    if run.observe is not None:
        run.observe(("started", path, progress.since, progress.since))
    try:
        arguments = (node.evaluate or node.arguments())(frame)
        if frame.stopping is not None:
            raise frame.stopping
        progress.attempts = progress.tries = 1
        if run.observe is not None:
            run.observe(("attempt", path, 1, run.now()))
        if frame.must_commit(node):
            await run.journal.committed(run.activity.busy)
            if frame.stopping is not None:
                raise frame.stopping
        cut.path, cut.reason = path, None
        frame.cuts[cut] = None
        try:
            if action.target is not None:
                result = await run.seam.call_python(action.target, arguments)
            else:
                result = await run.actions[action.action](
                    context_of(frame, node, action, path, progress, key_of(frame, node, path, progress), None),
                    arguments,
                )
            if cut.reason is not None:
                raise asyncio.CancelledError  # it was swallowed
        except BaseException as error:
            failure = failure_of(action, cut.settled(error))
            if failure is error:
                raise
            raise failure from error
        finally:
            del frame.cuts[cut]
        value = value_of_call(frame, node, action, path, result, progress)
    except RunError as error:
        run.blame(error, path, node.place, progress.attempts)
        progress.unknown = progress.unknown or error.unknown_outcome
        await failed(frame, node, path, progress, error)
        return
    ended = run.now()
    seq = run.write(Entry(path, "value", {"value": value}, 1, progress.since, ended))
    run.record(StepRecord(path, "succeeded", 1, progress.since, ended, None, node.place))
    frame.finish(node, value, seq)

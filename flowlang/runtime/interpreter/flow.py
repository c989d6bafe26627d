"""A flow from call to result: preconditions, body, deadline, handlers.

The run's own flow and a called one are the same.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from flowlang.plan.walk import place_key
from flowlang.runtime.errors import ReplayDisagrees, RunError, validation
from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.handlers import answer, handled
from flowlang.runtime.interpreter.program import FlowProgram
from flowlang.runtime.interpreter.scope import run_scope, with_deadline
from flowlang.runtime.interpreter.state import RunState
from flowlang.runtime.interpreter.unreached import name_unreached
from flowlang.runtime.journal import Entry


async def run_flow(
    run: RunState, flow: FlowProgram, arguments: dict[str, Any], prefix: str, owner: Frame | None, base: int
) -> tuple[Any, Frame]:
    """Run a flow; returns its result and its frame, which holds the undos that are handed on."""
    frame = Frame(run, flow.body, prefix, dict(arguments), None, owner, base)
    answered, failure = run.recall(prefix, "handled"), run.recall(prefix, "failed")
    if answered is not None and (failure is None or not flow.handlers_undo):
        frame.close()
        data: Any = answered.data
        return data["value"], frame
    if failure is not None:
        return await _answer_again(run, flow, frame, arguments, owner, failure), frame
    try:
        _check_preconditions(flow, frame)
        _limit(run, flow, frame)
        if flow.flow.deadline is not None:
            return await with_deadline(frame, lambda: _in_turn(flow, frame), f"the time of flow `{flow.name}`"), frame
        return await _in_turn(flow, frame), frame
    except RunError as error:
        frame.close()
        run.redact(error)
        if error.step is None and error.place is None and error.kind != "cancelled":  # the deadline's, or the result's
            error.place = place_key(flow.name, "" if error.kind == "timeout" else "#return")
        return await _answer(run, flow, frame, arguments, owner, error), frame


async def repeat_handlers(
    run: RunState, flow: FlowProgram, arguments: dict[str, Any], prefix: str, owner: Frame
) -> None:
    """Go through the handlers again of a flow that passed its error on: the undos of what they did are the owner's."""
    failure = run.recall(prefix, "failed")
    if failure is None or not flow.handlers_undo:
        return
    frame = Frame(run, flow.body, prefix, dict(arguments), None, owner)
    with suppress(RunError):  # what became of it is in the entries of the step that called
        await _answer_again(run, flow, frame, arguments, owner, failure)


async def _answer_again(
    run: RunState, flow: FlowProgram, frame: Frame, arguments: dict[str, Any], owner: Frame | None, failure: Entry
) -> Any:
    """Let the handlers answer an error that the journal holds: what the body did was undone before it was written."""
    frame.close()
    _limit(run, flow, frame)
    data: Any = failure.data
    return await _answer(run, flow, frame, arguments, owner, RunError.from_json(data["error"]))


def _limit(run: RunState, flow: FlowProgram, frame: Frame) -> None:
    if flow.flow.deadline is not None:
        limit_frame(frame, flow.flow.deadline, run.accepted if not frame.prefix else None)


async def _in_turn(flow: FlowProgram, frame: Frame) -> Any:
    """Run a flow's body when there is a place for it; its deadline covers the time in the queue."""
    width = flow.flow.width
    if width is None:
        return await run_scope(frame)
    if not _has_begun(flow, frame):
        frame.meet_deadline()
        if frame.stopping is not None:
            raise frame.error or frame.stopping
    try:
        release = await interruptible(frame.cuts, frame.run.shared.slot(f"flow {flow.name}", width))
    except RunError as stopped:
        raise frame.error or stopped from None
    try:
        return await run_scope(frame)
    finally:
        release()


async def _answer(
    run: RunState,
    flow: FlowProgram,
    frame: Frame,
    arguments: dict[str, Any],
    owner: Frame | None,
    error: RunError,
) -> Any:
    if not flow.handlers:
        raise error
    if run.recall(frame.prefix, "failed") is None:
        if run.entries:
            name_unreached(run, frame.prefix)
        run.write(Entry(frame.prefix, "failed", {"error": error.to_json()}, 0, 0, run.now()))
    around = Frame(run, flow.parameters, frame.prefix, dict(arguments), None, owner, run.written)
    around.deadline, around.error, around.stopping = frame.deadline, None, None if owner is None else owner.stopping
    try:
        value = await answer(around, around, flow.handlers, frame.prefix, error)
    except RunError:
        if owner is not None:
            owner.undos.extend(around.undos)
        raise
    finally:
        around.close()
    if run.recall(frame.prefix, "handled") is None:
        run.write(handled(frame.prefix, value, run.now()))
    frame.undos = around.undos
    return value


def _check_preconditions(flow: FlowProgram, frame: Frame) -> None:
    """Evaluate the flow's `ensure` lines; all that do not hold are reported together. They held for what has begun."""
    broken: dict[int, str] = {}
    for index, ((condition, message), check) in enumerate(zip(flow.preconditions(), flow.checks, strict=True)):
        if any(needed in broken for needed in check.needs) or condition(frame):
            continue
        broken[index] = message(frame) if message is not None else f"`{check.text}` does not hold"
    if not broken:
        return
    said = "; ".join(broken.values())
    if _has_begun(flow, frame):
        if frame.run.cancelled:
            return  # what was begun is to be undone
        raise ReplayDisagrees(f"flow `{flow.name}` had begun before the run was resumed, and may not now: {said}")
    error = validation(said)
    error.place = place_key(flow.name, f"#ensure{min(broken)}")
    raise error


def _has_begun(flow: FlowProgram, frame: Frame) -> bool:
    """Whether a step of the flow had begun before the run was resumed."""
    return any(frame.run.has_history(frame.prefix + node.key) for node in flow.body.nodes)


def limit_frame(frame: Frame, deadline: int, since: int | None = None) -> None:
    """Give a frame so many µs from an instant, or from when it was first entered; the journal remembers its end."""
    run = frame.run
    end_by(frame, recorded_end(run, frame.prefix, (run.now() if since is None else since) + deadline))


def recorded_end(run: RunState, prefix: str, until: int) -> int:
    """When what has a prefix must be done (µs since the epoch): as the journal says, or else from now on."""
    entry = run.recall(prefix + "#deadline", "wait")
    if entry is None:
        run.write(Entry(prefix + "#deadline", "wait", {"until": until}, 0, 0, run.now()))
        return until
    data: Any = entry.data
    return int(data["until"])


def end_by(frame: Frame, instant: int) -> bool:
    """Give a frame a deadline (µs since the epoch); false if it has an earlier one."""
    at = asyncio.get_running_loop().time() + max(instant - frame.run.now(), 0) / 1_000_000
    if frame.deadline is not None and frame.deadline < at:
        return False
    frame.deadline = at
    return True

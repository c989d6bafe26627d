"""A step's value: what its call, block or flow gives, again until its condition holds, within its total time, held to
its `ensure` lines.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import Call, FlowCall, Pure, Step
from flowlang.runtime.errors import RunError, validation
from flowlang.runtime.interpreter import attempts, blocks
from flowlang.runtime.interpreter.endings import set_value
from flowlang.runtime.interpreter.flow import recorded_end
from flowlang.runtime.interpreter.progress import Bound
from flowlang.runtime.interpreter.waits import wait_instant
from flowlang.runtime.journal import Entry
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram
    from flowlang.runtime.interpreter.progress import Progress

MOST_LATE: Final = 0.1
"""By what share of `every` a poll may be late."""


async def value_of_step(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    """Run a step's action with its polls and checks; raises what its handlers are to see."""
    step: Step = node.step
    if frame.run.entries:
        _resume_since(frame, path, progress)
    total = step.policies.total
    if total is not None:
        progress.bound = Bound(progress.since + total, attempts.describe_total(total))
    if step.poll is None:
        value = await _once(frame, node, path, progress)
    else:
        value = await _polled(frame, node, path, progress)
    if step.checks:
        set_value(frame, node, value)
        check_ensures(frame, node)
    elif step.undo is not None:
        set_value(frame, node, value)
    return value


def _resume_since(frame: Frame, path: str, progress: Progress) -> None:
    """When the step's first attempt began, if the process is not the first."""
    begun = frame.run.entries.get((path, "begun"))
    if begun is not None:
        progress.since = min(progress.since, begun.started)
    for kind in ("attempt", "poll", "wait"):
        entry = frame.run.entries.get((path, kind))
        if entry is not None:
            data: Any = entry.data
            progress.since = min(progress.since, data["since"])


async def _once(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    action = node.action
    if isinstance(action, Call):
        return await attempts.call(frame, node, path, progress)
    if isinstance(action, Pure):
        value = frame.run.program.evaluator.budget.bound(node.value()(frame))
        return node.settled(value) if node.is_settled else value
    if isinstance(action, FlowCall):
        value = await blocks.flow_call(frame, node, _round_path(path, progress), progress.bound)
    else:
        value = await blocks.block(frame, node, _round_path(path, progress), progress.bound)
    progress.passed = True
    try:
        if isinstance(action, FlowCall) and action.projection is not None:
            value = node.compile(action.projection)(frame, value)
        if node.is_settled and path not in frame.run.hollow:
            value = node.settled(value)
    except RunError:
        progress.unknown = node.step.undo is not None  # it happened, but there is no value to undo it with
        raise
    progress.effect, progress.value = True, value
    return value


def _round_path(path: str, progress: Progress) -> str:
    return path if progress.poll < 2 else f"{path}#{progress.poll}"


async def _polled(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    """Repeat until the condition holds; each poll has its own retries."""
    run, poll = frame.run, node.step.poll
    if poll is None:
        raise AssertionError(path)
    if poll.limit is not None:
        limit = node.compile(poll.limit)(frame)
        until = progress.since + limit
        if progress.bound is None or until < progress.bound.instant:
            progress.bound = Bound(until, f"the time of `until`, {show_duration(limit)},")
    if progress.bound is not None and not isinstance(node.action, Call | Pure):  # those tell when they began
        progress.bound = progress.bound._replace(instant=recorded_end(run, path, progress.bound.instant))
    entry = run.recall(path, "poll")
    if entry is not None:
        data: Any = entry.data
        await _earlier_rounds(frame, node, path, progress, entry.attempt)
        progress.poll, progress.attempts = entry.attempt, data["attempts"]
        run.recall_meter(path, data)
        if "value" in data:
            progress.effect, progress.value = True, data["value"]
            set_value(frame, node, progress.value)
        await wait_instant(frame, data["next"], progress.bound)
    while True:
        progress.poll += 1
        value = await _once(frame, node, path, progress)
        set_value(frame, node, value)
        if node.compile(poll.condition)(frame):
            return value
        now = run.now()
        following = _next_poll(now, node.compile(poll.every)(frame), run.seam.random(), progress.bound)
        data = {"next": following, "since": progress.since, "attempts": progress.attempts, **run.metered(path)}
        if progress.effect and node.step.undo is not None and not node.volatile:
            data["value"] = value  # what was done so far is undone if a later poll fails
        run.write(Entry(path, "poll", data, progress.poll, progress.started, now))
        if run.observe is not None:
            run.observe(("polled", path, now))
            run.observe(("waiting", path, following))
        await wait_instant(frame, following, progress.bound)


def _next_poll(now: int, every: int, random: float, bound: Bound | None) -> int:
    """When the next poll is (µs): up to a tenth of `every` late, so that many runs do not poll in step, where that
    is before the bound. A draw from the middle of [0, 1) makes nothing late, as with retries.
    """
    following = now + every
    late = following + int(every * MOST_LATE * abs(2 * random - 1))
    return late if bound is None or late < bound.instant else following


async def _earlier_rounds(frame: Frame, node: NodeProgram, path: str, progress: Progress, last: int) -> None:
    """Go through the rounds of a block or flow again that had ended before the run was resumed: their undos are the
    scope's. The journal has all that they did.
    """
    if node.leaf or not node.has_undo:
        return
    for progress.poll in range(1, last + 1):
        with contextlib.suppress(RunError):  # it had ended well; what cannot be gone through again is named at the end
            await _once(frame, node, path, progress)


def check_ensures(frame: Frame, node: NodeProgram) -> None:
    """Hold a step's `ensure` lines against its value; all that do not hold are reported together."""
    step: Step = node.step
    broken: dict[int, str] = {}
    for index, check in enumerate(step.checks):
        if any(needed in broken for needed in check.needs) or node.compile(check.condition)(frame):
            continue
        message = None if check.message is None else node.compile(check.message)(frame)
        broken[index] = message if message is not None else f"`{check.text}` does not hold"
        if step.policies.fail_fast:
            break
    if broken:
        raise validation("; ".join(broken.values()))

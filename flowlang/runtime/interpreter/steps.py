"""One step from its needs to its end, nested as the language says: `when`, `catch`, total timeout, `until`, [the call
with its policies], then `ensure` once.

A step that the journal knows is not executed again: its value, its skip or its error is taken from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import (
    Call,
    FlowCall,
    ForBlock,
    IfBlock,
    MatchBlock,
    ParallelBlock,
    Pure,
    RaceBlock,
    RepeatBlock,
    Step,
)
from flowlang.runtime.errors import RunError, validation
from flowlang.runtime.interpreter import attempts, blocks
from flowlang.runtime.interpreter.effect import checked
from flowlang.runtime.interpreter.frame import Frame, Undo
from flowlang.runtime.interpreter.handlers import answer, handled
from flowlang.runtime.interpreter.progress import Bound, Progress
from flowlang.runtime.interpreter.state import StepRecord
from flowlang.runtime.interpreter.waits import wait_instant
from flowlang.runtime.journal import Entry
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.program import NodeProgram

CHOOSERS = (IfBlock, MatchBlock, ForBlock, RaceBlock)
"""They journal a choice of their own, which implies their `when`."""

ENTERED = (ParallelBlock, RepeatBlock, FlowCall)
"""They choose nothing, but the journal must know that they were entered."""


def run_inline(frame: Frame, node: NodeProgram) -> None:
    """Run a pure step on the spot."""
    run = frame.run
    seq = frame.seq_of(node)
    try:
        if node.is_plain:
            value = (node.evaluate or node.value())(frame)
            if not node.small:
                run.program.evaluator.budget.bound(value)
            now = run.now()
            run.record(StepRecord(frame.prefix + node.key, "succeeded", 0, now, now))
            frame.finish(node, value, seq)
            return
        value, seq, status = _inline_value(frame, node, seq)
    except RunError as error:
        _inline_failed(frame, node, error)
        return
    now = run.now()
    run.record(StepRecord(frame.prefix + node.key, status, 0, now, now))
    frame.finish(node, value, seq)


def _inline_value(frame: Frame, node: NodeProgram, seq: int) -> tuple[Any, int, str]:
    run, step = frame.run, node.step
    path = frame.prefix + node.key
    if node.journaled and run.entries:
        entry = run.recall(path, "value")
        if entry is not None:
            data: Any = entry.data
            return data["value"], seq, "succeeded"
    if step.when is not None and not node.compile(step.when)(frame):
        return None, seq, "skipped"
    value = node.value()(frame)
    if step.type is not None:
        value = checked(run.program.evaluator, step.type, value, node.key)
    if not node.small:
        run.program.evaluator.budget.bound(value)
    if step.checks:
        _set(frame, node, value)
        check_ensures(frame, node)
    if node.journaled:
        now = run.now()
        seq = run.write(Entry(path, "value", {"value": value}, 0, now, now))
    return value, seq, "succeeded"


def _inline_failed(frame: Frame, node: NodeProgram, error: RunError) -> None:
    run = frame.run
    path = frame.prefix + node.key
    run.blame(error, path, node.place)
    now = run.now()
    run.record(StepRecord(path, "failed", 0, now, now, error, node.place))
    frame.fail(error, node)


async def run_node(frame: Frame, node: NodeProgram) -> None:
    """Run a step that may suspend: an effect, a block, a called flow, or a pure step with a handler or a poll."""
    run, step = frame.run, node.step
    path = frame.prefix + node.key
    now = run.now()
    progress = Progress(now)
    if run.observe is not None:
        run.observe(("started", path, now))
    try:
        if run.entries and await _from_journal(frame, node, path, progress):
            return
        if not _chooses(frame, node, path):
            seq = run.write(Entry(path, "skipped", None, 0, now, run.now())) if node.has_effect else frame.seq_of(node)
            _end(frame, node, path, progress, "skipped")
            frame.finish(node, None, seq, skipped=True)
            return
    except RunError as error:  # a fault in `when`: outside the step's own handlers
        run.blame(error, path, node.place)
        await _give_up(frame, node, path, progress, error)
        return
    try:
        value = await _value(frame, node, path, progress)
    except RunError as error:
        run.blame(error, path, node.place, progress.attempts)
        progress.unknown = progress.unknown or error.unknown_outcome
        await _failed(frame, node, path, progress, error)
        return
    if node.journaled:
        seq = _journal_value(frame, node, path, progress, value)
    else:
        seq = run.written if node.has_effect else frame.seq_of(node)
    if step.undo is not None:
        frame.undos.append(Undo(path, node, frame, run.order_of(path)))
    _end(frame, node, path, progress, "succeeded")
    frame.finish(node, value, seq)


def _journal_value(frame: Frame, node: NodeProgram, path: str, progress: Progress, value: Any) -> int:
    run = frame.run
    data: dict[str, Any] = {"volatile": True} if node.volatile else {"value": value}
    if run.meters and path in run.meters:
        data["meter"] = run.meters[path]
    if node.volatile and run.recall(path, "value") is not None:
        return frame.seq_of(node)
    return run.write(Entry(path, "value", data, progress.attempts, progress.since, run.now()))


def _end(
    frame: Frame, node: NodeProgram, path: str, progress: Progress, status: str, error: RunError | None = None
) -> None:
    run = frame.run
    run.record(StepRecord(path, status, progress.attempts, progress.since, run.now(), error, node.place))


def _set(frame: Frame, node: NodeProgram, value: Any) -> None:
    """Let the step's own clauses see its latest value."""
    if node.name is not None:
        frame.values[node.name] = value


# ---- before: the journal, `when`


async def _from_journal(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> bool:
    """End a step as the journal says it ended; false if it must be run."""
    run = frame.run
    if run.recall(path, "skipped") is not None:
        _end(frame, node, path, progress, "skipped")
        frame.finish(node, None, 0, skipped=True)
        return True
    answered = run.recall(path, "handled")
    failure = run.recall(path, "failed")
    if answered is not None and not any(handler.body.has_undo for handler in node.handlers()):
        data: Any = answered.data
        _end(frame, node, path, progress, "handled")
        frame.finish(node, data["value"], 0)
        return True
    if failure is not None:
        await _fail_again(frame, node, path, progress, failure)
        return True
    entry = run.recall(path, "value")
    if entry is None or (node.volatile and _is_needed(frame, node)):
        return False
    return _restore(frame, node, path, progress, entry)


def _restore(frame: Frame, node: NodeProgram, path: str, progress: Progress, entry: Entry) -> bool:
    data: Any = entry.data
    value = data.get("value")
    progress.attempts, progress.since = entry.attempt, entry.started
    if "meter" in data:
        frame.run.meters[path] = data["meter"]
    _set(frame, node, value)
    if node.step.undo is not None:
        frame.undos.append(Undo(path, node, frame, frame.run.order_of(path)))
    frame.run.record(StepRecord(path, "succeeded", entry.attempt, entry.started, entry.ended, None, node.place))
    frame.finish(node, value, 0)
    return True


async def _fail_again(frame: Frame, node: NodeProgram, path: str, progress: Progress, failure: Entry) -> None:
    data: Any = failure.data
    error = RunError.from_json(data["error"])
    progress.attempts, progress.since = failure.attempt, failure.started
    progress.unknown = data.get("unknown", False)
    frame.run.allow(data.get("in_flight", []))
    if "value" in data:
        progress.effect, progress.value = True, data["value"]
        _set(frame, node, data["value"])
    await _failed(frame, node, path, progress, error, journaled=True)


def _is_needed(frame: Frame, node: NodeProgram) -> bool:
    """Whether a value that is kept in memory only is still to be used: some step that needs it has not ended."""
    scope = node.scope
    return (
        any(not frame.run.has_ended(frame.prefix + scope.nodes[j].key) for j in scope.successors[node.index])
        or frame.stopping is not None
    )


def _chooses(frame: Frame, node: NodeProgram, path: str) -> bool:
    """Evaluate `when`; a true one is journaled if an effect hangs on it."""
    step: Step = node.step
    if step.when is None:
        if node.has_effect and isinstance(step.action, ENTERED):
            frame.run.choose(path, {"when": True})
        return True
    chosen = bool(node.compile(step.when)(frame))
    if node.has_effect:
        if chosen and not isinstance(step.action, CHOOSERS):
            frame.run.choose(path, {"when": True})
        elif not chosen and frame.run.recall(path, "choice") is not None:
            frame.run.choose(path, {"when": False})
    return chosen


# ---- the value: total, until, ensure


async def _value(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    step: Step = node.step
    total = step.policies.total
    if total is not None:
        _resume_since(frame, path, progress)
        progress.bound = Bound(progress.since + total, attempts.describe_total(total))
    if step.poll is None:
        value = await _once(frame, node, path, progress)
    else:
        value = await _polled(frame, node, path, progress)
    if step.checks:
        _set(frame, node, value)
        check_ensures(frame, node)
    elif step.undo is not None:
        _set(frame, node, value)
    return value


def _resume_since(frame: Frame, path: str, progress: Progress) -> None:
    """When the step's first attempt began, if the process is not the first."""
    for kind in ("attempt", "poll"):
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
    elif isinstance(action, FlowCall):
        value = await blocks.flow_call(frame, node, _round_path(path, progress))
    else:
        value = await blocks.block(frame, node, _round_path(path, progress))
    if node.step.type is not None:
        value = checked(frame.run.program.evaluator, node.step.type, value, node.key)
    progress.value = value
    return value


def _round_path(path: str, progress: Progress) -> str:
    return path if progress.poll < 2 else f"{path}#{progress.poll}"


async def _polled(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    """Repeat until the condition holds; each poll has its own retries."""
    run, poll = frame.run, node.step.poll
    if poll is None:
        raise AssertionError(path)
    _resume_since(frame, path, progress)
    if poll.limit is not None:
        limit = node.compile(poll.limit)(frame)
        until = progress.since + limit
        if progress.bound is None or until < progress.bound.instant:
            progress.bound = Bound(until, f"the time of `until`, {show_duration(limit)},")
    entry = run.recall(path, "poll")
    if entry is not None:
        data: Any = entry.data
        progress.poll, progress.attempts = entry.attempt, data["attempts"]
        await wait_instant(frame, data["next"], progress.bound)
    while True:
        progress.poll += 1
        value = await _once(frame, node, path, progress)
        _set(frame, node, value)
        if node.compile(poll.condition)(frame):
            return value
        following = run.now() + node.compile(poll.every)(frame)
        data = {"next": following, "since": progress.since, "attempts": progress.attempts}
        run.write(Entry(path, "poll", data, progress.poll, progress.started, run.now()))
        if run.observe is not None:
            run.observe(("waiting", path, following))
        await wait_instant(frame, following, progress.bound)


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


# ---- after a failure: the journal, `catch`, the scope


async def _failed(
    frame: Frame, node: NodeProgram, path: str, progress: Progress, error: RunError, journaled: bool = False
) -> None:
    """A step failed for good: journal it, let its handlers answer, else its scope fails."""
    run = frame.run
    stopped = error.kind == "cancelled" and frame.stopping is not None
    if not journaled and not stopped:
        data: dict[str, Any] = {"error": error.to_json(), "in_flight": sorted(frame.in_flight())}
        if progress.effect and node.step.undo is not None and not node.volatile:
            data["value"] = progress.value
        if progress.unknown:
            data["unknown"] = True
        if node.has_effect or node.step.handlers:
            run.write(Entry(path, "failed", data, progress.attempts, progress.since, run.now()))
    if not node.step.handlers:
        await _give_up(frame, node, path, progress, error)
        return
    try:
        value = await answer(frame, frame, node.handlers(), f"{path}.", error)
    except RunError as outward:
        run.blame(outward, path, node.place)
        await _give_up(frame, node, path, progress, outward, unless_handled=outward is not error)
        return
    seq = run.write(handled(path, value, run.now())) if run.recall(path, "handled") is None else 0
    _end(frame, node, path, progress, "handled", error)
    frame.finish(node, value, seq)


async def _give_up(
    frame: Frame, node: NodeProgram, path: str, progress: Progress, error: RunError, unless_handled: bool = False
) -> None:
    """Pass a step's error to its scope, with the undo that it may need."""
    run, step = frame.run, node.step
    stopped = error.kind == "cancelled" and frame.stopping is not None
    writes = isinstance(step.action, Call) and step.action.effect == "write"
    if step.undo is not None and (progress.effect or (progress.unknown and not step.undo_uses_value)):
        frame.undos.append(Undo(path, node, frame, run.order_of(path)))
    elif progress.unknown and (step.undo is not None or (writes and (run.cancelled or not stopped))):
        run.unknown.append(path)  # but not of a race's loser that nobody wants undone
    _end(frame, node, path, progress, "cancelled" if stopped else "failed", error)
    if not stopped:
        frame.fail(error, node)

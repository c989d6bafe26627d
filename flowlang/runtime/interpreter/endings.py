"""How a step ends: with a value, skipped, handled or failed; in this process, or as the journal says it ended before.

A step that the journal knows is not executed again: its value, its skip or its error is taken from there, and so are
its undo and its handlers' answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import Call
from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter.frame import Frame, Undo
from flowlang.runtime.interpreter.handlers import answer, handled
from flowlang.runtime.interpreter.state import StepRecord
from flowlang.runtime.journal import Entry, is_volatile

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.program import NodeProgram
    from flowlang.runtime.interpreter.progress import Progress
    from flowlang.runtime.interpreter.state import RunState


def note_end(
    frame: Frame, node: NodeProgram, path: str, progress: Progress, status: str, error: RunError | None = None
) -> None:
    """Note how a step ended, for people and machines. One that was only gone through again ended when it had, and a
    block when all in it had.
    """
    run = frame.run
    ended = run.now()
    if status != "cancelled" and run.entries and not run.goes_on(path):
        _, ended = run.span_of(path) or (0, ended)
    run.record(StepRecord(path, status, progress.calls, _began(run, path, progress), ended, error, node.place))


def _began(run: RunState, path: str, progress: Progress) -> int:
    """When a step began; if it goes on in a retry, in that: in between nothing ran."""
    began = min(progress.began, progress.since)
    return max(began, run.try_began) if run.goes_on(path) else began


def set_value(frame: Frame, node: NodeProgram, value: Any) -> None:
    """Let the step's own clauses see its latest value."""
    if node.name is not None:
        frame.values[node.name] = value


def journal_value(frame: Frame, node: NodeProgram, path: str, progress: Progress, value: Any) -> int:
    """Journal a step's value, or that a secret's was there; returns the entry's number."""
    run = frame.run
    data: dict[str, Any] = {"volatile": True} if node.volatile else {"value": value}
    data.update(run.metered(path))
    if node.volatile and run.recall(path, "value") is not None:
        return frame.seq_of(node)
    return run.write(Entry(path, "value", data, progress.calls, progress.since, run.now()))


async def failed(
    frame: Frame,
    node: NodeProgram,
    path: str,
    progress: Progress,
    error: RunError,
    journaled: bool = False,
    said: str = "",
) -> None:
    """A step failed for good: journal it, let its handlers answer, else its scope fails. `said`: what is added to its
    own error if that goes outward, which its handlers did not see when they began.
    """
    run = frame.run
    stopped = error.kind == "cancelled" and frame.stopping is not None
    # What was only stopped is journaled for its handlers' sake: going through it again, it might end well.
    if not journaled and (not stopped or node.step.handlers):
        data: dict[str, Any] = {
            "error": error.to_json(), "in_flight": sorted(frame.in_flight()), **run.metered(path)
        }  # fmt: skip
        if progress.effect and node.step.undo is not None and not node.volatile:
            data["value"] = progress.value
        if progress.passed and node.has_undo:
            data["passed"] = True
        if progress.unknown:
            data["unknown"] = True
        if node.has_effect or node.step.handlers:
            run.write(Entry(path, "failed", data, progress.calls, _began(run, path, progress), run.now()))
    if not node.step.handlers:
        error.message += said
        give_up(frame, node, path, progress, error)
        return
    try:
        value = await answer(frame, frame, node.handlers(), f"{path}.", error)
    except RunError as outward:
        if outward is error:
            error.message += said
        run.blame(outward, path, node.place)
        give_up(frame, node, path, progress, outward)
        return
    known = run.recall(path, "handled") is not None
    is_secret = node.volatile or any(each.volatile for each in node.step.handlers)
    seq = run.written if known else run.write(handled(path, value, run.now(), volatile=is_secret))
    note_end(frame, node, path, progress, "handled", error)
    frame.finish(node, value, seq)


def give_up(frame: Frame, node: NodeProgram, path: str, progress: Progress, error: RunError) -> None:
    """Pass a step's error to its scope, with the undo that it may need."""
    run, step = frame.run, node.step
    stopped = error.kind == "cancelled" and frame.stopping is not None
    writes = isinstance(step.action, Call) and step.action.effect == "write"
    if step.undo is not None and (progress.effect or (progress.unknown and not step.undo_uses_value)):
        frame.undos.append(Undo(path, node, frame, run.order_of(path)))
    elif progress.unknown and (step.undo is not None or (writes and (run.cancelled or not stopped))):
        run.lose_track(path)  # but not of a race's loser that nobody wants undone
    note_end(frame, node, path, progress, "cancelled" if stopped else "failed", error)
    if not stopped:
        frame.fail(error, node)


async def from_journal(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> bool:
    """End a step as the journal says it ended; false if it must be run."""
    run = frame.run
    if run.recall(path, "skipped") is not None:
        note_end(frame, node, path, progress, "skipped")
        frame.finish(node, None, 0, skipped=True)
        return True
    answered = run.recall(path, "handled")
    failure = run.recall(path, "failed")
    if answered is not None and _stands(frame, node, answered):
        data: Any = answered.data
        if is_volatile(answered):
            _leave_hollow(frame, node)
        took = (0, progress.since) if failure is None else (failure.attempt, failure.started)
        run.record(StepRecord(path, "handled", *took, answered.ended, None, node.place))
        frame.finish(node, data.get("value"), 0)
        return True
    if failure is not None:
        await _fail_again(frame, node, path, progress, failure)
        return True
    entry = run.recall(path, "value")
    if entry is None:
        return False
    if node.volatile and _is_needed(frame, node):
        run.allow([path])  # for undos and handlers also where nothing new starts
        return False
    return _restore(frame, node, path, progress, entry)


def _restore(frame: Frame, node: NodeProgram, path: str, progress: Progress, entry: Entry) -> bool:
    data: Any = entry.data
    value = data.get("value")
    progress.attempts, progress.since = entry.attempt, entry.started
    frame.run.recall_meter(path, data)
    set_value(frame, node, value)
    if node.step.undo is not None and "reused" not in data:  # as runs of before wrote of a cached value
        frame.undos.append(Undo(path, node, frame, frame.run.order_of(path)))
    if is_volatile(entry):
        _leave_hollow(frame, node)
    frame.run.record(StepRecord(path, "succeeded", entry.attempt, entry.started, entry.ended, None, node.place))
    frame.finish(node, value, 0)
    return True


async def _fail_again(frame: Frame, node: NodeProgram, path: str, progress: Progress, failure: Entry) -> None:
    data: Any = failure.data
    error = RunError.from_json(data["error"])
    progress.attempts, progress.since = failure.attempt, failure.started
    progress.unknown = data.get("unknown", False)
    frame.run.recall_meter(path, data)
    frame.run.allow(data.get("in_flight", []))
    said = "; it is `@once`: only a retry from the start (`--from-start`) starts it again" * bool(data.get("past"))
    if "value" in data:
        progress.effect, progress.value = True, data["value"]
        set_value(frame, node, data["value"])
    await failed(frame, node, path, progress, error, journaled=True, said=said)


def _stands(frame: Frame, node: NodeProgram, answered: Entry) -> bool:
    """Whether what a handler gave is taken from the journal, without going through the handler again."""
    if any(handler.body.has_undo for handler in node.handlers()):
        return False
    return not is_volatile(answered) or not _is_needed(frame, node)


def _is_needed(frame: Frame, node: NodeProgram) -> bool:
    """Whether a value that is kept in memory only is still to be used: some step that needs it is not over, or may be
    undone with it, or what its scope gives is.
    """
    if frame.error is None and frame.hangs_on(node) and _gives_on(frame):
        return True
    beside = [node.scope.nodes[j] for j in node.successors]
    return any(not _is_over(frame, other) or other.undo_hangs_on(node) for other in beside)


def _is_over(frame: Frame, node: NodeProgram) -> bool:
    """Whether a step had ended before the run was resumed, and so had its handlers, as far as that is known."""
    path = frame.prefix + node.key
    if node.step.handlers and frame.run.recall(path, "failed") is not None:
        return frame.run.recall(path, "handled") is not None
    return frame.run.has_ended(path)


def _gives_on(frame: Frame) -> bool:
    """Whether what a scope gives is still to be used."""
    found = frame.step
    return found is None or found[1].gives_on or _is_needed(*found)


def _leave_hollow(frame: Frame, node: NodeProgram) -> None:
    """Let blocks give nothing that are made of a value that is not there, for nobody needs them either."""
    while frame.hangs_on(node):
        frame.run.hollow.add(frame.path)
        found = frame.step
        if found is None:
            return
        frame, node = found
        frame.run.hollow.add(frame.prefix + node.key)

"""One step from its needs to its end, nested as the language says: `when`, `catch`, total timeout, `until`, [the call
with its policies], then `ensure` once.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import FlowCall, ForBlock, IfBlock, MatchBlock, ParallelBlock, RaceBlock, RepeatBlock, Step
from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter.blocks import repeat_call
from flowlang.runtime.interpreter.endings import failed, from_journal, give_up, journal_value, note_end, set_value
from flowlang.runtime.interpreter.frame import Frame, Undo
from flowlang.runtime.interpreter.left import take_up
from flowlang.runtime.interpreter.progress import Progress
from flowlang.runtime.interpreter.state import StepRecord
from flowlang.runtime.interpreter.values import check_ensures, value_of_step
from flowlang.runtime.journal import Entry

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
    if node.is_settled:
        value = node.settled(value)
    if not node.small:
        run.program.evaluator.budget.bound(value)
    if step.checks:
        set_value(frame, node, value)
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
    if run.entries:
        progress.began, _ = run.span_of(path) or (now, now)
    if run.observe is not None:
        run.observe(("started", path, now, progress.began))
    try:
        if run.entries:
            run.reached.add(path)
            take_up(run, step, path, progress)
            await _hand_undos_on(frame, node, path)
            if await from_journal(frame, node, path, progress):
                return
        if not _chooses(frame, node, path):
            seq = run.write(Entry(path, "skipped", None, 0, now, run.now())) if node.has_effect else frame.seq_of(node)
            note_end(frame, node, path, progress, "skipped")
            frame.finish(node, None, seq, skipped=True)
            return
    except RunError as error:  # a fault in `when`: outside the step's own handlers
        run.blame(error, path, node.place)
        give_up(frame, node, path, progress, error)
        return
    try:
        value = await value_of_step(frame, node, path, progress)
    except RunError as error:
        run.blame(error, path, node.place, progress.attempts)
        progress.unknown = progress.unknown or error.unknown_outcome
        await failed(frame, node, path, progress, error)
        return
    if node.journaled:
        seq = journal_value(frame, node, path, progress, value)
    else:
        seq = run.written if node.has_effect else frame.seq_of(node)
    if step.undo is not None:
        frame.undos.append(Undo(path, node, frame, run.order_of(path)))
    note_end(frame, node, path, progress, "succeeded")
    frame.finish(node, value, seq)


async def _hand_undos_on(frame: Frame, node: NodeProgram, path: str) -> None:
    """Go through what a failed step had done again whose undos are the scope's: a block that had ended well (its
    `ensure` did not hold), or the handlers of a called flow that passed its error on. The journal has all of it.
    """
    entry = frame.run.recall(path, "failed")
    data: Any = None if entry is None else entry.data
    if data is None:
        return
    with contextlib.suppress(RunError):  # the failure is in the journal
        if data.get("passed"):
            await value_of_step(frame, node, path, Progress(frame.run.now()))
        elif isinstance(node.action, FlowCall):
            await repeat_call(frame, node, path)


def _chooses(frame: Frame, node: NodeProgram, path: str) -> bool:
    """Evaluate `when`; a true one is journaled if an effect hangs on it."""
    step: Step = node.step
    if step.when is None:
        if node.has_effect and isinstance(step.action, ENTERED):
            frame.run.choose(path, {"when": True})
        return True
    if frame.run.decided(path) is not None:
        return True
    chosen = bool(node.compile(step.when)(frame))
    if node.has_effect:
        if chosen and not isinstance(step.action, CHOOSERS):
            frame.run.choose(path, {"when": True})
        elif not chosen and frame.run.recall(path, "choice") is not None:
            frame.run.choose(path, {"when": False})
    return chosen

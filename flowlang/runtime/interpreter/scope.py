"""A scope from entry to exit: its steps, then its value; or its first failure, its undos in reverse order, and the
error outward.

An undo runs when a failure leaves the scope its step stands in. A scope that succeeds hands its undos to whoever runs
it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from flowlang.runtime.errors import RunError, timeout
from flowlang.runtime.interpreter.frame import Frame, Undo

GRACE: float = 300.0  # seconds that undos and handlers have when the deadline has passed or the run was cancelled


async def run_scope(frame: Frame) -> Any:
    """Run a frame's scope; returns its value, or raises the error that leaves it.

    Its undos, if it ends well, are in `frame.undos`.
    """
    try:
        await frame.drive()
        return await close_scope(frame, lambda: value_of(frame))
    finally:
        frame.close()


async def close_scope(frame: Frame, value: Any) -> Any:
    """End a scope whose steps have ended: give its value, or run its undos and raise."""
    if frame.error is None and frame.stopping is not None and not frame.is_complete:
        frame.error = frame.stopping
    if frame.error is None:
        try:
            return value()
        except RunError as fault:
            frame.fail(fault)
    await compensate(frame, frame.undos)
    frame.undos = []
    raise _leaving(frame)


def _leaving(frame: Frame) -> RunError:
    """The error that leaves a scope, with the scope's other failures beside it."""
    run, error = frame.run, frame.error
    if error is None:
        raise AssertionError("a scope ended without value and without error")
    others = sorted(frame.others, key=lambda other: run.order_of(other.step or ""))
    error.add_others(other for other in others if other.kind != "cancelled")
    if run.unknown:
        error.details["outcome_unknown"] = sorted(run.unknown)
    return error


def value_of(frame: Frame) -> Any:
    """The yield of a frame whose steps have ended."""
    program = frame.program
    if program is None or (frame.run.hollow and frame.path in frame.run.hollow):
        return None
    evaluate = program.value()
    if evaluate is not None:
        return frame.run.program.evaluator.budget.bound(evaluate(frame))
    if program.record is not None:
        return {name: frame.values.get(name) for name in program.record}
    return None


async def compensate(frame: Frame, undos: Iterable[Undo]) -> None:
    """Run undos, the last step's first; one that fails is noted and stops no other."""
    pending = sorted(undos, key=lambda undo: undo.order, reverse=True)
    if not pending:
        return
    run = frame.run
    until = asyncio.get_running_loop().time() + GRACE if run.cancelled or frame.is_late else None
    with run.activity.hurry(until is not None):
        for undo in pending:
            if run.recall(undo.path, "undone") is None:
                await _undo(frame, undo, until)


async def _undo(frame: Frame, undo: Undo, until: float | None) -> None:
    run = frame.run
    inner = Frame(run, undo.node.undo(), undo.path + ".undo.", {}, undo.frame, None, run.written)
    inner.deadline = until
    failure = None
    try:
        await with_deadline(inner, lambda: run_scope(inner), "the time for undoing")
    except RunError as error:
        failure = error
    run.note_undone(undo.path, failure)


async def with_deadline(frame: Frame, work: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Await a frame's work; at the frame's deadline the frame fails with kind `timeout`. If that has passed already, as
    when a run is resumed, it fails when something begins in it: what had ended in time is gone through again.
    """
    if frame.deadline is None:
        return await work()

    def fail() -> None:
        frame.fail(timeout(f"{what} is over", unknown_outcome=False))

    if frame.is_late:
        frame.overdue = fail
        return await work()
    timer = asyncio.get_running_loop().call_at(frame.deadline, fail)
    try:
        return await work()
    finally:
        timer.cancel()

"""The effect itself: start it when what it uses is durable, bound it by its timeouts, and make its result the step's
value.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import Call, Policies
from flowlang.runtime.context import ActionContext, ServiceSettings
from flowlang.runtime.errors import RunError, network, timeout
from flowlang.runtime.evaluate import mismatch, python_failure
from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.mailbox import receive
from flowlang.runtime.interpreter.waits import wait_durably
from flowlang.runtime.journal import Entry
from flowlang.runtime.masking import secrets_in
from flowlang.runtime.policies.keys import derived_key
from flowlang.runtime.seam import NetworkError
from flowlang.runtime.show import show
from flowlang.types.check import checker
from flowlang.types.instants import show_duration
from flowlang.types.model import ANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram
    from flowlang.runtime.interpreter.progress import Progress
    from flowlang.runtime.interpreter.state import RunState

MOST_UNWRITTEN = 1024
"""How many entries may wait to be durable when an effect starts: held in memory, and lost with the process."""


async def perform(
    frame: Frame, node: NodeProgram, action: Call, path: str, arguments: dict[str, Any], progress: Progress
) -> Any:
    """Make one attempt; returns the step's value."""
    run = frame.run
    policies: Policies = node.step.policies
    needed = frame.seq_of(node)
    if needed > run.durable or run.written - run.durable > MOST_UNWRITTEN:
        await run.commit()
    if policies.once:
        await _start_once(run, path)
    if frame.is_late and frame.stopping is None:
        await asyncio.sleep(0)  # the deadline passed before this process was there: let it stop the scope first
    if frame.stopping is not None and path not in run.allowed:
        raise frame.stopping
    is_wait = action.effect == "wait"
    seconds, late = (None, None) if is_wait else _limit(frame, policies, progress)  # a wait bounds itself, durably
    try:
        if action.target is not None:
            work: Any = run.seam.call_python(action.target, arguments)
        else:
            work = run.actions[action.action](_context(frame, node, action, path, progress, seconds), arguments)
        result = await interruptible(
            frame.cuts, work, "" if is_wait else path, node.step.undo is not None, seconds, late
        )
    except NetworkError as error:
        raise network(str(error), error.unknown_outcome) from error
    except RunError as error:
        if action.target is not None:
            progress.thread = getattr(work, "running", None)
        if error.kind == "cancelled" and action.effect == "write":  # cut off while it was under way
            progress.unknown = True
        raise
    except Exception as error:
        if action.target is None:
            raise
        raise python_failure(action.target, error) from error
    return _value(frame, node, action, policies, path, result, progress)


async def _start_once(run: RunState, path: str) -> None:
    """Make it known that an `@once` effect starts; one that had started before a crash is not started again."""
    if run.recall(path, "started") is not None:
        raise RunError(
            "failed",
            "it had been started when the process ended, and its outcome is unknown: `@once` forbids to start it again",
            code="outcome_unknown", unknown_outcome=True, final=True,
        )  # fmt: skip
    run.write(Entry(path, "started", None, 0, run.now(), run.now()))
    await run.commit()


def _limit(frame: Frame, policies: Policies, progress: Progress) -> tuple[float | None, Callable[[], RunError] | None]:
    """The seconds that an attempt may take, and the error when they are over: the nearest of timeout, total and
    deadline.
    """
    seconds: float | None = None
    late: Callable[[], RunError] | None = None
    if policies.timeout is not None:
        seconds = policies.timeout / 1_000_000
        late = partial(_no_answer, policies.timeout)
    if progress.bound is not None:
        left = (progress.bound.instant - frame.run.now()) / 1_000_000
        if left <= 0:
            raise progress.bound.late(False)
        if seconds is None or left < seconds:
            seconds, late = left, partial(progress.bound.late, True)
    if frame.deadline is not None:
        left = frame.deadline - asyncio.get_running_loop().time()
        if seconds is None or left < seconds:
            seconds, late = left, partial(timeout, "the deadline around it has passed")
    return seconds, late


def _no_answer(limit: int) -> RunError:
    return timeout(f"there was no answer within {show_duration(limit)}")


def _context(
    frame: Frame, node: NodeProgram, action: Call, path: str, progress: Progress, seconds: float | None
) -> ActionContext:
    run = frame.run
    policies: Policies = node.step.policies
    key: str | Callable[[], str]
    if policies.idempotency_key is not None:
        key = show(node.compile(policies.idempotency_key)(frame))
    else:
        key = partial(_derive, run, path, progress.poll)
    return ActionContext(
        run.run_id,
        path,
        progress.attempts,
        key,
        policies.idempotent,
        seconds,
        None if action.service is None else service_settings(run, action.service),
        run.seam,
        run.program.plan.limits,
        run.memory,
        partial(wait_durably, frame, path, progress, policies.timeout),
        partial(receive, frame, path, progress, policies.timeout),
        run.mailbox.events.emit,
        run.mask.add,
    )


def _derive(run: RunState, path: str, poll: int) -> str:
    return derived_key(run.run_id, path, poll, run.generation(path))


class _OfRun:
    """The frame of a service's settings: no names, only the run."""

    __slots__ = ("run", "values")

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.values: dict[str, Any] = {}


def service_settings(run: RunState, name: str) -> ServiceSettings:
    """A service's settings, evaluated once a run."""
    found = run.services.get(name)
    if found is None:
        service, frame = run.program.service(name), _OfRun(run)
        found = run.services[name] = ServiceSettings(
            name,
            None if service.base_url is None else service.base_url(frame),
            {} if service.headers is None else service.headers(frame) or {},
            None if service.auth is None else service.auth(frame),
            {key: evaluate(frame) for key, evaluate in service.settings},
        )
    return found


def _value(
    frame: Frame, node: NodeProgram, action: Call, policies: Policies, path: str, result: Any, progress: Progress
) -> Any:
    """The step's value: what the call gave, checked if Python gave it, projected, checked against the step's type."""
    evaluator, mask = frame.run.program.evaluator, frame.run.mask
    if not node.volatile:
        result = mask.value(result)
    try:
        if action.target is not None:
            result = checked(evaluator, action.type, result, f"the result of {action.target}")
        if policies.meter:
            _meter(frame, node, path, policies, result)
        if result.__class__ is not dict and isinstance(result, dict):
            result = result if action.projection is not None else dict(result)  # an answer that explains what it lacks
        value = result if action.projection is None else node.compile(action.projection)(frame, result)
        if node.step.type is not None:
            value = checked(evaluator, node.step.type, value, node.key)
        if not node.small:
            evaluator.budget.bound(value)
    except RunError as error:
        error.unknown_outcome = action.effect == "write"  # it happened, but there is no value to undo it with
        raise
    if node.volatile:
        for part in [value] if node.step.type is None else secrets_in(evaluator.type(node.step.type), value):
            mask.add(part)
    progress.effect = True
    progress.value = value
    return value


def checked(evaluator: Any, type_: int | None, value: Any, label: str) -> Any:
    """Check and project a value; without a type it need only be JSON."""
    result, problems = (checker(ANY) if type_ is None else evaluator.checker(type_)).check(value)
    if problems:
        raise mismatch(problems, label)
    return result


def _meter(frame: Frame, node: NodeProgram, path: str, policies: Policies, result: Any) -> None:
    """Add what the attempt used to the step's numbers; attempts that fail later count too."""
    numbers = frame.run.meters.setdefault(path, {})
    for name, expr in policies.meter:
        amount = node.compile(expr)(frame, result)
        if isinstance(amount, (int, float)) and not isinstance(amount, bool):
            numbers[name] = numbers.get(name, 0) + amount

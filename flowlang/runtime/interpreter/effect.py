"""The effect itself: start it when what it uses is durable, bound it by its timeouts, and make its result the step's
value.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import Call, Policies
from flowlang.runtime.context import ActionContext, ServiceSettings
from flowlang.runtime.errors import RunError, fault, network, timeout
from flowlang.runtime.evaluate import python_failure
from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.mailbox import receive
from flowlang.runtime.interpreter.waits import wait_durably
from flowlang.runtime.journal import Entry
from flowlang.runtime.masking import secrets_in
from flowlang.runtime.policies.keys import derived_key
from flowlang.runtime.seam import NetworkError
from flowlang.runtime.show import show
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram
    from flowlang.runtime.interpreter.progress import Progress
    from flowlang.runtime.interpreter.state import RunState

    Key: TypeAlias = str | Callable[[], str]
    """Of a derived one how it is made, for calls that ask."""


async def perform(
    frame: Frame, node: NodeProgram, action: Call, path: str, arguments: dict[str, Any], progress: Progress
) -> Any:
    """Make one attempt; returns the step's value."""
    run = frame.run
    policies: Policies = node.step.policies
    key: Key = key_of(frame, node, path, progress) if action.target is None else ""
    is_known = _make_known(frame, node, action, path, progress)
    if frame.must_commit(node) or (is_known and action.effect == "write" and not node.is_bare):
        await run.commit()
    if policies.once:
        await _start_once(run, path, progress.poll)
    if frame.is_late and frame.stopping is None:
        await asyncio.sleep(0)  # let the deadline stop the scope first
    if frame.stopping is not None and path not in run.allowed:
        raise frame.stopping
    is_wait = action.effect == "wait"
    seconds, late = (None, None) if is_wait else _limit(frame, policies, progress)  # a wait bounds itself, durably
    try:
        if action.target is not None:
            work: Any = run.seam.call_python(action.target, arguments)
        else:
            work = run.actions[action.action](context_of(frame, node, action, path, progress, key, seconds), arguments)
        result = await interruptible(
            frame.cuts, work, "" if is_wait else path, node.step.undo is not None, seconds, late
        )
    except Exception as error:
        if action.target is not None and isinstance(error, RunError):
            progress.thread = getattr(work, "running", None)
        failure = failure_of(action, error)
        if failure is error:
            raise
        raise failure from error
    progress.value = value_of_call(frame, node, action, path, result)
    progress.effect, progress.unknown = True, False
    return progress.value


def failure_of(action: Call, error: BaseException) -> BaseException:
    """What a call fails with that ended with an error: that error, unless it is one of the world's."""
    if isinstance(error, RunError):
        if error.kind == "cancelled" and action.effect != "write":
            error.unknown_outcome = False
        return error
    if isinstance(error, NetworkError):
        return network(str(error), error.unknown_outcome)
    if action.target is not None and isinstance(error, Exception):
        return python_failure(action.target, error)
    return error


def _make_known(frame: Frame, node: NodeProgram, action: Call, path: str, progress: Progress) -> bool:
    """Let the journal know that a call is made; whether it is told. It is not of a bare call that no deadline bounds:
    that would cost each one as much as itself.
    """
    is_free = node.is_bare and frame.deadline is None
    if is_free or node.step.policies.once or action.effect == "wait" or frame.stopping is not None:
        return False
    run = frame.run
    progress.called += 1
    run.write(Entry(path, "begun", {"attempt": progress.attempts}, progress.called, progress.since, run.now()))
    return True


async def _start_once(run: RunState, path: str, poll: int) -> None:
    """Make it known that an `@once` effect starts."""
    run.write(Entry(path, "started", None, poll, run.now(), run.now()))
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
        if left <= 0:
            raise _past_deadline(False)
        if seconds is None or left < seconds:
            seconds, late = left, partial(_past_deadline, True)
    return seconds, late


def _past_deadline(unknown_outcome: bool) -> RunError:
    return timeout("the deadline around it has passed", unknown_outcome)


def _no_answer(limit: int) -> RunError:
    return timeout(f"there was no answer within {show_duration(limit)}")


def key_of(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Key:
    """A call's idempotency key."""
    policies: Policies = node.step.policies
    if policies.idempotency_key is None:
        return partial(_derive, frame.run, path, progress.poll)
    key = show(node.compile(policies.idempotency_key)(frame))
    if not key:
        raise fault("the key of `@idempotent` is empty: all such calls would be one")
    return key


def context_of(
    frame: Frame, node: NodeProgram, action: Call, path: str, progress: Progress, key: Key, seconds: float | None
) -> ActionContext:
    """What an action's body is given; `seconds`: how long the attempt may take."""
    run = frame.run
    policies: Policies = node.step.policies
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


def value_of_call(frame: Frame, node: NodeProgram, action: Call, path: str, result: Any) -> Any:
    """The step's value: what the call gave, checked if Python gave it, projected, checked against the step's type."""
    run = frame.run
    value = result if node.volatile else run.mask.value(result)
    try:
        if action.target is not None:
            value = (node.accept or node.acceptance())(value)
            if node.is_as_given:
                return value
        if node.is_metered:
            _meter(frame, node, path, value)
        if action.projection is not None:
            value = node.compile(action.projection)(frame, value)
        elif value.__class__ is not dict and isinstance(value, dict):
            value = dict(value)  # an answer that explains what it lacks
        if node.is_settled:
            value = node.settled(value)
        if not node.small:
            run.program.evaluator.budget.bound(value)
    except RunError as error:
        error.unknown_outcome = action.effect == "write"  # it happened, but there is no value to undo it with
        raise
    if node.volatile:
        of = node.step.type
        for part in [value] if of is None else secrets_in(run.program.evaluator.type(of), value):
            run.mask.add(part)
    return value


def _meter(frame: Frame, node: NodeProgram, path: str, result: Any) -> None:
    """Add what the attempt used to the step's numbers; attempts that fail later count too."""
    numbers = frame.run.meters.setdefault(path, {})
    for name, expr in node.step.policies.meter:
        amount = node.compile(expr)(frame, result)
        if isinstance(amount, (int, float)) and not isinstance(amount, bool):
            numbers[name] = numbers.get(name, 0) + amount

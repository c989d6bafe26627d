"""One action call with its policies, in their fixed order: idempotency, cache, retry, concurrency, breaker, rate limit,
attempt timeout, call, projection, type check.

Attempts of one step share their numbers over crashes: each failed attempt that another follows is journaled with the
instant of the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowlang.plan.nodes import CachePolicy, Call, Policies, RetryPolicy
from flowlang.runtime.errors import RunError, timeout
from flowlang.runtime.interpreter.caching import Cached
from flowlang.runtime.interpreter.effect import perform, service_settings
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.guards import guarded, shared_name
from flowlang.runtime.interpreter.left import note_outcome, refuse_second_start
from flowlang.runtime.interpreter.progress import Progress
from flowlang.runtime.interpreter.waits import wait_instant
from flowlang.runtime.journal import Entry
from flowlang.runtime.policies.retry import delay_after, is_retryable
from flowlang.runtime.policies.retry_budget import count_call, take_retry
from flowlang.types.instants import show_duration

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.program import NodeProgram


async def call(frame: Frame, node: NodeProgram, path: str, progress: Progress) -> Any:
    """Make the call of a step, again where its policy says so; returns the step's value or raises the last attempt's
    error.
    """
    policies: Policies = node.step.policies
    action: Call = node.step.action  # type: ignore[assignment]
    arguments = node.arguments()(frame)
    progress.tries = 0
    if frame.run.entries:
        if policies.once:
            refuse_second_start(frame.run, path, progress.poll)
        await _resume_backoff(frame, path, progress)
    cached = _cached(frame, node, action, policies.cache, arguments)
    if cached is not None:
        for value in await cached.find():
            return value
    value = await _try(frame, node, action, path, arguments, progress)
    if cached is not None:
        await cached.keep(value)
    return value


def _cached(
    frame: Frame, node: NodeProgram, action: Call, policy: CachePolicy | None, arguments: dict[str, Any]
) -> Cached | None:
    """Where a value of the call may be kept; nowhere without `@cache`, if it is a secret, or if it may be undone:
    plans of before the checker refused that hold such a step.
    """
    if policy is None or node.volatile or node.step.undo is not None:
        return None
    service = None if action.service is None else service_settings(frame.run, action.service)
    base = None if service is None else [service.base_url, dict(service.headers)]
    return Cached(frame, node, action, policy, arguments, base)


def _called(action: Call) -> str:
    """What a call calls, as its file says it: `shop.get` for an operation of a service."""
    if action.service is None:
        return action.target or action.action
    return f"{action.service.rpartition(':')[2]}.{action.action.rpartition('.')[2]}"


def _as_said(action: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    """A call's arguments for people: how long a wait is, as the language says it."""
    if action.effect != "wait" or "duration" not in arguments:
        return arguments
    return {**arguments, "duration": show_duration(arguments["duration"])}


async def _try(
    frame: Frame, node: NodeProgram, action: Call, path: str, arguments: dict[str, Any], progress: Progress
) -> Any:
    """Make the attempts."""
    policies: Policies = node.step.policies
    frame.meet_deadline()
    if frame.run.gate is not None and not progress.attempts:
        await frame.run.gate(path, _called(action), frame.run.mask.shown(_as_said(action, arguments)))
    name = None
    if policies.retry is not None:
        name = shared_name(frame, node, action, None, arguments)
        await count_call(frame.run.shared, name, frame.run.now())
    while True:
        if frame.stopping is not None and path not in frame.run.allowed and not policies.once:
            if progress.left and frame.is_late:  # it ends as one does that is under way then
                raise timeout("the deadline around it has passed", progress.unknown)
            raise frame.stopping
        progress.tries += 1
        progress.attempts += 1
        if frame.run.observe is not None:
            frame.run.observe(("attempt", path, progress.next_call, frame.run.now()))
        try:
            if node.is_guarded:
                return await guarded(frame, node, action, path, arguments, progress)
            return await perform(frame, node, action, path, arguments, progress)
        except RunError as error:
            frame.run.blame(error, path, node.place, progress.attempts)
            note_outcome(progress, error)
            retry = policies.retry
            if retry is None or frame.stopping is not None or not _tries_again(policies, retry, error, progress.tries):
                raise
            if name is not None and not await take_retry(frame.run.shared, name, frame.run.now()):
                error.message += f"; not tried again, for too many calls of {name} were"
                raise
            await _back_off(frame, path, retry, error, progress)


def _tries_again(policies: Policies, retry: RetryPolicy, error: RunError, tries: int) -> bool:
    return tries < retry.attempts and not policies.once and is_retryable(error, retry.on)


async def _back_off(frame: Frame, path: str, retry: RetryPolicy, error: RunError, progress: Progress) -> None:
    """Journal the failed attempt and wait for the next one's time."""
    run = frame.run
    now = run.now()
    not_before = now + delay_after(retry, progress.tries, run.seam.random(), error.retry_after)
    data = {
        "error": error.to_json(), "not_before": not_before,
        "since": progress.since, "poll": progress.poll, "try": progress.tries,
        "unknown": progress.unknown,
    }  # fmt: skip
    run.write(Entry(path, "attempt", data, progress.attempts, progress.started, now))
    if run.observe is not None:
        run.observe(("failed_attempt", path, progress.calls, error, now))
        run.observe(("retry", path, progress.calls + 1, not_before))
    await wait_instant(frame, not_before, progress.bound)


async def _resume_backoff(frame: Frame, path: str, progress: Progress) -> None:
    """Go on where the journal left the attempts: their number, and the instant of the next."""
    entry = frame.run.recall(path, "attempt")
    if entry is None:
        return
    data: Any = entry.data
    if progress.attempts < entry.attempt:
        progress.attempts = entry.attempt
    if data["poll"] == progress.poll:
        progress.tries = data["try"]
        await wait_instant(frame, data["not_before"], progress.bound)


def describe_total(total: int) -> str:
    """How a total timeout is named in messages."""
    return f"the total of {show_duration(total)}"

"""What stands between an attempt and its call: a slot, the breaker, the rate limit, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flowlang.plan.nodes import BreakerPolicy, Call, Policies, RateLimitPolicy
from flowlang.runtime.errors import RunError, breaker_open, rate_limited
from flowlang.runtime.faults import unicode_text
from flowlang.runtime.interpreter.cut import interruptible
from flowlang.runtime.interpreter.effect import perform, service_settings
from flowlang.runtime.interpreter.waits import wait_instant
from flowlang.runtime.policies import breaker, rate_limit
from flowlang.runtime.show import show

if TYPE_CHECKING:
    from flowlang.plan.nodes import Expr
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram
    from flowlang.runtime.interpreter.progress import Progress

LOOK: Final = 1_000_000
"""How soon (µs) a sooner turn is asked for by who waits; by who waits long after a quarter of what is left."""
_turns = count()
"""Numbers of turns, of all runs in this process."""


async def guarded(
    frame: Frame, node: NodeProgram, action: Call, path: str, arguments: dict[str, Any], progress: Progress
) -> Any:
    """Make one attempt behind the policies that may hold it back or refuse it."""
    policies: Policies = node.step.policies
    if policies.concurrency is None:
        return await _admitted(frame, node, action, path, arguments, progress)
    name = (
        shared_name(frame, node, action, policies.concurrency_key, arguments)
        if action.service or policies.concurrency_key
        else node.place
    )
    place = frame.run.shared.slot(name, policies.concurrency)
    left = _left(frame, progress)
    release = await interruptible(frame.cuts, place, "", False, left, lambda: _too_late(progress))
    progress.thread = None
    try:
        return await _admitted(frame, node, action, path, arguments, progress)
    finally:
        if progress.thread is not None and not progress.thread.done():
            progress.thread.add_done_callback(lambda _: release())  # it cannot be interrupted: it holds its slot
        else:
            release()


async def _admitted(
    frame: Frame, node: NodeProgram, action: Call, path: str, arguments: dict[str, Any], progress: Progress
) -> Any:
    policies: Policies = node.step.policies
    if policies.breaker is None:
        if policies.rate_limit is not None:
            await _take_turn(frame, node, action, policies.rate_limit, arguments, progress)
        return await perform(frame, node, action, path, arguments, progress)
    name = shared_name(frame, node, action, policies.breaker.key, arguments)
    admitted = await _admit(frame, policies, policies.breaker, name)
    event: breaker.Event = "neutral"
    begun = frame.run.now()
    try:
        if policies.rate_limit is not None:
            give_back = await _take_turn(frame, node, action, policies.rate_limit, arguments, progress)
            if admitted.permit is not None and frame.run.now() > begun:
                try:
                    admitted = await _admit(frame, policies, policies.breaker, name, admitted)
                except BaseException:
                    await give_back()
                    raise
            begun = frame.run.now()
        value = await perform(frame, node, action, path, arguments, progress)
    except RunError as error:
        event = breaker.event_of(policies.breaker, error, frame.run.now() - begun)
        raise
    else:
        event = breaker.event_of(policies.breaker, None, frame.run.now() - begun)
        return value
    finally:
        await _report(frame, policies.breaker, name, event, admitted)


async def _admit(
    frame: Frame, policies: Policies, policy: BreakerPolicy, name: str, before: breaker.Admission | None = None
) -> breaker.Admission:
    """Be let through by the breaker; `before`: again, after having waited."""
    now = frame.run.now()
    lease = (policies.timeout or 0) + policy.cooldown

    def change(state: object | None) -> tuple[object, object]:
        if before is None:
            return breaker.admit(policy, state, now, lease)
        return breaker.renew(policy, state, now, lease, before)

    answer: Any = await frame.run.shared.update(f"breaker:{name}", change)
    if not isinstance(answer, breaker.Admission):
        raise breaker_open(f"the breaker of {name} is " + ("open" if answer else "held open"))
    return answer


async def _report(
    frame: Frame, policy: BreakerPolicy, name: str, event: breaker.Event, admitted: breaker.Admission
) -> None:
    now = frame.run.now()
    await frame.run.shared.update(
        f"breaker:{name}", lambda state: (breaker.report(policy, state, event, now, admitted), None)
    )


async def _take_turn(
    frame: Frame,
    node: NodeProgram,
    action: Call,
    policy: RateLimitPolicy,
    arguments: dict[str, Any],
    progress: Progress,
) -> Callable[[], Awaitable[object]]:
    """Wait for a turn; gives what leaves it to others."""
    run = frame.run
    run.seam.transport.prepare()
    now, left = run.now(), _left(frame, progress)
    latest = None if left is None else now + int(left * 1_000_000)
    name = shared_name(frame, node, action, policy.key, arguments)
    key = f"rate_limit:{name}"
    turn = rate_limit.Turn(run.shared.holder, next(_turns))

    def change(state: object | None) -> tuple[object, object]:
        gone = rate_limit.holders(state, run.shared.is_gone)
        return rate_limit.take(policy, state, turn, run.now(), latest, gone)

    def give_back() -> Awaitable[object]:
        return run.shared.update(key, lambda state: (rate_limit.give_back(state, turn), None))

    def move_up(state: object | None) -> tuple[object, object]:
        gone = rate_limit.holders(state, run.shared.is_gone)
        return rate_limit.move_up(policy, state, turn, run.now(), gone)

    def begin(state: object | None) -> tuple[object, object]:
        return rate_limit.begin(policy, state, turn, run.now())

    try:
        answer: Any = await run.shared.update(key, change)
        while "at" in answer:
            at, now = answer["at"], run.now()
            if at <= now:
                return give_back
            look = now + max(LOOK, (at - now) // 4)
            await wait_instant(frame, min(at, look), progress.bound, is_known=False)  # the turn is this process'
            answer = await run.shared.update(key, begin if at <= run.now() else move_up)
    except BaseException:  # it does not call
        await give_back()
        raise
    raise rate_limited(f"the rate limit of {name} leaves no turn in time", (answer["refused_until"] - now) / 1_000_000)


def _left(frame: Frame, progress: Progress) -> float | None:
    """Seconds until the step's bound or the scope's deadline; null if there is neither."""
    left: float | None = None
    if progress.bound is not None:
        left = (progress.bound.instant - frame.run.now()) / 1_000_000
    if frame.deadline is not None:
        until = frame.deadline - asyncio.get_running_loop().time()
        left = until if left is None else min(left, until)
    return None if left is None else max(left, 0.0)


def _too_late(progress: Progress) -> RunError:
    if progress.bound is not None:
        return progress.bound.late(False)
    return rate_limited("no slot became free before the deadline")


def shared_name(frame: Frame, node: NodeProgram, action: Call, key: Expr | None, arguments: dict[str, Any]) -> str:
    """Whose state a policy shares: the service's, the key's, the host's, or the action's own; of a service's calls also
    those with one key.
    """
    shown = None if key is None else unicode_text(show(node.compile(key)(frame)), "a key")
    if action.service is not None:
        return _service_name(frame, action.service, shown)
    if shown is not None:
        return shown
    if action.target is not None:
        return action.target
    url = arguments.get("url")
    host = _host(url)[0] if isinstance(url, str) else ""
    return host or action.action


def _service_name(frame: Frame, service: str, key: str | None) -> str:
    """`shop@api.example.com/v1`, `shop:KEY@api.example.com/v1`: what it is called where it is declared and its address,
    so it is one from wherever it is imported, and no other of that name.
    """
    run = frame.run
    address = run.addresses.get(service)
    if address is None:
        base: Any = run.mask.value(service_settings(run, service).base_url)
        host, path = _host(base) if isinstance(base, str) else ("", "")
        address = run.addresses[service] = (host.lower() + path.rstrip("/")).replace("@", "%40")
    name = service.rpartition(":")[2]
    return name + (f":{key}" if key is not None else "") + (f"@{address}" if address else "")


def _host(url: str) -> tuple[str, str]:
    """A URL's host with its port, and its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.netloc.rpartition("@")[2], parts.path

"""Whether a failed attempt is tried again and how long to wait first: pure functions of the policy, the attempt and
one random draw.

The delays come from tenacity's `wait_*` objects, imported when a first attempt has failed; attempt numbers, jitter
and the time of the next attempt are ours and journaled.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Protocol

from flowlang.plan.nodes import RetryPolicy
from flowlang.runtime.errors import RunError

NEVER_RETRIED = frozenset(("validation", "fault", "breaker_open", "cancelled"))


class _Wait(Protocol):
    def __call__(self, retry_state: SimpleNamespace) -> float: ...


def is_retryable(error: RunError, on: tuple[str, ...]) -> bool:
    """Whether the policy's `on` covers an error: a kind, a status, a class of statuses, or a code."""
    if error.kind in NEVER_RETRIED or error.final:
        return False
    if error.kind in on or (error.code is not None and error.code in on):
        return True
    if error.kind == "http" and error.status is not None:
        return str(error.status) in on or f"{error.status // 100}xx" in on
    return False


def delay_after(policy: RetryPolicy, attempt: int, random: float, retry_after: float | None = None) -> int:
    """Microseconds to wait after the failed attempt of a number (from 1); `random` is drawn from [0, 1).

    A `Retry-After` in seconds lengthens the wait; `max_delay` caps both.
    """
    wait = _waits(policy)(SimpleNamespace(attempt_number=attempt)) if policy.strategy != "none" else 0.0
    if policy.jitter == "full":
        wait *= random
    elif isinstance(policy.jitter, (int, float)) and policy.jitter:
        wait *= 1 + policy.jitter * (2 * random - 1)
    asked = 0.0 if retry_after is None else min(max(retry_after, 0.0), 1e9) * 1_000_000
    return int(min(max(wait, asked), policy.max_delay))


@lru_cache(maxsize=256)
def _waits(policy: RetryPolicy) -> _Wait:
    from tenacity.wait import wait_exponential, wait_fixed, wait_incrementing

    match policy.strategy:
        case "exponential":
            return wait_exponential(multiplier=policy.delay, max=policy.max_delay, exp_base=policy.multiplier)  # type: ignore[return-value]
        case "linear":
            return wait_incrementing(start=policy.delay, increment=policy.delay, max=policy.max_delay)  # type: ignore[return-value]
        case _:
            return wait_fixed(policy.delay)  # type: ignore[return-value]

"""What an action's body is given besides its arguments: the world through the seam, and who asks.

A body is `async def body(context: ActionContext, arguments: Mapping[str, object]) -> object` in `runtime/actions`, listed in `ACTIONS`
by its qualified name. Arguments and result are run-time values (JSON). It raises `RunError` for an expected failure. It never retries,
waits or counts by itself: policies are the interpreter's, and waiting goes through `wait_until`, which survives a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from flowlang.plan.nodes import Limits
from flowlang.runtime.seam import Seam


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """A service's settings, evaluated: `headers` text to text, `auth` and `settings` as written."""

    name: str
    base_url: str | None
    headers: Mapping[str, object]
    auth: object
    settings: Mapping[str, object]


@dataclass(slots=True)
class ActionContext:
    """One attempt of one call.

    `step` is its path, `attempt` counts from 1. `idempotency_key` is stable over retries and resumption; send it with every POST, PATCH and
    webhook. `idempotent`: the receiver is known to honour it. `timeout`: seconds this attempt may take, which the interpreter enforces
    itself (null: unbounded). `memory` lives as long as the process' part of the run: fetched tokens. `wait_until(until)` waits durably for an instant
    in µs since the epoch.
    """

    run_id: str
    step: str
    attempt: int
    idempotency_key: str
    idempotent: bool
    timeout: float | None
    service: ServiceSettings | None
    seam: Seam
    limits: Limits
    memory: dict[str, object]
    wait_until: Callable[[int], Awaitable[None]]

"""What an action's body is given besides its arguments: the world through the seam, and who asks.

A body is `async def body(context: ActionContext, arguments: Mapping[str, object]) -> object` in `runtime/actions`,
listed in `ACTIONS` by its qualified name. Arguments and result are run-time values (JSON). It raises `RunError` for
an expected failure. It never retries, waits or counts by itself: policies are the interpreter's, and waiting goes
through `wait_until` and `wait_event`, which survive a crash.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from flowlang.plan.nodes import Limits
from flowlang.runtime.events import Event, Wanted
from flowlang.runtime.seam import Seam


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """A service's settings, evaluated: `headers` text to text, `auth` and `settings` as written."""

    name: str
    base_url: str | None
    headers: Mapping[str, object]
    auth: object
    settings: Mapping[str, object]


class ActionContext:
    """One attempt of one call.

    `step` is its path, `attempt` counts from 1. `idempotency_key` is stable over retries and resumption; send it with
    every POST, PATCH and webhook. `idempotent`: the receiver is known to honour it. `timeout`: seconds this attempt
    may take, which the interpreter enforces itself (null: unbounded). `memory` lives as long as the run in this
    process: fetched tokens. `wait_until(until)` waits durably for an instant in µs since the epoch,
    `wait_event(wanted)` for an event, which no other step of the run is given. `emit_event(id, type, key, data, at)`
    tells one to all runs; raises `OtherEvent`. `hide(secret)` keeps what was fetched out of values and messages.
    """

    __slots__ = (
        "_key", "attempt", "emit_event", "hide", "idempotent", "limits", "memory", "run_id", "seam", "service", "step",
        "timeout", "wait_event", "wait_until",
    )  # fmt: skip

    def __init__(
        self,
        run_id: str,
        step: str,
        attempt: int,
        idempotency_key: str | Callable[[], str],
        idempotent: bool,
        timeout: float | None,
        service: ServiceSettings | None,
        seam: Seam,
        limits: Limits,
        memory: dict[str, object],
        wait_until: Callable[[int], Awaitable[None]],
        wait_event: Callable[[Wanted], Awaitable[object]],
        emit_event: Callable[[str, str, str | None, object, int], Awaitable[Event]],
        hide: Callable[[object], None] = lambda secret: None,
    ) -> None:
        self.run_id = run_id
        self.step = step
        self.attempt = attempt
        self._key = idempotency_key
        self.idempotent = idempotent
        self.timeout = timeout
        self.service = service
        self.seam = seam
        self.limits = limits
        self.memory = memory
        self.wait_until = wait_until
        self.wait_event = wait_event
        self.emit_event = emit_event
        self.hide = hide

    @property
    def idempotency_key(self) -> str:
        """The key to send; computed when asked for."""
        if not isinstance(self._key, str):
            self._key = self._key()
        return self._key

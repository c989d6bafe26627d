"""The one seam through which a run touches the world: clock, sleep, random, HTTP transport, Python calls, secrets.

Everything nondeterministic comes in here, so that a whole run can be simulated on a virtual clock with injected faults
(`tests/simulation`). The journal is the other protocol a run is given (`runtime.journal`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, ready to send.

    `timeout` in seconds bounds the whole exchange; `max_body` bytes after decompression.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    timeout: float
    max_body: int


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names in lower case, body decompressed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    url: str


class Unsent(asyncio.CancelledError):
    """A request was cut off from outside before a byte of it may have left; its text says why."""


class NetworkError(Exception):
    """No response: refused, reset, unresolved. `unknown_outcome` if the request may have reached the other side."""

    def __init__(self, message: str, unknown_outcome: bool) -> None:
        super().__init__(message)
        self.unknown_outcome = unknown_outcome


class Transport(Protocol):
    """Sends one request. Raises NetworkError; never follows redirects, never retries. `prepare`: what the first request
    would else be late by is done now.
    """

    def prepare(self) -> None: ...

    async def send(self, request: Request) -> Response: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Seam:
    """The world as a run sees it. Times: `now` in microseconds since the epoch (wall), `monotonic` in seconds.

    `call_python` runs a Python action; what it returns may carry `running`, a future that ends when an abandoned
    thread does. `find_python` gives the function behind a target, for pure functions, which run where they are
    called. Both raise LookupError for a target that is not there.
    """

    now: Callable[[], int]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    transport: Transport
    call_python: Callable[[str, Mapping[str, object]], Awaitable[object]]
    find_python: Callable[[str], Callable[..., object]]

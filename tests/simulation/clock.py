"""A clock that stands still until everybody waits, and the event loop that reads it: runs of hours end in milliseconds.

The loop never waits for real. When nothing is ready it moves the clock to the next timer; when there is no timer
either, nobody can ever go on, and that is a `Stuck`.
"""

from __future__ import annotations

import asyncio
import heapq
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


class Stuck(Exception):
    """Everything waits and no timer will wake anything."""


@dataclass(slots=True)
class Clock:
    """Virtual time: `seconds` since the simulation began at `epoch` (µs). It outlives loops, as time a crash.

    What is due at one instant comes in the order in which it was asked for, `backwards` in the opposite one: a real
    loop promises none.
    """

    seconds: float = 0.0
    epoch: int = EPOCH
    backwards: bool = False

    def now(self) -> int:
        """Wall time in µs."""
        return self.epoch + round(self.seconds * 1_000_000)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds)


class _Selector(selectors.SelectSelector):
    """Looks whether anything is ready; instead of waiting for a timer it moves the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise Stuck(f"at {self.clock.seconds:g} s everything waits and nothing will wake it")
        self.clock.seconds = round(self.clock.seconds + timeout, 9)
        return ready


class _Timer(asyncio.TimerHandle):
    """One that has its place among those of its instant."""

    number = 0

    def __lt__(self, other: Any) -> bool:
        return (self.when(), self.number) < (other.when(), other.number)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a `Clock`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Selector(clock))
        self.clock = clock
        self._clock_resolution = 1e-9
        self._numbers = count()
        self._alive: list[object] = []  # a task that waits for ever is referred to by nobody else

    def create_task(self, *arguments: Any, **named: Any) -> Any:
        task = super().create_task(*arguments, **named)
        self._alive.append(task)
        return task

    def time(self) -> float:
        return self.clock.seconds

    def call_at(self, when: float, callback: Any, *arguments: Any, context: Any = None) -> Any:
        timer = _Timer(round(when, 9), callback, arguments, self, context)
        timer.number = next(self._numbers) * (-1 if self.clock.backwards else 1)
        heapq.heappush(self._scheduled, timer)  # type: ignore[attr-defined]
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer


def simulate(clock: Clock, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end on the clock; tasks that it leaves behind vanish, as with a process that ends."""
    loop = VirtualLoop(clock)
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main())
    finally:
        _bury(loop)
        asyncio.set_event_loop(None)
        loop.close()


def _bury(loop: VirtualLoop) -> None:
    """End what is left. A dead world no longer answers, so tasks that insist are cancelled again, then let go."""
    for _ in range(20):
        left = [task for task in asyncio.all_tasks(loop) if not task.done()]
        if not left:
            return
        for task in left:
            task.cancel()
        stop = loop.call_soon(lambda: None)
        for _ in range(5):
            loop.call_soon(loop.stop)
            loop.run_forever()
        stop.cancel()
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]

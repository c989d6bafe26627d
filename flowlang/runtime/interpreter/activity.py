"""Whether a run only waits, so that it need not be kept in memory: how many of its tasks are at work, and what the
others wait for.

A task is at work unless it is in a wait that the journal knows, or waits for other tasks of its run. Everything else
counts as work (a call, a commit, a slot that is not free), so what is forgotten here keeps a run in memory and never
loses anything. A run that has only waited for a while, and has to for longer, is cancelled where it stands: nothing
is under way, and the journal knows by when each wait must be over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.runtime.events import Wanted
    from flowlang.runtime.interpreter.frame import Frame

TICK = 0.000_001
"""Seconds that are not worth another look."""
FAR = 253_370_764_800_000_000
"""The instant of a wait that nothing bounds: the year 9999, the last that can be written."""


class Patience(NamedTuple):
    """When a run is parked: when it has only waited for `after` seconds and has to for `least` seconds more."""

    after: float
    least: float


class Parked(Exception):
    """The run only waits and has left the process: until `wake` (µs), or until one of the events that it expects comes,
    each by its own instant. `received`: the numbers of the events that it has.
    """

    def __init__(self, wake: int, expected: list[tuple[Wanted, int | None]], received: set[int]) -> None:
        super().__init__(wake)
        self.wake = wake
        self.expected = expected
        self.received = received


class _Wait:
    """One wait under way: until when (µs; null: without bound), for which event."""

    __slots__ = ("until", "wanted")

    def __init__(self, until: int | None, wanted: Wanted | None) -> None:
        self.until = until
        self.wanted = wanted


class Activity:
    """See the module. `busy` counts tasks at work, `hurried` clean-ups whose time the journal does not know. `leaving`:
    until when the run leaves the process, and what it expects meanwhile.
    """

    __slots__ = ("_armed", "_idle_since", "_now", "_root", "_task", "_waits", "busy", "hurried", "leaving", "patience")

    def __init__(self, now: Callable[[], int], patience: Patience | None) -> None:
        self.busy = 1
        self.hurried = 0
        self.patience = patience
        self.leaving: tuple[int, list[tuple[Wanted, int | None]]] | None = None
        self._now = now
        self._waits: set[_Wait] = set()
        self._armed = False
        self._idle_since = 0.0
        self._root: Frame | None = None
        self._task: asyncio.Task[object] | None = None

    def begin(self, root: Frame) -> None:
        """The run begins in the current task; all its frames hang on `root`."""
        self._root, self._task = root, asyncio.current_task()

    def end(self) -> None:
        """The run has ended: nothing holds on to its frames, so that they go at once and not when garbage is sought."""
        self._root = self._task = None

    @contextmanager
    def waiting(self, until: int | None, wanted: Wanted | None = None) -> Iterator[None]:
        """A task waits for an instant or an event, and the journal knows it."""
        wait = _Wait(until, wanted)
        self._waits.add(wait)
        self.rest()
        try:
            yield
        finally:
            self.busy += 1
            self._waits.discard(wait)
        if self.leaving is not None:  # the way back is through the journal
            raise asyncio.CancelledError

    @contextmanager
    def hurry(self, is_hurried: bool) -> Iterator[None]:
        """Something is cleaned up within a time that counts in this process only."""
        self.hurried += is_hurried
        try:
            yield
        finally:
            self.hurried -= is_hurried

    def rest(self) -> None:
        """A task is at work no longer."""
        self.busy -= 1
        if not self.busy and self.patience is not None:
            loop = asyncio.get_running_loop()
            self._idle_since = loop.time()
            if not self._armed:
                self._armed = True
                loop.call_later(self.patience.after, self._look)

    def _look(self) -> None:
        self._armed = False
        if self.patience is None or self.busy or self.hurried or not self._waits or self._task is None:
            return
        loop = asyncio.get_running_loop()
        left = self._idle_since + self.patience.after - loop.time()
        if left > TICK:
            self._armed = True
            loop.call_later(left, self._look)
        elif self._wake() - self._now() >= self.patience.least * 1_000_000:
            expected = [(wait.wanted, wait.until) for wait in self._waits if wait.wanted is not None]
            self.leaving = self._wake(), expected
            self._task.cancel()

    def _wake(self) -> int:
        """The instant at which the first of the waits, or a deadline around them, is over."""
        instants = [wait.until for wait in self._waits if wait.until is not None]
        if self._root is not None:
            now, time = self._now(), asyncio.get_running_loop().time()
            instants += [now + round((deadline - time) * 1_000_000) for deadline in _deadlines(self._root)]
        return min(instants, default=FAR)


def _deadlines(frame: Frame) -> Iterator[float]:
    if frame.deadline is not None:
        yield frame.deadline
    for child in frame.children:
        yield from _deadlines(child)

"""A worker: takes up the parked runs of a store when they are due, so many at once.

Any number of workers may share a store: a run is executed by who claims it first. What a dead worker was at is due
again at once. A run that cannot be taken up (its secret is missing, or a bug ends it) rests for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from flowlang.engines.local import LOOK_S, MOST_REST_S
from flowlang.store.sqlite import Store

REST = 60_000_000
"""How long a run that could not be taken up rests, in µs."""


class Worker:
    """Takes up runs. `take_up` goes on with a run until it is over or parked again; false if it cannot."""

    def __init__(
        self, store: Store, now: Callable[[], int], take_up: Callable[[str], Awaitable[bool]], width: int
    ) -> None:
        self._store = store
        self._now = now
        self._take_up = take_up
        self._width = width
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, int] = {}

    async def work(self, *, once: bool) -> None:
        """Work until cancelled; with `once` until nothing is due."""
        await self._store.mend_parked()
        try:
            while True:
                version, now = self._store.version(), self._now()
                self._start_due(now)
                if self._under_way:
                    tasks = self._under_way.values()
                    ended, _ = await asyncio.wait(tasks, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                    for task in ended:
                        task.result()  # what `take_up` raises ends the worker
                elif once:
                    return
                else:
                    await self._store.change(version, self._rest_s(now))
        finally:
            await self._let_go()

    def _start_due(self, now: int) -> None:
        self._resting = {run_id: until for run_id, until in self._resting.items() if until > now}
        passed = len(self._under_way) + len(self._resting)
        free = self._width - len(self._under_way)
        for run_id in self._store.due(now, free + passed) if free else ():
            if free and run_id not in self._under_way and run_id not in self._resting:
                free -= 1
                self._under_way[run_id] = asyncio.create_task(self._run(run_id))

    def _rest_s(self, now: int) -> float:
        """For how many seconds nothing will be due unless somebody writes to the store, last looked at `now`."""
        instants = [each for each in (self._store.next_due(now), *self._resting.values()) if each is not None]
        left = min(instants, default=now + REST) - self._now()
        return max(LOOK_S, min(left / 1_000_000, MOST_REST_S))

    async def _run(self, run_id: str) -> None:
        try:
            if not await self._take_up(run_id):
                self._resting[run_id] = self._now() + REST
        finally:
            del self._under_way[run_id]

    async def _let_go(self) -> None:
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""When a worker looks for runs that are due, and when it leaves the store alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from flowlang.engines.local import LOOK_S, MOST_REST_S
from flowlang.engines.worker import REST, Worker

SECOND = 1_000_000


class Enough(Exception):
    """The worker has rested as often as the test wants."""


class Runs:
    """A store of runs that are due at instants. `rests`: for how long the worker was ready to rest, each time."""

    def __init__(self, *wakes: int) -> None:
        self.now = 0
        self.wakes = {f"r{n}": wake for n, wake in enumerate(wakes)}
        self.claimed: set[str] = set()
        self.rests: list[float] = []
        self.looks = self.rounds = 0

    async def mend_parked(self) -> None: ...

    def version(self) -> int:
        return 0

    def due(self, now: int, limit: int) -> list[str]:
        self.looks += 1
        return [run_id for run_id, wake in self.wakes.items() if wake <= now and run_id not in self.claimed][:limit]

    def next_due(self, now: int) -> int | None:
        if any(self.wakes[run_id] <= now for run_id in self.claimed):
            return now
        return min((wake for wake in self.wakes.values() if wake > now), default=None)

    async def change(self, version: int, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += round(seconds * SECOND)
        if len(self.rests) == self.rounds:
            raise Enough


def work(runs: Runs, rounds: int, take_up: Callable[[str], bool]) -> None:
    async def taken(run_id: str) -> bool:
        return take_up(run_id)

    store: Any = runs
    runs.rounds = rounds
    with pytest.raises(Enough):
        asyncio.run(Worker(store, lambda: runs.now, taken, 10).work(once=False))


def test_one_with_nothing_to_do_rests() -> None:
    runs = Runs()
    work(runs, 3, bool)
    assert runs.rests == [MOST_REST_S] * 3
    assert runs.looks == 3


def test_it_rests_until_the_next_run_is_due() -> None:
    runs = Runs(7 * SECOND, 20 * SECOND)

    def take_up(run_id: str) -> bool:
        assert runs.wakes.pop(run_id) == runs.now
        return True

    work(runs, 3, take_up)
    assert runs.rests == [7.0, 13.0, MOST_REST_S]


def test_it_watches_who_is_at_a_run_that_is_due() -> None:
    runs = Runs(0)
    runs.claimed.add("r0")
    work(runs, 2, bool)
    assert runs.rests == [LOOK_S, LOOK_S]


def test_a_run_that_cannot_be_taken_up_rests_and_keeps_nobody_awake() -> None:
    runs, tried = Runs(0), []

    def take_up(run_id: str) -> bool:
        tried.append(runs.now)
        return False

    work(runs, 4, take_up)
    assert runs.rests[:2] == [MOST_REST_S, MOST_REST_S]
    assert tried == [0, REST]

"""Parked runs: when they are due, who may take them, and that none is forgotten."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path

from flowlang.runtime.events import Wanted
from flowlang.store.sqlite import Elsewhere, Held, Store
from tests.store.conftest import begin, go, take

PAID = Wanted("paid", None)


def park(store: Store, run_id: str = "r1", wake: int = 100, *expected: Wanted) -> bool:
    held = go(begin(store, run_id))
    return go(store.park(held, wake, [(each, wake) for each in expected], set()))


def test_a_parked_run_is_due_in_its_time(store: Store) -> None:
    assert park(store, "late", 200)
    assert park(store, "soon", 100)
    assert store.get("soon").status == "waiting"
    assert store.due(99, 10) == []
    assert store.due(100, 10) == ["soon"]
    assert store.due(200, 10) == ["soon", "late"]
    assert store.due(200, 1) == ["soon"]


def test_who_takes_it_up_goes_on_with_it(store: Store) -> None:
    park(store)
    held = go(take(store))
    assert held.was_parked
    assert (held.record.status, store.get("r1").status) == ("running", "running")
    assert store.due(1000, 10) == []  # this process is at it
    assert go(store.finish(held, "succeeded", 1, None, 5))
    assert store.due(1000, 10) == []
    assert store.wake_of(store.get("r1")) is None


def test_it_is_due_again_if_its_process_dies(store: Store, reopen: Callable[[], Store]) -> None:
    park(store)
    other = reopen()
    go(take(other))
    assert store.due(1000, 10) == []
    other.close()  # as a killed process lets go of its lock
    assert store.due(1000, 10) == ["r1"]
    held = go(take(store))
    assert held.record.status == "running"


def test_an_event_makes_it_due(store: Store) -> None:
    park(store, "any", 100, PAID)
    park(store, "mine", 100, Wanted("paid", "o1"), Wanted("paid", "o2"))
    park(store, "other", 100, Wanted("paid", "o3"), Wanted("sent", "o1"))
    go(store.emit("e1", "paid", "o1", None, 5))
    assert store.due(50, 10) == ["any", "mine"]


def test_an_event_that_came_just_before_is_not_missed(store: Store) -> None:
    held = go(begin(store))
    go(store.emit("e1", "paid", None, None, 5))
    assert go(store.park(held, 100, [(PAID, 100)], set()))
    assert store.due(50, 10) == ["r1"]
    held = go(take(store))
    assert go(store.park(held, 100, [(PAID, 100)], {1}))  # it has that one
    assert store.due(50, 10) == []


def test_a_request_to_end_it_makes_it_due(store: Store) -> None:
    park(store)
    go(store.ask_to_cancel("r1"))
    assert store.due(50, 10) == ["r1"]
    held = go(take(store))
    assert held.journal.is_cancel_asked
    assert go(store.park(held, 100, [], set()))  # whoever parks it all the same does not delay its end
    assert store.due(50, 10) == ["r1"]


def test_who_lost_it_cannot_park_it(store: Store, reopen: Callable[[], Store]) -> None:
    held = go(begin(store))
    go(store.release(held))
    go(take(reopen()))
    assert not go(store.park(held, 100, [], set()))
    assert store.get("r1").status == "running"


def test_two_processes_do_not_both_take_it(store: Store, reopen: Callable[[], Store]) -> None:
    park(store)
    one, two = go(store.take("r1")), go(reopen().take("r1"))
    assert isinstance(one, Held)
    assert isinstance(two, Elsewhere)


def test_what_cannot_be_trusted_is_due(store: Store, path: Path) -> None:
    for run_id in ("changed", "lost", "fine"):
        park(store, run_id, 100)
    other = sqlite3.connect(path)
    other.execute("UPDATE parked SET wake = wake + 4096 WHERE run = 1")
    other.execute("DELETE FROM parked WHERE run = 2")
    other.commit()
    other.close()
    go(store.mend_parked())
    assert store.due(50, 10) == ["changed", "lost"]


def test_when_the_next_one_is_due(store: Store, reopen: Callable[[], Store]) -> None:
    assert store.next_due(0) is None
    park(store, "late", 200)
    park(store, "soon", 100)
    assert store.next_due(0) == 100
    assert store.next_due(100) == 200  # that one is due
    go(take(reopen(), "soon"))
    assert store.next_due(100) == 100  # whoever is at it may die
    assert store.next_due(50) == 50
    assert store.next_due(300) == 300


def test_every_commit_is_another_version(store: Store, reopen: Callable[[], Store]) -> None:
    other = reopen()
    seen = [store.version(), store.version()]
    park(store)
    seen.append(store.version())
    go(other.emit("e1", "paid", None, None, 5))
    seen += [store.version(), store.version()]
    assert [a == b for a, b in itertools.pairwise(seen)] == [True, False, False, True]


def test_a_change_ends_the_wait_for_it(store: Store, reopen: Callable[[], Store]) -> None:
    other = reopen()

    async def waiting() -> None:
        version = store.version()
        await other.emit("e1", "paid", None, None, 5)
        await asyncio.wait_for(store.change(version, 3600), 60)
        waits = asyncio.ensure_future(store.change(store.version(), 3600))
        await asyncio.sleep(0)
        await other.emit("e2", "paid", None, None, 5)
        await asyncio.wait_for(waits, 60)
        await store.change(store.version(), 0.01)

    go(waiting())


def test_one_that_was_taken_up_early_is_due_if_its_process_dies(store: Store, reopen: Callable[[], Store]) -> None:
    park(store, "r1", 1000)
    other = reopen()
    go(take(other))  # as `run --resume` does
    other.close()
    assert store.due(50, 10) == ["r1"]

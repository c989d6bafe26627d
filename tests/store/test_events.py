"""Events: which run may receive which, and that one is one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.runtime.events import Event, OtherEvent, Wanted
from flowlang.store.events import MOST_REST_S, SqliteEvents
from flowlang.store.rows import JournalCorrupt
from flowlang.store.runs import RunRecord
from flowlang.store.sqlite import Store
from tests.store.conftest import begin, go

PAID = Wanted("paid", None)


def emit(store: Store, name: str, key: str | None = None, data: object = None, id: str = "", at: int = 5) -> Event:
    emit.count += 1  # type: ignore[attr-defined]
    return go(store.emit(id or f"e{emit.count}", name, key, data, at))  # type: ignore[attr-defined]


emit.count = 0  # type: ignore[attr-defined]


def found(store: Store, run_id: str, wanted: Wanted, received: frozenset[int] = frozenset(), until: int = 10) -> object:
    event = store.events_of(store.get(run_id)).find(wanted, received, until)
    return None if event is None else event.data


def record_of(store: Store, run_id: str) -> RunRecord:
    return go(begin(store, run_id)).record


def test_only_events_since_the_run_began_count(store: Store) -> None:
    record_of(store, "old")
    emit(store, "paid", data=1)
    record_of(store, "new")
    assert found(store, "old", PAID) == 1
    assert found(store, "new", PAID) is None
    emit(store, "paid", data=2)
    assert found(store, "old", PAID) == 1
    assert found(store, "new", PAID) == 2


def test_the_oldest_that_is_wanted_and_not_received(store: Store) -> None:
    record_of(store, "r1")
    for n in range(3):
        emit(store, "paid", "a" if n else "b", n)
    emit(store, "sent", "a", "other")
    assert found(store, "r1", PAID) == 0
    assert found(store, "r1", PAID, frozenset({1})) == 1
    assert found(store, "r1", Wanted("paid", "a")) == 1
    assert found(store, "r1", Wanted("paid", "a"), frozenset({2, 3})) is None
    assert found(store, "r1", Wanted("paid", "c")) is None


def test_what_came_too_late_is_not_received(store: Store) -> None:
    record_of(store, "r1")
    emit(store, "paid", data=1, at=11)
    assert found(store, "r1", PAID, until=10) is None
    assert found(store, "r1", PAID, until=11) == 1


def test_an_event_of_another_process_is_seen(store: Store, reopen: Callable[[], Store]) -> None:
    record_of(store, "r1")
    emit(reopen(), "paid", data={"by": "ann"})
    assert found(store, "r1", PAID) == {"by": "ann"}


def test_the_same_id_is_the_same_event(store: Store) -> None:
    record_of(store, "r1")
    first = emit(store, "paid", "a", 1, id="mine", at=3)
    assert emit(store, "paid", "a", 1, id="mine", at=9) == first
    assert found(store, "r1", PAID, frozenset({first.n})) is None
    with pytest.raises(OtherEvent, match="another event 'mine'"):
        emit(store, "paid", "b", 1, id="mine")


def test_a_changed_bit_is_named(store: Store, path: Path) -> None:
    record_of(store, "r1")
    emit(store, "paid", data="ann", id="mine")
    other = sqlite3.connect(path)
    other.execute("UPDATE events SET data = '\"bob\"'")
    other.commit()
    other.close()
    with pytest.raises(JournalCorrupt, match="event mine is corrupt"):
        found(store, "r1", PAID)


def test_who_waits_looks_again_when_somebody_has_written(store: Store) -> None:
    waited: list[tuple[int, float]] = []

    async def change(version: int, seconds: float) -> None:
        waited.append((version, seconds))

    events = SqliteEvents(lambda read: None, store.emit, 1, lambda: 7, change)
    assert events.find(PAID, frozenset(), None) is None
    go(events.arrival(None))
    go(events.arrival(0.5))
    assert waited == [(7, MOST_REST_S), (7, 0.5)]

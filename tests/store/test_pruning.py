"""Removing what is over: what goes, what must stay, and that no number is given twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.runtime.events import Wanted
from flowlang.store.pruning import BATCH
from flowlang.store.rows import JournalCorrupt
from flowlang.store.runs import RunNotFound, Status
from flowlang.store.sqlite import Store
from tests.store.conftest import PLAN, begin, go, new_run, take, value

OVER = ("succeeded", "failed", "cancelled")
PAID = Wanted("paid", None)


def end(store: Store, run_id: str, status: Status = "succeeded", ended: int = 5) -> None:
    held = go(begin(store, run_id, value("a")))
    go(store.finish(held, status, None, None, ended))


def emit(store: Store, event_id: str, at: int = 5) -> None:
    go(store.emit(event_id, "paid", None, None, at))


def ids(store: Store) -> list[str]:
    return [record.id for record in store.newest()]


def events(store: Store) -> list[str]:
    return [event.id for event in store.newest_events()]


def test_only_what_is_over_and_old_is_removed(store: Store) -> None:
    end(store, "old")
    end(store, "failed", "failed")
    end(store, "young", ended=100)
    go(begin(store, "running"))
    go(store.park(go(begin(store, "waiting")), 1000, [(PAID, 1000)], set()))
    end(store, "last")
    assert go(store.prune_runs(50, ["succeeded"], [])) == 1
    assert ids(store) == ["last", "waiting", "running", "young", "failed"]
    assert go(store.prune_runs(1000, OVER, [])) == 2
    assert ids(store) == ["last", "waiting", "running"]
    assert go(store.prune_runs(1000, OVER, [])) == 0


def test_nothing_of_a_removed_run_remains(store: Store, path: Path) -> None:
    held = go(store.create(new_run("old", body='{"plan": 2}')))
    go(store.finish(held, "failed", None, None, 5))  # type: ignore[arg-type]
    go(store.finish(go(store.retry("old", PLAN, from_start=True)), "failed", None, None, 5))
    end(store, "new")
    record = store.get("old")
    go(store.prune_runs(50, OVER, []))
    connection = sqlite3.connect(path)
    for table in ("entries", "resets", "claims", "parked", "expected"):
        assert connection.execute(f"SELECT count(*) FROM {table} WHERE run = ?", (record.n,)).fetchone() == (0,)
    assert connection.execute("SELECT body FROM plans").fetchall() == [('{"plan": 1}',)]
    connection.close()
    with pytest.raises(RunNotFound):
        store.history(record)
    assert store.find("old") is None
    assert len(store.history(store.get("new"))) == 1


def test_what_is_removed_is_found_by_its_links(store: Store) -> None:
    """And by a look at every entry where they are not whole."""
    for run_id in ("old", "broken", "young"):
        held = go(begin(store, run_id, *[value(f"a[{n}]") for n in range(5)]))
        go(store.finish(held, "succeeded", None, None, 5))
    call = store._writer().call
    call(lambda connection: connection.execute("UPDATE entries SET before = 1 WHERE run = 2 AND key = 'a[3]'"))
    looks: list[str] = []
    call(lambda connection: connection.set_trace_callback(looks.append))
    assert go(store.prune_runs(50, OVER, [])) == 2
    assert [look.count("chain") > 0 for look in looks if look.startswith("DELETE FROM entries")] == [True, True, False]
    left = call(lambda connection: connection.execute("SELECT run, count(*) FROM entries GROUP BY run").fetchall())
    assert left == [(3, 5)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claims SET entries = 'x' WHERE run = 1",
        "UPDATE claims SET entries = 2.5 WHERE run = 1",
        "UPDATE claims SET entries = -1 WHERE run = 1",
        "UPDATE claims SET last = 'x' WHERE run = 1",
        "DELETE FROM claims WHERE run = 1",
    ],
)
def test_nothing_remains_of_a_run_whose_claim_is_corrupt(store: Store, statement: str) -> None:
    for run_id in ("broken", "old", "last"):
        end(store, run_id)
    store._writer().call(lambda connection: connection.execute(statement))
    assert go(store.prune_runs(50, OVER, [])) == 2
    left = "SELECT run FROM entries UNION SELECT run FROM claims WHERE id <> ''"
    assert store._writer().call(lambda connection: connection.execute(left).fetchall()) == [(3,)]


def test_numbers_are_not_given_twice(store: Store) -> None:
    end(store, "a")
    end(store, "b")
    emit(store, "told to a and b")
    go(store.prune_runs(50, OVER, []))
    assert ids(store) == ["b"]
    held = go(begin(store, "c"))
    assert store.events_of(held.record).find(PAID, set(), None) is None


def test_an_event_stays_while_a_run_may_receive_it(store: Store, reopen: Callable[[], Store]) -> None:
    end(store, "done")
    emit(store, "before")
    go(store.park(go(begin(store, "waiting")), 1000, [], set()))
    emit(store, "after")
    emit(store, "last")
    assert go(store.prune_events(50)) == 1
    assert events(store) == ["last", "after"]
    found = store.events_of(store.get("waiting")).find(PAID, set(), None)
    assert found is not None
    assert found.id == "after"
    go(store.finish(go(take(store, "waiting")), "failed", None, None, 5))
    assert go(store.prune_events(50)) == 0  # it may be retried
    go(store.finish(go(store.retry("waiting", PLAN)), "succeeded", None, None, 5))
    assert go(store.prune_events(50)) == 1
    assert events(store) == ["last"]


def test_a_young_event_stays(store: Store) -> None:
    emit(store, "old", 5)
    emit(store, "young", 100)
    emit(store, "last", 100)
    assert go(store.prune_events(50)) == 1
    assert events(store) == ["last", "young"]


def test_many_are_removed_some_at_a_time(store: Store) -> None:
    for n in range(BATCH + 2):
        emit(store, f"e{n}")
        end(store, f"r{n}")
    assert go(store.prune_runs(50, OVER, [])) == BATCH + 1
    assert go(store.prune_events(50)) == BATCH + 1


def test_a_run_whose_record_is_corrupt_is_named_and_left(store: Store, path: Path) -> None:
    go(begin(store, "running"))
    end(store, "sound")
    end(store, "last")
    other = sqlite3.connect(path)
    other.execute("UPDATE runs SET status = 'succeeded', ended = 1 WHERE id = 'running'")
    other.commit()
    other.close()
    corrupt: list[str] = []
    assert go(store.prune_runs(50, OVER, corrupt)) == 1
    assert corrupt == ["the record of run running is corrupt: it does not match its checksum"]
    with pytest.raises(JournalCorrupt, match="running is corrupt"):
        store.newest()
    assert [record.id for record in store.newest(corrupt=corrupt)] == ["last"]
    assert [record.id for record in store.since(0, corrupt=corrupt)] == ["last"]

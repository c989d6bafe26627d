"""The journal of a run: what was committed is there, once, and only its owner adds to it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.runtime.journal import Entry, JournalConflict, JournalUnavailable
from flowlang.store import entries, runs
from flowlang.store.rows import checksum, from_json, to_json
from flowlang.store.sqlite import Elsewhere, Held, Store
from flowlang.store.writer import Ending, Queued
from tests.store.conftest import begin, go, new_run, take, value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_json_comes_back_as_it_went(data: object) -> None:
    text = to_json(data)
    text.encode()
    assert from_json(text) == data


def test_lone_surrogates_come_back() -> None:
    assert from_json(to_json({"a": "x\ud800"})) == {"a": "x\ud800"}


@pytest.mark.parametrize("data", [float("nan"), float("inf"), object(), {1, 2}, b"x"])
def test_what_is_not_json_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        to_json(data)


def test_neighbouring_columns_do_not_run_together() -> None:
    assert checksum(("ab", "c")) != checksum(("a", "bc"))


def test_what_was_committed_is_there_for_the_next_owner(store: Store, reopen: Callable[[], Store]) -> None:
    async def work() -> None:
        held = await begin(store, "r1", value("a", {"x": [1, None, "ü"]}), value("b[3].c", "t"))
        await store.release(held)
        again = await take(reopen())
        assert again.journal.epoch == 2
        assert again.journal.entries() == {
            ("a", "value"): Entry("a", "value", {"x": [1, None, "ü"]}, 1, 10, 20),
            ("b[3].c", "value"): Entry("b[3].c", "value", "t", 1, 10, 20),
        }

    go(work())


def test_a_fresh_run_has_no_entries(store: Store) -> None:
    assert go(begin(store)).journal.entries() == {}


def test_the_last_of_several_attempts_and_polls_counts(store: Store) -> None:
    async def work() -> None:
        numbers = (1, 2, 3)
        entries = [value("a", {"n": n}, "attempt", n) for n in numbers] + [value("p", n, "poll", n) for n in numbers]
        await store.release(await begin(store, "r1", *entries))
        journal = (await take(store)).journal
        assert journal.entries()["a", "attempt"].attempt == 3
        assert journal.entries()["p", "poll"].data == 3

    go(work())


def test_the_first_write_wins_and_another_value_is_a_conflict(store: Store) -> None:
    async def work() -> None:
        held = await begin(store, "r1", value("a", 1))
        held.journal.write(value("a", 1, attempt=2))
        await held.journal.committed()
        held.journal.write(value("b", 1))
        held.journal.write(value("a", 2, attempt=3))
        with pytest.raises(JournalConflict, match="'a' has another value"):
            await held.journal.committed()
        with pytest.raises(JournalConflict):  # and the journal stays failed
            await held.journal.committed()

    go(work())
    assert [row.entry.data for row in store.history(store.get("r1"))] == [1]


def test_what_was_there_when_a_run_was_taken_is_not_written_again(store: Store, reopen: Callable[[], Store]) -> None:
    def attempt(n: int, data: object) -> Entry:
        return value("a", data, "attempt", n)

    async def work() -> None:
        await store.release(await begin(store, "r1", *[attempt(n, n) for n in (1, 2)]))
        held = await take(reopen())
        for n in (1, 2, 3):
            held.journal.write(attempt(n, n))
        await held.journal.committed()
        held.journal.write(attempt(1, "another"))
        with pytest.raises(JournalConflict, match="'a' has another attempt"):
            await held.journal.committed()

    go(work())
    assert [row.entry.data for row in store.history(store.get("r1"))] == [1, 2, 3]


def test_of_what_a_group_holds_twice_the_first_counts(store: Store) -> None:
    async def work() -> None:
        held = await begin(store)
        for data in (1, 1):
            held.journal.write(value("a", data))
        await held.journal.committed()
        for key, data in (("b", 1), ("c", 1), ("c", 2)):
            held.journal.write(value(key, data))
        with pytest.raises(JournalConflict, match="'c' has another value"):
            await held.journal.committed()

    go(work())
    assert [row.entry.key for row in store.history(store.get("r1"))] == ["a"]


def test_an_owner_that_was_replaced_cannot_write(store: Store, reopen: Callable[[], Store]) -> None:
    async def work() -> None:
        old = await begin(store, "r1", value("a"))
        await store.release(old)
        other = reopen()
        new = await take(other)
        old.journal.write(value("b"))
        with pytest.raises(JournalConflict, match="owned by another process"):
            await old.journal.committed()
        with pytest.raises(JournalConflict):  # else a run without a journal would go on to its next wait for it
            old.journal.write(value("d"))
        assert not await other.finish(Held(new.record, SimpleEpoch(old)), "failed", None, None, 1)
        new.journal.write(value("c"))
        assert await other.finish(new, "succeeded", 1, None, 1)

    class SimpleEpoch:
        """The journal of the replaced owner, without its failure."""

        def __init__(self, held: Held) -> None:
            self.epoch = held.journal.epoch

        async def committed(self) -> None:
            return None

        def close(self) -> None:
            return None

    go(work())
    record = store.get("r1")
    assert record.status == "succeeded"
    assert [row.entry.key for row in store.history(record)] == ["a", "c"]


def counted(store: Store) -> list[int]:
    """How many jobs each commit from now on has."""
    writer, commits = store._writer(), []
    commit = writer._outcomes

    def counting(group: list[Queued], busy_s: float) -> list[Ending]:
        commits.append(len(group))
        return commit(group, busy_s)

    writer._outcomes = counting  # type: ignore[method-assign]
    return commits


def test_many_entries_make_few_commits(store: Store) -> None:
    async def work() -> None:
        held = await begin(store)
        commits = counted(store)
        for n in range(1000):
            held.journal.write(value(f"a[{n}]"))
        await held.journal.committed()
        assert commits == [1]

    go(work())
    assert len(store.history(store.get("r1"))) == 1000


async def write_all(runs: list[Held], key: str) -> list[object]:
    """Write an entry of each run in one turn; gives what came of each."""
    for held in runs:
        held.journal.write(value(key, held.record.id))
    return list(await asyncio.gather(*[held.journal.committed() for held in runs], return_exceptions=True))


def test_what_many_runs_write_in_one_turn_is_one_commit(store: Store) -> None:
    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(20)]
        commits = counted(store)
        assert await write_all(runs, "a") == [None] * 20
        assert await write_all(runs, "b") == [None] * 20
        assert commits == [20, 20]

    go(work())
    for n in range(20):
        assert [row.entry.key for row in store.history(store.get(f"r{n}"))] == ["a", "b"]


def committing(store: Store) -> list[str]:
    """In which thread each commit from now on is made."""
    writer, threads = store._writer(), []
    commit = writer._outcomes

    def noting(group: list[Queued], busy_s: float) -> list[Ending]:
        threads.append(threading.current_thread().name)
        return commit(group, busy_s)

    writer._outcomes = noting  # type: ignore[method-assign]
    return threads


HERE, THERE = threading.main_thread().name, "flowlang store"


def test_what_every_run_waits_for_is_committed_where_they_wait(store: Store) -> None:
    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(3)]
        threads = committing(store)
        await write_all(runs, "a")
        await store.release(runs.pop())
        await write_all(runs, "b")
        assert threads == [HERE, THERE, HERE]

    go(work())


async def commits_in_turns(runs: list[Held], commits: int) -> list[str]:
    """How commits of the first run and turns of the loop follow each other."""
    loop, order = asyncio.get_running_loop(), []

    def turn() -> None:
        order.append("turn")
        handles.append(loop.call_soon(turn))

    handles = [loop.call_soon(turn)]
    for n in range(commits):
        runs[0].journal.write(value(f"a[{n}]"))
        await runs[0].journal.committed()
        order.append("commit")
    handles[-1].cancel()
    return order


def test_a_lone_run_does_not_wait_for_the_end_of_the_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(2)]
        threads = committing(store)
        assert "turn" in await commits_in_turns(runs, 1)
        await store.release(runs.pop())
        monkeypatch.setattr("flowlang.store.writer.HELD_UP_S", 60)
        assert await commits_in_turns(runs, 3) == ["commit"] * 3
        monkeypatch.setattr("flowlang.store.writer.HELD_UP_S", -1)
        assert (await commits_in_turns(runs, 3)).count("turn") >= 3
        assert threads == [THERE, THERE] + [HERE] * 6

    go(work())


def test_the_end_that_is_asked_for_reaches_a_lone_run_where_it_waits(store: Store, reopen: Callable[[], Store]) -> None:
    async def work() -> None:
        held = await begin(store, "r1")
        task = asyncio.current_task()
        assert task is not None
        held.journal.on_cancel = task.cancel
        await reopen().ask_to_cancel("r1")
        held.journal.write(value("a"))
        with pytest.raises(asyncio.CancelledError):
            await held.journal.committed()
        held.journal.write(value("b"))
        await held.journal.committed()

    go(work())
    assert [row.entry.key for row in store.history(store.get("r1"))] == ["a", "b"]


def test_a_loop_in_which_something_may_go_on_is_not_held_up(store: Store) -> None:
    async def work() -> None:
        one, other = [await begin(store, f"r{n}") for n in range(2)]
        threads = committing(store)
        await write_all([one], "a")  # the other run is at work
        other.journal.write(value("a"))
        await write_all([one], "b")  # it has written, and does not wait
        one.journal.write(value("c"))
        other.journal.write(value("c"))
        await asyncio.gather(one.journal.committed(2), other.journal.committed())  # one has another task
        assert threads == [THERE] * 3

    go(work())
    assert [row.entry.key for row in store.history(store.get("r0"))] == ["a", "b", "c"]


def test_a_loop_waits_for_no_other_process(store: Store, path: Path) -> None:
    async def work() -> None:
        held = await begin(store)
        threads = committing(store)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.journal.write(value("a"))
        waiting = asyncio.ensure_future(held.journal.committed())
        while len(threads) < 2:
            await asyncio.sleep(0.01)
        assert threads == [HERE, THERE]
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
        other.close()

    go(work())
    assert [row.entry.key for row in store.history(store.get("r1"))] == ["a"]


def test_a_group_that_fails_where_it_is_waited_for_fails_for_all(store: Store) -> None:
    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(2)]
        store._writer()._connection.execute("PRAGMA query_only=ON")
        assert [type(ended) for ended in await write_all(runs, "a")] == [JournalUnavailable] * 2
        with pytest.raises(JournalUnavailable, match="read-only"):
            runs[0].journal.write(value("b"))

    go(work())
    assert not store.history(store.get("r0"))


def test_a_run_that_another_process_owns_fails_alone_in_its_group(store: Store, reopen: Callable[[], Store]) -> None:
    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(5)]
        await store.release(runs[2])
        await take(reopen(), "r2")
        ended = await write_all(runs, "a")
        assert isinstance(ended.pop(2), JournalConflict)
        assert ended == [None] * 4

    go(work())
    assert [len(store.history(store.get(f"r{n}"))) for n in range(5)] == [1, 1, 0, 1, 1]


def test_a_run_whose_end_is_asked_for_is_written_with_its_group(store: Store, reopen: Callable[[], Store]) -> None:
    asked: list[str] = []

    async def work() -> None:
        runs = [await begin(store, f"r{n}") for n in range(3)]
        for held in runs:
            held.journal.on_cancel = partial(asked.append, held.record.id)
        await reopen().ask_to_cancel("r1")
        assert await write_all(runs, "a") == [None] * 3
        assert await write_all(runs, "b") == [None] * 3

    go(work())
    assert asked == ["r1"]
    assert [len(store.history(store.get(f"r{n}"))) for n in range(3)] == [2, 2, 2]


def test_entries_are_committed_without_anyone_waiting(store: Store) -> None:
    async def work() -> None:
        held = await begin(store)
        held.journal.write(value("a"))
        await store.release(held)

    go(work())
    assert len(store.history(store.get("r1"))) == 1


def test_runs_do_not_see_each_other(store: Store) -> None:
    async def work() -> None:
        one, two = await begin(store, "r1", value("a", 1)), await begin(store, "r2", value("a", 2))
        await store.release(one)
        await store.release(two)
        assert (await take(store, "r2")).journal.entries()["a", "value"].data == 2

    go(work())


def test_a_live_owner_keeps_its_run(store: Store, reopen: Callable[[], Store]) -> None:
    async def work() -> None:
        held = await begin(store)
        other = reopen()
        assert isinstance(await other.take("r1"), Elsewhere)
        assert isinstance(await other.create(new_run()), Elsewhere)
        assert other.is_running(held.record)
        store.close()  # as when the process ends
        assert not other.is_running(held.record)
        await take(other)

    go(work())


def test_there_is_no_run_without_an_id(store: Store) -> None:
    """Nor is it a corrupt one: commits are counted where such a one would stand."""
    assert store.find("") is None


def test_a_run_that_is_made_while_it_is_looked_for_is_not_called_corrupt(
    store: Store, reopen: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = reopen()

    def is_claimed(connection: sqlite3.Connection, run_id: str) -> bool:
        monkeypatch.undo()
        go(begin(other, run_id))
        return entries.is_claimed(connection, run_id)

    monkeypatch.setattr(runs, "is_claimed", is_claimed)
    found = store.find("r1")
    assert found is not None
    assert found.id == "r1"

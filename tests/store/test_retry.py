"""Trying a run again: what ended well stays, what was undone is done again under new idempotency keys."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.runtime.journal import Entry
from flowlang.store.history import Generations, Row, barred_step, live, undone_steps
from flowlang.store.runs import RunNotFound, RunNotRetryable
from flowlang.store.sqlite import Held, Store
from tests.counted import growth
from tests.store.conftest import PLAN, begin, go, value


async def fail(store: Store, *entries: object) -> None:
    held = await begin(store, "r1", *entries)  # type: ignore[arg-type]
    await store.finish(held, "failed", None, {"kind": "http"}, 5)


@pytest.mark.parametrize(
    ("prefix", "key", "covered"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a", "a[3].b", True),
        ("a", "a/b", True),
        ("a", "a#2.b", True),
        ("a", "ab", False),
        ("a[1]", "a[10]", False),
        ("", "x", True),
    ],
)
def test_what_lies_beneath_a_step(prefix: str, key: str, covered: bool) -> None:
    assert Generations([prefix])(key) == covered


def test_many_undone_steps_take_no_more_work_each() -> None:
    rows = [Row(value(f"loop[{i}].pay", {"error": None}, "undone"), i, 0, 0) for i in range(1_000)]

    def retry(count: int) -> None:
        undone = undone_steps(rows[:count])
        generation = Generations(undone)
        assert sum(generation(f"{key}.undo.refund") for key in undone) == count

    assert growth(retry, 500) < 2.05


def test_a_retry_keeps_what_ended_well_and_drops_failures(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("a"),
            value("b", {"kind": "http"}, "attempt", 1),
            value("b", {"kind": "http"}, "attempt", 2),
            value("b", {"kind": "http"}, "failed"),
            value("", {"kind": "http"}, "scope_failed"),
        )
        return await store.retry("r1", PLAN)

    held = go(work())
    assert set(held.journal.entries()) == {("a", "value")}
    assert held.journal.generation("a") == held.journal.generation("b") == 0
    assert held.record.retries == 1
    assert held.record.status == "running"
    assert held.record.error is None


def test_an_undone_step_begins_a_new_generation_with_all_beneath_it(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("pay"),
            value("pay.undo.refund"),
            value("pay", None, "undone"),
            value("payout"),
            value("ship", {"kind": "http"}, "failed"),
        )
        return await store.retry("r1", PLAN)

    held = go(work())
    assert set(held.journal.entries()) == {("payout", "value")}
    assert [held.journal.generation(key) for key in ("pay", "pay.undo.refund", "payout", "ship")] == [1, 1, 0, 0]


def test_a_step_whose_undo_failed_stays_done(store: Store) -> None:
    async def work() -> Held:
        await fail(store, value("pay"), value("pay", {"error": {"kind": "http"}}, "undone"))
        return await store.retry("r1", PLAN)

    held = go(work())
    assert set(held.journal.entries()) == {("pay", "value")}
    assert held.journal.generation("pay") == 0


def test_a_handled_failure_stays_handled(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("a", {"kind": "http"}, "failed"),
            value("a", 7, "handled"),
            value("block.x", None, "undone"),
            value("block", None, "scope_failed"),
            value("block", 8, "handled"),
            value("b", {"kind": "fault"}, "failed"),
        )
        return await store.retry("r1", PLAN)

    held = go(work())
    kept = held.journal.entries()
    assert kept["a", "handled"].data == 7
    assert kept["block", "handled"].data == 8
    assert ("b", "failed") not in kept
    assert held.journal.generation("block.x") == 0


def test_handlers_of_what_failed_begin_a_new_generation(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("a", {"kind": "http"}, "failed"),
            value("a.catch0.if_1", {"branch": "then"}, "choice"),
            value("a.catch0.if_1.then.post"),
            value("b.c", {"kind": "http"}, "failed"),
            value("b.c.catch1.post"),
            value("b", {"kind": "http"}, "failed"),
            value("b.catch0.post"),
            value("b", 7, "handled"),
            value("s/", {"kind": "http"}, "failed"),
            value("s/catch0.post", None, "skipped"),
            value("", {"kind": "http"}, "failed"),
            value("catch0.post"),
        )
        return await store.retry("r1", PLAN)

    held = go(work())
    assert set(held.journal.entries()) == {
        ("b.c.catch1.post", "value"), ("b", "failed"), ("b.catch0.post", "value"), ("b", "handled"),
    }  # fmt: skip
    handlers = ("a.catch0.if_1.then.post", "b.c.catch1.post", "b.catch0.post", "s/catch0.post", "catch0.post", "a")
    assert [held.journal.generation(key) for key in handlers] == [1, 0, 0, 1, 1, 0]


def test_a_handler_keeps_the_once_step_that_failed_in_it_and_no_choice_around(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("a", {"kind": "http"}, "failed"),
            value("a.catch0.if_1", {"branch": "then"}, "choice"),
            value("a.catch0.if_1.then.once", None, "started"),
            value("a.catch0.if_1.then.once", {"error": {"step": "a.catch0.if_1.then.once"}}, "failed"),
            value("a.catch0.if_1.then.once.catch0.told"),
            value("a.catch0.if_1.then.post"),
        )
        return await store.retry("r1", PLAN)

    held = go(work())
    once = "a.catch0.if_1.then.once"
    assert set(held.journal.entries()) == {(once, "started"), (once, "failed")}
    failure: Any = held.journal.entries()[once, "failed"].data
    assert failure["told"] == [once]
    assert [held.journal.generation(key) for key in (once, "a.catch0.if_1.then.post")] == [1, 1]


ONCE = [("once", None, "started"), ("once", {"error": {"step": "other"}}, "failed")]
BARRED = [value("b.once", None, "started"), value("b.once", {"error": {"step": "b.once"}}, "failed")]


@pytest.mark.parametrize(
    ("told", "of"),
    [
        ([], ["b.once"]),
        ([value("b", {"error": {"step": "b.once"}}, "failed")], ["b.once", "b"]),
        ([value("", {"error": {"step": "b.once"}}, "failed"), value("catch0.post")], ["b.once", ""]),
        ([value("b", {"error": {"step": "b.other"}}, "failed")], ["b.once"]),
        ([value("b", {"error": {"step": "b.once"}}, "failed"), value("b.catch0", {}, "scope_failed")], ["b.once"]),
        ([value("b.once", 7, "handled")], []),
        ([value("b.once.catch0.lock", {"error": {"kind": "http"}}, "undone")], []),
    ],
)
def test_whom_the_failure_of_a_once_step_was_told_of(told: list[Entry], of: list[str]) -> None:
    entries = [*BARRED, *told]
    rows = [Row(entry, i, 0, 0) for i, entry in enumerate(entries)]
    past: Any = next(row.entry.data for row in live(rows, Generations(["b"]), 1) if row.entry.kind == "failed")
    assert past["told"] == of


@pytest.mark.parametrize(
    ("since", "after", "barred"),
    [
        (0, [], True),
        (1, [], False),
        (0, [value("b.once", 1)], False),
        (0, [value("b.once", {"error": None}, "undone")], False),
        (0, [value("b", {"error": None}, "undone")], False),
        (0, [value("b.once", {"error": {"kind": "http"}}, "undone")], True),
        (0, [value("b", 7, "handled")], True),
    ],
)
def test_a_once_step_counts_as_started_whatever_is_done_again(since: int, after: list[Entry], barred: bool) -> None:
    entries = [*BARRED, *after]
    rows = [Row(entry, i, 0, 0) for i, entry in enumerate(entries)]
    counting = {(row.entry.key, row.entry.kind) for row in live(rows, Generations(["b"], since), 1)}
    assert (("b.once", "started") in counting) == barred
    assert (("b.once", "failed") in counting) == barred
    undone = [*rows, Row(value("b.once", {"error": None}, "undone"), len(rows), 1, 1)]
    assert [row for row in live(undone, Generations(["b"], since), 1) if row.entry.kind == "started"] == [
        row for row in live(rows, Generations(["b"], since), 1) if row.entry.kind == "started"
    ]


def test_many_once_steps_take_no_more_work_each() -> None:
    rows = []
    for i in range(1_000):
        rows += [Row(value(f"for[{i}].{key}", data, kind), 2 * i, 0, 0) for key, data, kind in ONCE]

    def retry(count: int) -> None:
        counting = live(rows[: 2 * count], Generations(["for"]), 1)
        assert len(counting) == 2 * count

    assert growth(retry, 500) < 2.05


def test_what_failed_in_a_handler_of_a_failed_once_step_has_handlers_of_its_own(store: Store) -> None:
    async def work() -> Held:
        inner = [value("b.once.catch0.x", {"error": {"step": "b.once.catch0.x"}}, "failed")]
        told = [value("b.once.catch0.y"), value("b.once.catch0.x.catch0.told")]
        await fail(store, *BARRED, *inner, *told, value("b.once.catch0", {"error": {}}, "scope_failed"))
        return await store.retry("r1", PLAN)

    held = go(work())
    keys = ("b.once", "b.once.catch0.y", "b.once.catch0.x.catch0.told")
    assert [held.journal.generation(key) for key in keys] == [0, 0, 1]


def test_an_event_is_received_once_unless_all_begins_again(store: Store) -> None:
    async def work() -> tuple[Held, Held]:
        event = value("a.catch0.wait#e3", {"event": {}, "wait": {}}, "event")
        await fail(store, value("a", {"kind": "http"}, "failed"), event)
        held = await store.retry("r1", PLAN)
        await store.finish(held, "failed", None, {"kind": "http"}, 6)
        return held, await store.retry("r1", PLAN, from_start=True)

    held, anew = go(work())
    assert set(held.journal.entries()) == {("#e3", "event")}
    assert set(anew.journal.entries()) == set()


def test_a_choice_binds_a_retry_only_if_something_was_done_beneath_it(store: Store) -> None:
    async def work() -> Held:
        await fail(
            store,
            value("one", "then", "choice"),
            value("one.then.a"),
            value("two", "then", "choice"),
            value("two.then.a", {"kind": "http"}, "failed"),
        )
        return await store.retry("r1", PLAN)

    assert set(go(work()).journal.entries()) == {("one", "choice"), ("one.then.a", "value")}


def test_from_the_start_everything_is_done_again(store: Store) -> None:
    async def work() -> Held:
        await fail(store, value("a"), value("b", {}, "failed"))
        return await store.retry("r1", PLAN, from_start=True)

    held = go(work())
    assert held.journal.entries() == {}
    assert held.journal.generation("a") == 1


def test_the_next_try_writes_and_reads_its_own(store: Store) -> None:
    async def work() -> Held:
        await fail(store, value("a", None, "undone"), value("a", 1), value("b", {"n": 1}, "failed"))
        held = await store.retry("r1", PLAN)
        held.journal.write(value("a", 2))
        held.journal.write(value("b", {"n": 2}, "failed"))
        await store.finish(held, "failed", None, {"kind": "http"}, 6)
        return await store.retry("r1", PLAN)

    held = go(work())
    assert held.record.retries == 2
    assert {key: entry.data for key, entry in held.journal.entries().items()} == {("a", "value"): 2}
    assert held.journal.generation("a") == 1
    assert len(store.history(held.record)) == 5  # nothing is forgotten


def test_only_what_failed_or_was_cancelled_is_retried(store: Store) -> None:
    async def work() -> None:
        held = await begin(store)
        with pytest.raises(RunNotRetryable, match="is running"):
            await store.retry("r1", PLAN)
        await store.finish(held, "succeeded", 1, None, 1)
        with pytest.raises(RunNotRetryable, match="is succeeded"):
            await store.retry("r1", PLAN)
        with pytest.raises(RunNotFound):
            await store.retry("nobody", PLAN)

    go(work())


def test_resets_add_up() -> None:
    generation = Generations(["a", "", "a.b"])
    assert [generation(key) for key in ("x", "a", "a.b.c")] == [1, 2, 3]


def test_an_undo_of_unknown_outcome_is_settled_when_it_ends_well_in_a_later_try() -> None:
    unknown = Row(value("pay.undo.refund", None, "unknown"), 0, 0, 0)
    undone = Row(value("pay", {"error": None}, "undone"), 1, 0, 1)
    assert live([unknown], Generations(), 1) == [unknown]
    assert live([unknown], Generations(["pay"]), 1) == [unknown]
    assert live([unknown, undone], Generations(), 1) == [undone]
    assert live([unknown, undone], Generations(["pay"]), 2) == []


def test_a_once_that_a_retry_may_not_come_to_bars_nothing() -> None:
    def barred(*started: str) -> str | None:
        return barred_step([Row(Entry(key, "started", {}, 1, 0, 0), i, 0, 0) for i, key in enumerate(started)])

    assert barred("a.catch0.post", "catch0.post", "s/catch0.post") is None
    assert barred("a.catch0.post", "pay", "b.pay") == "pay"


def test_a_once_that_what_was_done_again_did_not_come_to_bars_nothing() -> None:
    def barred(step: str) -> str | None:
        told = Row(value("", {"error": {"step": step}}, "scope_failed"), 9, 0, 1)
        return barred_step([*live([Row(each, i, 0, 0) for i, each in enumerate(BARRED)], Generations(["b"]), 1), told])

    assert [barred("b.once"), barred("b.other")] == ["b.once", None]

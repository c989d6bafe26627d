"""A changed bit is reported with its run and step, and never served as a value."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.entries import read_claim
from flowlang.store.rows import JournalCorrupt, from_json
from flowlang.store.schema import NEAR
from flowlang.store.sqlite import Held, Store
from tests.store.conftest import PLAN, begin, go, new_run, take, value


@pytest.fixture
def stored(path: Path) -> Path:
    """A database with one interrupted run of forty entries, as a file at rest."""

    async def work(store: Store) -> None:
        entries = [value(f"a[{n}].quote", {"premium": n, "carrier": f"carrier {n}"}) for n in range(40)]
        await store.release(await begin(store, "r1", *entries))

    with Store(path) as store:
        go(work(store))
    return path


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE entries SET data = '{\"premium\":9}' WHERE key = 'a[3].quote'",
            r"run r1 .* step 'a\[3\].quote' \(value\)",
        ),
        ("UPDATE entries SET generation = 1 WHERE key = 'a[3].quote'", r"run r1 .* step 'a\[3\].quote'"),
        ("UPDATE entries SET kind = 'skipped' WHERE key = 'a[3].quote'", r"step 'a\[3\].quote' \(skipped\)"),
        ("UPDATE entries SET crc = crc + 1 WHERE key = 'a[7].quote'", r"step 'a\[7\].quote'"),
        ("DELETE FROM entries WHERE key = 'a[39].quote'", "run r1 .* holds 39 of the 40 entries"),
        ("UPDATE claims SET epoch = 9 WHERE run = 1", "run r1 .* claim"),
        ("UPDATE claims SET entries = 39 WHERE run = 1", "run r1 .* claim"),
        ("UPDATE runs SET inputs = '{}'", "record of run r1"),
        ("UPDATE runs SET status = 'succeeded'", "record of run r1"),
    ],
)
def test_what_was_changed_is_named(stored: Path, statement: str, named: str) -> None:
    change(stored, statement)
    with Store(stored) as store, pytest.raises(JournalCorrupt, match=named):
        go(store.take("r1"))


def test_a_changed_plan_is_named(stored: Path) -> None:
    change(stored, "UPDATE plans SET body = '{}'")
    with Store(stored) as store, pytest.raises(JournalCorrupt, match="plan of run r1"):
        store.plan_body(store.get("r1"))


def test_shared_state_that_cannot_be_trusted_starts_afresh(path: Path) -> None:
    async def count(store: Store) -> object:
        return await store.shared.update("b", lambda state: ((state or 0) + 1, state))  # type: ignore[operator]

    with Store(path) as store:
        go(count(store))
    change(path, "UPDATE shared SET state = '7'")
    with Store(path) as store:
        assert go(count(store)) is None


def test_random_bit_flips_are_never_served(stored: Path, memory: Path) -> None:
    whole = read_all(stored)
    size = stored.stat().st_size
    dice = random.Random(1)
    noticed = 0
    for _ in range(350):
        broken = memory / "broken.db"
        shutil.copy(stored, broken)
        at = dice.randrange(size)
        with broken.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1 << dice.randrange(8)]))
        try:
            assert read_all(broken) == whole
        except JournalUnavailable:
            noticed += 1
        for rest in memory.glob("broken.db*"):
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    assert noticed > 20


def read_all(path: Path) -> object:
    with Store(path) as store:
        held = go(store.take("r1"))
        assert isinstance(held, Held)
        record = held.record
        return (
            record.inputs,
            record.status,
            store.plan_body(record),
            sorted((key, entry.data) for (key, _), entry in held.journal.entries().items()),
        )


@pytest.fixture
def several(memory: Path) -> Path:
    """A database at rest with some runs whose ids are near each other, each of two entries."""

    async def work(store: Store) -> None:
        for n in range(6):
            held = await begin(store, f"run-{n}", value("a"), value("a", {"n": 1}, "attempt", 1))
            await (store.finish(held, "succeeded", 1, None, 5) if n else store.release(held))

    with Store(memory / "runs.db") as store:
        go(work(store))
    (memory / "runs.db.commits").unlink()
    return memory / "runs.db"


def flips(path: Path, name: str) -> Iterator[tuple[bytes, int, int]]:
    """The file with one bit changed, in every byte of every cell of a table or index; with place and bit."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    content = path.read_bytes()
    start = (page - 1) * 4096
    cells = int.from_bytes(content[start + 5 : start + 7], "big")  # where the cells begin
    assert content[start] in (10, 13), "it is one leaf"
    for at in range(start + cells, start + 4096):
        for bit in (at % 4, 4 + at % 4):
            flipped = bytearray(content)
            flipped[at] ^= 1 << bit
            yield bytes(flipped), at, bit


def test_no_second_run_begins_under_an_id_that_an_index_hides(several: Path) -> None:
    noticed = []
    for content, at, bit in flips(several, "sqlite_autoindex_runs_1"):
        several.write_bytes(content)
        try:
            with Store(several, "process") as store:
                assert not isinstance(go(store.create(new_run("run-3"))), Held), (at, bit)
        except JournalUnavailable as error:
            noticed.append(str(error))
    assert len(noticed) > 30
    assert all("corrupt" in message for message in noticed)


def test_no_second_run_takes_the_number_of_another(several: Path) -> None:
    change(several, "UPDATE runs SET n = -6 WHERE n = 6")
    with Store(several) as store, pytest.raises(JournalUnavailable, match="is corrupt"):
        go(store.create(new_run("new")))


@pytest.mark.parametrize("table", ["entries", "claims"])
def test_no_entry_is_served_twice_or_left_out(several: Path, table: str) -> None:
    async def write_again(store: Store) -> list[str]:
        held = await take(store, "run-0")
        held.journal.write(value("a"))
        await held.journal.committed()
        return [row.entry.kind for row in store.history(held.record)]

    noticed = []
    for content, at, bit in flips(several, table):
        several.write_bytes(content)
        try:
            with Store(several, "process") as store:
                assert go(write_again(store)) == ["value", "attempt"], (at, bit)
        except JournalUnavailable as error:
            noticed.append(str(error))
    assert len(noticed) > 30
    assert all("corrupt" in message for message in noticed)


def give_an_older_claim(path: Path, entries: int, between: int) -> None:
    """A run has one entry more than its claim knows, behind so many of another run."""

    async def work(store: Store) -> None:
        held = await begin(store, "r1", *[value(f"a[{n}]") for n in range(entries)])
        await begin(store, "r2", *[value(f"a[{n}]") for n in range(between)])
        claim = store._writer().call(lambda connection: read_claim(connection, 1, "r1"))
        held.journal.write(value("b"))
        await held.journal.committed()
        store._writer().call(claim.store)

    with Store(path) as store:
        go(work(store))


@pytest.mark.parametrize("between", [300, NEAR - 1, NEAR, 2500])
@pytest.mark.parametrize("entries", [0, 2])
def test_a_claim_that_is_an_older_one_is_named(path: Path, entries: int, between: int) -> None:
    """Else what was done since then would be done again, however many entries of other runs stand between."""
    give_an_older_claim(path, entries, between)
    with Store(path) as store, pytest.raises(JournalCorrupt, match=f"holds {entries + 1} of the {entries} entries"):
        go(store.take("r1"))


def test_so_it_is_where_the_first_databases_of_this_version_had_no_index(path: Path) -> None:
    give_an_older_claim(path, 2, 2500)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP INDEX far")
    with Store(path) as store, pytest.raises(JournalCorrupt, match="holds 3 of the 2 entries"):
        go(store.take("r1"))


@pytest.mark.parametrize("before", ["before - 1", "before + 1", "seq", "seq + 1", "0", "-1"])
def test_a_link_that_is_not_as_it_was_is_named(path: Path, before: str) -> None:
    async def work(store: Store) -> None:
        one, other = await begin(store, "r1"), await begin(store, "r2")
        for n in range(4):
            for held in (one, other):
                held.journal.write(value(f"a[{n}]"))
                await held.journal.committed()

    with Store(path) as store:
        go(work(store))
    change(path, f"UPDATE entries SET before = {before} WHERE run = 1 AND key = 'a[2]'")
    with Store(path) as store:
        with pytest.raises(
            JournalCorrupt, match=r"run r1 is corrupt: it links [23] of the 4|run r1 is corrupt at step"
        ):
            go(store.take("r1"))
        assert len(store.history(store.get("r2"))) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM resets WHERE prefix = 'pay'",
        "UPDATE resets SET prefix = 'paid' WHERE prefix = 'pay'",
        "UPDATE resets SET run = 2 WHERE prefix = 'pay'",
        "UPDATE resets SET retry = 2 WHERE prefix = 'pay'",
        "UPDATE runs SET resets = 1",
    ],
)
def test_a_reset_that_is_not_as_it_was_is_named(path: Path, statement: str) -> None:
    """Else a step that was undone would count as done."""

    async def work(store: Store) -> None:
        undone = [value("pay"), value("pay", None, "undone"), value("ship"), value("ship", None, "undone")]
        await store.finish(await begin(store, "r1", *undone), "failed", None, {"kind": "http"}, 5)
        await store.release(await store.retry("r1", PLAN))

    with Store(path) as store:
        go(work(store))
    change(path, statement)
    with Store(path) as store, pytest.raises(JournalCorrupt, match="run r1"):
        go(store.take("r1"))


def test_what_a_retry_elsewhere_adds_is_no_corruption(path: Path, reopen: Callable[[], Store]) -> None:
    async def work(store: Store) -> None:
        held = await begin(store, "r1", value("pay"), value("pay", None, "undone"))
        await store.finish(held, "failed", None, {"kind": "http"}, 5)
        seen = store.get("r1")
        await reopen().retry("r1", PLAN)
        assert {row.entry.kind for row in store.live(seen)} == {"value", "undone"}

    with Store(path) as store:
        go(work(store))


def test_what_is_to_be_a_text_and_is_none_is_told() -> None:
    """As where a flipped bit gives a table other columns."""
    with pytest.raises(JournalCorrupt, match="what is to be a text in it is none"):
        from_json(None)  # type: ignore[arg-type]

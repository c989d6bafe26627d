"""A changed bit is reported with its run and step, and never served as a value."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.rows import JournalCorrupt
from flowlang.store.sqlite import Held, Store
from tests.store.conftest import begin, go, value


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
        ("UPDATE claims SET epoch = 9", "run r1 .* claim"),
        ("UPDATE claims SET entries = 39", "run r1 .* claim"),
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


def test_random_bit_flips_are_never_served(stored: Path, tmp_path: Path) -> None:
    whole = read_all(stored)
    size = stored.stat().st_size
    dice = random.Random(1)
    noticed = 0
    for _ in range(250):
        broken = tmp_path / "broken.db"
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
        for rest in tmp_path.glob("broken.db*"):
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

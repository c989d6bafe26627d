"""Commits that are gone are noticed: a write-ahead log that was deleted or changed, a database that is an older one."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.length import is_cut_short
from flowlang.store.schema import COUNTER
from flowlang.store.sqlite import Store
from flowlang.store.witness import Witness
from tests.store.conftest import begin, go, new_run, run_script, value

FILES = ("runs.db", "runs.db-wal", "runs.db-shm", "runs.db.commits")


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A database as a killed process left it: one run and thirty entries, each a commit of its own."""
    (tmp_path / "killed").mkdir()

    async def work(store: Store) -> None:
        held = await begin(store, "r1")
        for n in range(30):
            held.journal.write(value(f"a[{n}]", {"n": n}))
            await held.journal.committed()

    with Store(tmp_path / "runs.db") as store:
        go(work(store))
        for name in FILES:
            shutil.copy(tmp_path / name, tmp_path / "killed" / name)
    return tmp_path / "killed" / "runs.db"


def entries(path: Path) -> list[object]:
    with Store(path, busy_s=0.2) as store:
        return [row.entry.data for row in store.history(store.get("r1"))]


def refusal(path: Path) -> str:
    with pytest.raises(JournalUnavailable) as caught:
        Store(path, busy_s=0.2)
    return str(caught.value)


WHOLE = [{"n": n} for n in range(30)]


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def test_what_a_killed_process_committed_is_there(killed: Path) -> None:
    assert entries(killed) == WHOLE


@pytest.mark.parametrize("deleted", [("-wal",), ("-wal", "-shm")])
def test_a_deleted_log_is_noticed_and_may_be_put_back(killed: Path, deleted: tuple[str, ...]) -> None:
    log = beside(killed, "-wal")
    kept = log.read_bytes()
    for ending in deleted:
        beside(killed, ending).unlink()
    assert refusal(killed) == (
        f"{killed} lacks the last 31 of the 31 commits that {killed}.commits vouches for: its write-ahead log {log} is "
        f"missing, or it is an older copy; put back what was there, or delete {killed}.commits to go on without them"
    )
    log.write_bytes(kept)
    assert entries(killed) == WHOLE


def test_a_deleted_log_stays_missing_though_the_refused_look_made_an_empty_one(killed: Path) -> None:
    beside(killed, "-wal").unlink()
    assert refusal(killed) == refusal(killed)


@pytest.mark.parametrize("has_witness", [True, False])
@pytest.mark.parametrize("length", [0, 60, 4096, 8192])
def test_a_database_that_was_cut_short_is_noticed_and_its_log_stays(
    killed: Path, length: int, has_witness: bool
) -> None:
    if not has_witness:
        beside(killed, ".commits").unlink()
    log, whole = beside(killed, "-wal"), killed.read_bytes()
    kept = log.read_bytes()
    killed.write_bytes(whole[:length])
    assert refusal(killed) == (
        f"{killed} was cut short: pages are missing at its end; put back what was there, and keep {log}: "
        "it holds the newest commits"
    )
    assert (killed.read_bytes(), log.read_bytes()) == (whole[:length], kept)
    killed.write_bytes(whole)
    assert entries(killed) == WHOLE


def test_pages_that_a_killed_checkpoint_had_not_written_yet_are_in_the_log(tmp_path: Path) -> None:
    path, log, copy = tmp_path / "runs.db", tmp_path / "runs.db-wal", tmp_path / "copy.db"
    with Store(path) as store:
        length = path.stat().st_size
        go(begin(store, "r1", value("a", "x" * 50_000)))
        shutil.copy(log, tmp_path / "copy.db-wal")
    written = path.read_bytes()  # closing has moved the log into it, header first
    assert len(written) > length + 40_000
    copy.write_bytes(written[:length])
    assert entries(copy) == ["x" * 50_000]


def test_without_the_witness_what_is_left_is_taken(killed: Path) -> None:
    beside(killed, "-wal").unlink()
    beside(killed, ".commits").unlink()
    with Store(killed) as store:
        assert store.find("r1") is None


def test_a_log_that_was_changed_or_cut_is_noticed_and_left_as_it_is(killed: Path) -> None:
    log, dice, refused = beside(killed, "-wal"), random.Random(1), list[str]()
    original = {name: killed.with_name(name).read_bytes() for name in FILES}
    used = len(original["runs.db-wal"].rstrip(b"\0"))  # behind it is room
    for round_ in range(60):
        for name, content in original.items():
            killed.with_name(name).write_bytes(content)
        content = bytearray(original["runs.db-wal"])
        if round_ % 3:
            content[dice.randrange(used)] ^= 1 << dice.randrange(8)
        else:
            del content[dice.randrange(used) :]
        log.write_bytes(content)
        try:
            assert entries(killed) == WHOLE
        except JournalUnavailable as error:
            refused.append(str(error))
            assert log.read_bytes() == content
    assert len(refused) > 30
    assert all(f"{log} is damaged" in message for message in refused)


def test_an_older_copy_is_noticed(killed: Path, tmp_path: Path) -> None:
    assert entries(killed) == WHOLE  # and the log is part of it now
    shutil.copy(killed, tmp_path / "older.db")
    with Store(killed) as store:
        go(begin(store, "r2"))
    shutil.copy(tmp_path / "older.db", killed)
    assert "lacks the last 1 of the 32 commits" in refusal(killed)


@pytest.mark.parametrize("left", [None, b""])
def test_a_database_that_is_gone_is_noticed(killed: Path, left: bytes | None) -> None:
    for name in FILES[:3]:
        killed.with_name(name).unlink()
    if left is not None:
        killed.write_bytes(left)
        assert "lacks the last 31 of the 31 commits" in refusal(killed)
        assert killed.read_bytes() == left
        killed.unlink()
    assert refusal(killed) == (
        f"{killed} is gone, and {killed}.commits vouches for 31 commits in it: "
        f"put it back, or delete {killed}.commits to begin anew"
    )
    assert not killed.exists()
    beside(killed, ".commits").unlink()
    Store(killed).close()


def test_a_copy_without_its_witness_is_taken(killed: Path, tmp_path: Path) -> None:
    assert entries(killed) == WHOLE
    shutil.copy(killed, tmp_path / "copy.db")
    assert entries(tmp_path / "copy.db") == WHOLE


def test_a_log_that_is_deleted_under_a_running_process(path: Path) -> None:
    with Store(path) as store:
        go(begin(store, "r1", value("a")))
        beside(path, "-wal").unlink()
        beside(path, "-shm").unlink()
        other = run_script(
            "import sys, pathlib; from flowlang.store.sqlite import Store; Store(pathlib.Path(sys.argv[1]))", path
        )
        assert "lacks the last 2 of the 2 commits" in other.stderr
    assert entries(path) == [1]  # the process had it open still, and closing moved everything into the database


def test_a_count_that_is_no_number_is_none(killed: Path) -> None:
    with closing(sqlite3.connect(killed)) as connection:
        connection.execute(f"UPDATE claims SET entries = x'ff' WHERE run = {COUNTER}")
        connection.commit()
    assert "lacks the last 31 of the 31 commits" in refusal(killed)
    beside(killed, ".commits").unlink()
    assert entries(killed) == WHOLE


@pytest.mark.parametrize("content", [b"\0" * 30, b"x", b"00000000000000000031 00000000\n"])
def test_a_damaged_witness_is_named(killed: Path, content: bytes) -> None:
    beside(killed, ".commits").write_bytes(content)
    assert refusal(killed).startswith(f"{killed}.commits is damaged")


def test_a_changed_count_is_noticed(killed: Path) -> None:
    with Store(killed) as store:
        less = f"UPDATE claims SET entries = entries - 16 WHERE run = {COUNTER}"
        store._writer().call(lambda connection: connection.execute(less))
    assert "lacks the last 15 of the 31 commits" in refusal(killed)


def test_several_processes_leave_the_highest_number(path: Path, reopen: Callable[[], Store]) -> None:
    stores = [reopen() for _ in range(3)]

    async def work() -> None:
        for n in range(12):
            await stores[n % 3].create(new_run(f"r{n}"))

    go(work())
    assert Witness(path).read() == 12


def test_what_changes_nothing_is_no_commit(store: Store, path: Path) -> None:
    async def work() -> None:
        await begin(store, "r1")
        await store.create(new_run("r1"))
        await store.take("r1")

    go(work())
    assert Witness(path).read() == 1


def test_no_witness_of_what_a_loss_of_power_may_take(path: Path) -> None:
    with Store(path, "process") as store:
        go(begin(store, "r1", value("a")))
    assert Witness(path).read() == 0


def test_a_schema_that_another_process_is_writing_is_not_cut_short(tmp_path: Path) -> None:
    path, log = tmp_path / "runs.db", tmp_path / "runs.db-wal"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE one (a)")
        connection.execute("CREATE TABLE two (a)")
    connection.close()
    path.write_bytes(path.read_bytes()[:4096])  # the first of three pages, with a header that counts them all
    assert is_cut_short(path, log, must_hold=False)
    beside(path, "-journal").write_bytes(b"")
    assert not is_cut_short(path, log, must_hold=False)

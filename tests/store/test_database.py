"""Databases that cannot be used: one sentence names file and cause; nothing is acknowledged but what is stored."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
from pathlib import Path

import pytest

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.database import Durability, _create, connect, prepare
from flowlang.store.sqlite import Held, Store
from tests.store.conftest import begin, go, run_script, take, value


def refused(path: Path) -> str:
    with pytest.raises(JournalUnavailable) as caught:
        Store(path, busy_s=0.1)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_default_folder_is_made_and_ignored_by_git(tmp_path: Path) -> None:
    Store(tmp_path / ".flowlang" / "runs.db").close()
    assert (tmp_path / ".flowlang" / ".gitignore").read_text() == "*\n"
    assert not (tmp_path / ".flowlang" / "runs.db-owners").exists()


def test_another_folder_is_not_made(tmp_path: Path) -> None:
    assert refused(tmp_path / "no" / "runs.db") == f"the folder {tmp_path / 'no'} does not exist"


def test_a_folder(tmp_path: Path) -> None:
    assert refused(tmp_path).endswith("is a folder, not a database")


def test_a_text_file_is_left_as_it_is(path: Path) -> None:
    path.write_text("import http\n" * 200)
    assert refused(path) == f"{path} is not a database"
    assert path.read_text() == "import http\n" * 200


def test_a_database_of_another_program_is_left_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (id TEXT)")
    connection.close()
    before = path.read_bytes()
    assert "another program" in refused(path)
    assert path.read_bytes() == before


def test_a_newer_schema(store: Store, path: Path) -> None:
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    assert "schema version 99, this flowlang reads version 4" in refused(path)


def test_a_truncated_database(store: Store, path: Path) -> None:
    go(begin(store, "r1", *[value(f"a[{n}]", "x" * 300) for n in range(100)]))
    store.close()
    path.write_bytes(path.read_bytes()[:8192])
    with pytest.raises(JournalUnavailable, match=r"was cut short: .*; put back what was there$"):
        Store(path)


def test_a_schema_that_is_no_text(store: Store, path: Path) -> None:
    store.close()
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE plans", b"CREATE T\xcfBLE plans"))
    assert refused(path) == f"{path} is corrupt"


def test_a_locked_database(store: Store, path: Path) -> None:
    held = go(begin(store))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        held.journal.write(value("a"))
        await held.journal.committed()

    with pytest.raises(JournalUnavailable, match="is locked by another process"):
        go(write())
    other.execute("ROLLBACK")
    other.close()
    assert store.history(store.get("r1")) == []
    store.close()
    assert go_on(path) == ["more"]


def test_locked_while_it_is_made(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert refused(path) == f"{path} is locked by another process"
    other.close()


def go_on(path: Path) -> list[str]:
    """What is there, and one entry more, once the cause of a failure is gone and its process has ended."""

    async def work() -> list[str]:
        with Store(path, busy_s=0.2) as store:
            held = await take(store)
            held.journal.write(value("more"))
            await held.journal.committed()
            return [row.entry.key for row in store.history(held.record)]

    return go(work())


async def write_on(held: Held) -> None:
    for n in range(1000):
        held.journal.write(value(f"a[{n}]", "x" * 1000))
        await held.journal.committed()


def test_a_full_disk_acknowledges_nothing_false(store: Store, path: Path) -> None:
    async def work() -> int:
        held = await begin(store)
        (pages,) = store._writer().call(lambda connection: connection.execute("PRAGMA page_count").fetchone())
        store._writer().call(lambda connection: connection.execute(f"PRAGMA max_page_count={pages + 20}").fetchone())
        with pytest.raises(JournalUnavailable, match="the disk is full"):
            await write_on(held)
        return held.journal.durable

    acknowledged = go(work())
    assert 0 < acknowledged < 1000
    assert len(store.history(store.get("r1"))) == acknowledged
    store.close()
    assert go_on(path)[acknowledged:] == ["more"]


def test_a_file_that_may_not_grow(path: Path) -> None:
    script = """
        import asyncio, resource, signal, sys
        from pathlib import Path
        from flowlang.runtime.journal import JournalUnavailable
        from flowlang.store.sqlite import Store
        from tests.store.conftest import begin, value
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = Store(Path(sys.argv[1]))
        async def work():
            held = await begin(store)
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
            for n in range(1000):
                held.journal.write(value(f"a[{n}]", "x" * 5000))
                await held.journal.committed()
                print(n, flush=True)
        try:
            asyncio.run(work())
        except JournalUnavailable as error:
            print(error, file=sys.stderr)
    """
    done = run_script(script, path)
    assert "disk is full" in done.stderr or "cannot be read or written" in done.stderr
    assert "Traceback" not in done.stderr
    acknowledged = len(done.stdout.splitlines())
    assert acknowledged > 0
    assert go_on(path)[acknowledged:] == ["more"]


def test_a_read_only_database() -> None:
    script = """
        import os, sys
        from pathlib import Path
        from flowlang.runtime.journal import JournalUnavailable
        from flowlang.store.sqlite import Store
        if os.geteuid() == 0:
            os.seteuid(65534)  # to the superuser nothing is read-only
        try:
            Store(Path(sys.argv[1]))
        except JournalUnavailable as error:
            print(error)
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.db"
        prepare(path)
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        done = run_script(script, path)
        Path(folder).chmod(0o755)
    assert done.stderr == ""
    assert done.stdout.strip() in (f"{path} is read-only", f"{path} cannot be opened")


@pytest.mark.parametrize(("durability", "synchronous"), [("power", 2), ("process", 1)])
def test_what_a_commit_survives(path: Path, durability: Durability, synchronous: int) -> None:
    with Store(path, durability) as store:
        call = store._writer().call
        assert call(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()) == ("wal",)
        assert call(lambda connection: connection.execute("PRAGMA synchronous").fetchone()) == (synchronous,)


def test_a_database_that_is_being_made_is_no_other_program_s(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process makes it between two looks at it: it must wait, or have been there before both."""
    plain = sqlite3.Connection

    class Slow(plain):
        def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
            if sql == "PRAGMA user_version":
                monkeypatch.setattr(sqlite3, "connect", connect)
                with contextlib.suppress(JournalUnavailable):
                    prepare(path, 0.05)
            return super().execute(sql, *parameters)  # type: ignore[arg-type]

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **named, factory=Slow))
    prepare(path)
    Store(path).close()


def test_a_database_that_another_process_makes_just_now_is_waited_for(tmp_path: Path) -> None:
    """SQLite says at once that it is busy if one process writes what another is about to turn to write-ahead mode."""
    path = tmp_path / "a.db"
    with contextlib.closing(connect(path, "power")) as connection:
        _create(connection, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, other.execute, ("COMMIT",))
        timer.start()
        prepare(path)
        timer.join()

"""A database of schema version 3 becomes one of version 4: all of it or nothing, by one process, and no less sound."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flowlang.runtime.events import Wanted
from flowlang.runtime.journal import JournalUnavailable
from flowlang.store import database, upgrade
from flowlang.store.database import APPLICATION_ID
from flowlang.store.entries import last_entry, read_claim
from flowlang.store.ownership import Owner
from flowlang.store.rows import checksum
from flowlang.store.schema import COUNTER
from flowlang.store.sqlite import Store
from tests.conftest import ROOT
from tests.store.conftest import PLAN, begin, go, run_script, take, value

VERSION_3 = """
CREATE TABLE plans (digest TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, flow TEXT NOT NULL, file TEXT NOT NULL,
  plan TEXT NOT NULL, body TEXT NOT NULL, inputs TEXT NOT NULL, config TEXT NOT NULL,
  status TEXT NOT NULL, created INTEGER NOT NULL, started INTEGER, ended INTEGER,
  output TEXT, error TEXT, retries INTEGER NOT NULL, resets INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX runs_by_status ON runs (status, n);
CREATE TABLE claims (
  run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, owner TEXT, cancel INTEGER NOT NULL,
  entries INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
  generation INTEGER NOT NULL, retry INTEGER NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL,
  data TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, epoch INTEGER NOT NULL, crc INTEGER NOT NULL,
  UNIQUE (run, key, kind, generation, retry, number));
CREATE TABLE resets (
  run INTEGER NOT NULL, retry INTEGER NOT NULL, prefix TEXT NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (run, retry, prefix)) WITHOUT ROWID;
CREATE TABLE shared (key TEXT PRIMARY KEY, state TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, key TEXT, data TEXT NOT NULL,
  at INTEGER NOT NULL, runs INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX events_by_type ON events (type, n);
CREATE INDEX events_by_key ON events (type, key, n);
CREATE INDEX events_by_runs ON events (runs, n);
CREATE TABLE parked (run INTEGER PRIMARY KEY, wake INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX parked_by_wake ON parked (wake);
CREATE TABLE expected (run INTEGER NOT NULL, type TEXT NOT NULL, key TEXT);
CREATE INDEX expected_by_run ON expected (run);
CREATE INDEX expected_by_type ON expected (type, key);
CREATE TABLE commits (one INTEGER PRIMARY KEY, number INTEGER NOT NULL);
"""
SAME = ("plans", "runs", "resets", "shared", "events", "parked", "expected")
CLAIM = "run, id, epoch, owner, cancel, entries"
ENTRY = "seq, run, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc"


def as_version_3(path: Path) -> None:
    """Write a database at rest as the flowlang before would have."""
    old = path.with_name("old.db")
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(VERSION_3)
        connection.execute("ATTACH ? AS new", (str(path),))
        for table in SAME:
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        connection.execute(f"INSERT INTO entries ({ENTRY}) SELECT {ENTRY} FROM new.entries ORDER BY seq")
        for columns in connection.execute(f"SELECT {CLAIM} FROM new.claims WHERE run <> {COUNTER}").fetchall():
            connection.execute("INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?, ?)", (*columns, checksum(columns)))
        connection.execute(f"INSERT INTO commits SELECT 1, entries FROM new.claims WHERE run = {COUNTER}")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA user_version=3")
        connection.commit()
        connection.execute("DETACH new")
        connection.execute("PRAGMA journal_mode=WAL")
    old.replace(path)


async def fill(store: Store) -> None:
    """Runs in every state, whose entries stand among each other's, events, and what runs share."""
    held = [await begin(store, run_id) for run_id in ("released", "failed", "retried", "waiting", "over", "asked")]
    for n in range(20):
        for one in held:
            one.journal.write(value(f"a[{n}]", {"n": n, "text": "ü" * n}))
            await one.journal.committed()
    released, failed, retried, waiting, over, _ = held
    await store.release(released)
    await store.finish(failed, "failed", None, {"kind": "http"}, 5)
    retried.journal.write(value("a[3]", None, "undone"))
    await store.finish(retried, "failed", None, {"kind": "http"}, 5)
    again = await store.retry("retried", PLAN)
    again.journal.write(value("a[3]", 2))
    await store.release(again)
    await store.park(waiting, 1000, [(Wanted("paid", "k"), 1000)], set())
    await store.finish(over, "succeeded", {"x": 1}, None, 6)
    await store.ask_to_cancel("asked")
    await store.release(await begin(store, "empty"))
    await store.emit("e1", "paid", "k", {"sum": 1}, 7)
    await store.shared.update("b", lambda state: ({"n": 1}, None))


def seen(path: Path) -> list[object]:
    """All that a database tells."""
    with Store(path, busy_s=5) as store:
        found: list[object] = [store.shared_states(), store.newest_events(), store.due(2000, 10)]
        for record in store.newest():
            claim = store._writer().call(lambda connection, record=record: read_claim(connection, record.n, record.id))  # type: ignore[misc]
            known = (claim.epoch, claim.owner, claim.cancel, claim.entries)
            found += [record, store.plan_body(record), store.history(record), store.live(record)]
            found += [known, store.waits_of(record)]
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A database of version 3 at rest, and what it tells."""
    path = tmp_path_factory.mktemp("made") / "runs.db"
    with Store(path) as store:
        go(fill(store))
    whole = seen(path)
    as_version_3(path)
    return path, whole


@pytest.fixture
def old(made: tuple[Path, list[object]], memory: Path) -> Path:
    path = memory / "runs.db"
    for ending in ("", ".commits"):
        shutil.copy(f"{made[0]}{ending}", f"{path}{ending}")
    return path


@pytest.fixture
def whole(made: tuple[Path, list[object]]) -> list[object]:
    return made[1]


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def rows_of(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in ("commits", "claims", "entries")]


def tables(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_all_is_there_and_nothing_tells_it_from_a_new_one(old: Path, whole: list[object], memory: Path) -> None:
    assert seen(old) == whole
    assert seen(old) == whole
    Store(memory / "new.db").close()
    assert tables(old) == tables(memory / "new.db")
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_runs_go_on(old: Path) -> None:
    async def work(store: Store) -> None:
        for run_id, kept in (("released", 20), ("waiting", 20), ("retried", 20), ("empty", 0)):
            held = await take(store, run_id)
            assert len(held.journal.entries()) == kept
            held.journal.write(value("more"))
            held.journal.write(value("a[0]", {"n": 0, "text": ""}))
            await store.finish(held, "succeeded", None, None, 9)
        await begin(store, "new", value("a"))
        assert await store.prune_runs(100, ["succeeded"], []) == 5

    with Store(old) as store:
        go(work(store))
        assert [record.id for record in store.newest()] == ["new", "asked", "failed"]
        left = store._writer().call(lambda connection: connection.execute("SELECT count(*) FROM entries").fetchone())
        assert left == (41,)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_other_versions_are_refused(old: Path, number: int) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"PRAGMA user_version={number}")
    with pytest.raises(JournalUnavailable, match=f"has schema version {number}, this flowlang reads version 4"):
        Store(old)


def test_a_run_without_entries_has_them_behind_all_others(old: Path) -> None:
    """There they are looked for if its claim is an older one."""
    with Store(old) as store:
        run = store.get("empty").n
        claim = store._writer().call(lambda connection: read_claim(connection, run, "empty"))
        assert claim.last == store._writer().call(last_entry) == 122


@pytest.mark.parametrize(("number", "lost"), [("number - 1", "1"), ("x'ff'", r"(\d+) of the \1")])
def test_lost_commits_are_noticed_before(old: Path, number: str, lost: str) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"UPDATE commits SET number = {number}")
        connection.commit()
    with pytest.raises(JournalUnavailable, match=f"lacks the last {lost}"):
        Store(old)
    assert version(old) == 3


KILLED = """
    import os, signal, sqlite3, sys
    from pathlib import Path
    from flowlang.store import upgrade
    from flowlang.store.sqlite import Store
    left = int(sys.argv[2])
    rewrite = upgrade._rewrite
    def killed(connection):
        def count(statement):
            global left
            left -= connection.in_transaction  # behind the COMMIT there is nothing to undo
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        connection.execute("PRAGMA cache_size=4")  # pages are written before the end
        connection.set_trace_callback(count)
        rewrite(connection)
    upgrade._rewrite = killed
    Store(Path(sys.argv[1])).close()
"""


def test_a_killed_upgrade_leaves_the_old_one(old: Path, whole: list[object]) -> None:
    before, kills = rows_of(old), 0
    while run_script(KILLED, old, Path(str(kills))).returncode:
        assert old.with_name("runs.db-journal").exists() or not kills
        assert version(old) == 3
        assert rows_of(old) == before
        kills += 5
    assert kills > 10
    assert seen(old) == whole


def test_it_survives_a_loss_of_power(old: Path, whole: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """That the rollback journal is gone is on the disk before anything is written behind it."""
    rewrite, found = upgrade._rewrite, []

    def looked(connection: sqlite3.Connection) -> None:
        found.extend(connection.execute("PRAGMA synchronous").fetchone())
        rewrite(connection)

    monkeypatch.setattr(upgrade, "_rewrite", looked)
    assert seen(old) == whole
    assert found == [3]


@pytest.mark.parametrize("_", range(3))
def test_of_several_that_open_it_one_upgrades_it(old: Path, whole: list[object], _: int) -> None:
    script = "import sys, pathlib; from flowlang.store.sqlite import Store; Store(pathlib.Path(sys.argv[1])).close()"
    processes = [subprocess.Popen([sys.executable, "-c", script, str(old)], cwd=ROOT) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    assert seen(old) == whole


def test_another_process_may_upgrade_it_behind_a_look(
    old: Path, whole: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has seen version 3 outside of the write-ahead mode keeps nobody from upgrading it and running something
    then.
    """
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    version_of, owners = database.version_of, list[Owner]()

    def look(connection: sqlite3.Connection) -> int:
        found = version_of(connection)
        if not connection.in_transaction and not owners:
            owners.append(Owner(old.with_name("another.db")))
            Store(old).close()
            owners.append(Owner(old))
        return found

    monkeypatch.setattr(database, "version_of", look)
    assert seen(old) == whole
    assert len(owners) == 2
    for owner in owners:
        owner.close()


def test_where_another_process_has_it_open_it_stays(old: Path, whole: list[object]) -> None:
    before = rows_of(old)
    with closing(sqlite3.connect(old)) as other:
        other.execute("SELECT * FROM runs").fetchall()
        with pytest.raises(JournalUnavailable, match=r"schema version 3, and another process has it open, so .*: let"):
            Store(old, busy_s=0.1)
    assert (version(old), rows_of(old)) == (3, before)
    assert seen(old) == whole


def test_where_another_process_is_at_its_runs_it_stays(old: Path, whole: list[object]) -> None:
    owner = Owner(old)
    with pytest.raises(JournalUnavailable, match="another process has it open"):
        Store(old)
    assert version(old) == 3
    owner.close()
    assert seen(old) == whole


@pytest.mark.parametrize("name", ["runs.db", ""])
def test_a_read_only_file_or_folder_is_said_and_left(old: Path, whole: list[object], name: str) -> None:
    before, place = rows_of(old), old.parent / name
    script = """
        import os, sys
        from pathlib import Path
        from flowlang.runtime.journal import JournalUnavailable
        from flowlang.store.sqlite import Store
        if os.geteuid() == 0:
            os.setuid(65534)  # to the superuser nothing is read-only
        try:
            Store(Path(sys.argv[1]), busy_s=0.1)
        except JournalUnavailable as error:
            print(error)
    """
    with closing(sqlite3.connect(old)) as connection:  # its log stays, as that of a killed process does
        connection.execute("SELECT 1 FROM runs").fetchall()
        for file in old.parent.iterdir():
            file.chmod(0o666)
        old.parent.chmod(0o777)
        place.chmod(0o555 if place.is_dir() else 0o444)
        done = run_script(script, old)
        old.parent.chmod(0o777)
    assert done.stderr == ""
    assert done.stdout == f"{place} is read-only, so {old} cannot be upgraded from schema version 3\n"
    assert rows_of(old) == before
    old.chmod(0o666)
    assert seen(old) == whole


def test_a_full_disk_is_said_and_leaves_the_old_one(old: Path, whole: list[object]) -> None:
    before = rows_of(old)
    script = """
        import resource, signal, sys
        from pathlib import Path
        from flowlang.runtime.journal import JournalUnavailable
        from flowlang.store.sqlite import Store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        path = Path(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 8192, resource.RLIM_INFINITY))
        try:
            Store(path)
        except JournalUnavailable as error:
            print(error)
    """
    done = run_script(script, old)
    assert "disk is full" in done.stdout or "cannot be read or written" in done.stdout
    assert done.stderr == ""
    assert (version(old), rows_of(old)) == (3, before)
    assert seen(old) == whole


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE entries SET data = '{\"n\":9}' WHERE run = 1 AND key = 'a[3]'", r"run released .* step 'a\[3\]'"),
        ("UPDATE entries SET crc = crc + 1 WHERE run = 1 AND key = 'a[7]'", r"run released .* step 'a\[7\]'"),
        ("UPDATE entries SET run = 7 WHERE run = 1 AND key = 'a[7]'", "run released .* holds 19 of the 20 entries"),
        ("DELETE FROM entries WHERE run = 1 AND key = 'a[19]'", "run released .* holds 19 of the 20 entries"),
        ("DELETE FROM entries WHERE run = 1 AND key = 'a[5]'", "run released .* holds 19 of the 20 entries"),
        ("UPDATE claims SET entries = 19 WHERE run = 1", "run released .* claim"),
        ("UPDATE claims SET epoch = 7 WHERE run = 1", "run released .* claim"),
        ("UPDATE claims SET crc = crc + 1 WHERE run = 1", "run released .* claim"),
        ("UPDATE claims SET crc = 'x' WHERE run = 1", "run released .* claim"),
        ("UPDATE claims SET id = CAST(x'ff' AS TEXT) WHERE run = 1", "run released .* claim"),
        ("DELETE FROM claims WHERE run = 1", "run released .* claim"),
    ],
)
def test_what_was_corrupt_stays_so(old: Path, statement: str, named: str) -> None:
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()
    with Store(old) as store:
        with pytest.raises(JournalUnavailable, match=named):
            go(store.take("released"))
        assert len(store.history(store.get("over"))) == 20


@pytest.mark.parametrize("table", ["entries", "claims"])
def test_where_a_page_is_corrupt_the_old_one_stays(old: Path, table: str) -> None:
    """The flowlang before reads what does not stand on it."""
    with closing(sqlite3.connect(old)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    content = bytearray(old.read_bytes())
    content[(page - 1) * 4096] = 0
    old.write_bytes(content)
    with pytest.raises(JournalUnavailable, match="is corrupt, so it cannot be upgraded from schema version 3: put"):
        Store(old)
    assert version(old) == 3


@pytest.mark.parametrize("entries", [0, 1, 19, 21])
def test_a_claim_that_was_an_older_one_is_named(old: Path, entries: int) -> None:
    """Else what was done since then would be done again."""
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("UPDATE claims SET entries = ? WHERE run = 1", (entries,))
        columns = connection.execute(f"SELECT {CLAIM} FROM claims WHERE run = 1").fetchone()
        connection.execute("UPDATE claims SET crc = ? WHERE run = 1", (checksum(columns),))
        connection.commit()
    with Store(old) as store:
        with pytest.raises(JournalUnavailable, match=f"run released .* holds 20 of the {entries} entries"):
            go(store.take("released"))
        assert len(store.history(store.get("over"))) == 20


def test_bit_flips_are_not_served_after_it(old: Path, whole: list[object]) -> None:
    content, dice, noticed = old.read_bytes(), random.Random(1), 0
    with closing(sqlite3.connect(old)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'claims'").fetchone()
    start = (page - 1) * 4096
    claims = range(start + int.from_bytes(content[start + 5 : start + 7], "big"), start + 4096)
    for n in range(200):
        broken = bytearray(content)
        broken[dice.choice(claims) if n % 2 else dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        old.write_bytes(broken)
        try:
            assert seen(old) == whole
        except JournalUnavailable:
            noticed += 1
        for rest in old.parent.glob("runs.db-*"):
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    assert noticed > 20

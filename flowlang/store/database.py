"""Opening the database: its schema, its version, and what is wrong with a file that is not ours.

Every failure of SQLite leaves this floor as a `JournalUnavailable` whose sentence names the file and the cause. A
file that belongs to another program or another flowlang, that was cut short, or that lacks commits which its witness
vouches for, is refused and left as it is.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Literal

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.length import is_cut_short
from flowlang.store.schema import FAR, SCHEMA, statements
from flowlang.store.upgrade import UPGRADED, commits_before, upgrade, version_of
from flowlang.store.witness import Witness, commits_of

Durability = Literal["power", "process"]

APPLICATION_ID = 0x666C6F77  # 'flow'
SCHEMA_VERSION = 4
BUSY_S = 5.0
LOG_PAGES = 4000
"""How long the write-ahead log grows before its pages are moved into the database (16 MB): groups of many runs write
the same pages of indexes again and again, and each is moved once.
"""


def prepare(path: Path, busy_s: float = BUSY_S) -> None:
    """Make sure that a database of our schema lies at `path`, with its folder; raises `JournalUnavailable` if it
    cannot.
    """
    _make_folder(path)
    if path.is_dir():
        raise JournalUnavailable(f"{path} is a folder, not a database")
    witness = Witness(path)
    made = witness.read()  # before anything of the database: a commit comes before its note
    if made and not path.exists():
        raise JournalUnavailable(
            f"{path} is gone, and {witness.path} vouches for {made} commits in it: "
            f"put it back, or delete {witness.path} to begin anew"
        )
    has_log = _has_log(path)
    _require_length(path, has_log)
    until = time.monotonic() + busy_s
    try:
        while not _is_prepared(path, busy_s, made, has_log, until):
            time.sleep(random.uniform(0.002, 0.01))
    except sqlite3.Error as error:
        raise unavailable(path, error) from error


def _is_prepared(path: Path, busy_s: float, made: int, has_log: bool, until: float) -> bool:
    """Make it ours, of our version; not yet where another process does so too: SQLite does not wait where two change
    the journal mode at once, and says at once that it is busy.
    """
    with closing(connect(path, "power", busy_s)) as connection:
        try:
            if made:
                _require_commits(connection, path, made, has_log)
            elif not _is_ours_now(connection, path):
                _create(connection, path)
            if version_of(connection) == UPGRADED and not upgrade(connection, path, until):
                return False
            _set_wal(connection, path)
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'far'").fetchone():
                connection.execute(FAR)  # the first databases of this version had none
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            return False
    return True


def log_of(path: Path) -> Path:
    """Where SQLite keeps the write-ahead log of a database."""
    return path.with_name(path.name + "-wal")


def _has_log(path: Path) -> bool:
    """Whether there is a write-ahead log with something in it; opening a database makes an empty one."""
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False  # or nobody may look: then SQLite says so


def _require_length(path: Path, has_log: bool) -> None:
    """Refuse a file that was cut short before SQLite can move the log into what is left of it."""
    try:
        is_cut = path.is_file() and is_cut_short(path, log_of(path), must_hold=has_log)
    except OSError as error:
        raise JournalUnavailable(f"{path} cannot be opened: {error.strerror}") from error
    if is_cut:
        keep = f", and keep {log_of(path)}: it holds the newest commits" if has_log else ""
        raise JournalUnavailable(f"{path} was cut short: pages are missing at its end; put back what was there{keep}")


def connect(path: Path, durability: Durability, busy_s: float = BUSY_S) -> sqlite3.Connection:
    """Open a prepared database; transactions are ours to begin."""
    try:
        return _open(path, durability, busy_s)
    except sqlite3.Error as error:
        raise unavailable(path, error) from error
    except UnicodeDecodeError as error:  # SQLite quotes a schema that is no text
        raise JournalUnavailable(f"{path} is corrupt") from error


def _open(path: Path, durability: Durability, busy_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA synchronous={'FULL' if durability == 'power' else 'NORMAL'}")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_folder(path: Path) -> None:
    folder = path.parent
    try:
        if folder.name == ".flowlang" and not folder.exists():
            folder.mkdir(parents=True)
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except FileExistsError:
        pass  # another process made it just now
    except OSError as error:
        raise JournalUnavailable(f"the folder {folder} cannot be created: {error.strerror}") from error
    if not folder.is_dir():
        if folder.exists():
            raise JournalUnavailable(f"{folder} is a file, not a folder: the database is to stand in it")
        raise JournalUnavailable(f"the folder {folder} does not exist")


def _is_ours_now(connection: sqlite3.Connection, path: Path) -> bool:
    """`_is_ours`, of one moment: another process may be making it."""
    connection.execute("BEGIN")
    found = _is_ours(connection, path)
    connection.execute("COMMIT")
    return found


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the schema is there already; false for an empty file."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = version_of(connection)
    if application == APPLICATION_ID:
        if version not in (UPGRADED, SCHEMA_VERSION):
            raise JournalUnavailable(
                f"{path} has schema version {version}, this flowlang reads version {SCHEMA_VERSION}: "
                "use the flowlang that made it, or another database (--db)"
            )
        return True
    if application or version or connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        raise JournalUnavailable(f"{path} is a database of another program; it is left as it is")
    return False


def _require_commits(connection: sqlite3.Connection, path: Path, made: int, has_log: bool) -> None:
    """Refuse a database that lacks commits, and leave its files as they are: what is in them may be all there is."""
    number = _commits_now(connection, path)
    if number >= made:
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("SELECT 1 FROM sqlite_master").fetchone()
        connection.close()  # the last one that can write would move the log into the database and delete it
    witness = Witness(path).path
    raise JournalUnavailable(
        f"{path} lacks the last {made - number} of the {made} commits that {witness} vouches for: "
        f"its write-ahead log {log_of(path)} is {'damaged' if has_log else 'missing'}, or it is an older copy; "
        f"put back what was there, or delete {witness} to go on without them"
    )


def _commits_now(connection: sqlite3.Connection, path: Path) -> int:
    """How many commits the database holds, of one moment: another process may be upgrading it."""
    connection.execute("BEGIN")
    count = commits_before if version_of(connection) == UPGRADED else commits_of
    number = count(connection) if _is_ours(connection, path) else 0
    connection.execute("COMMIT")
    return number


def _create(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if not _is_ours(connection, path):  # asked again under the lock: another process may have been first
            for statement in statements(SCHEMA):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _set_wal(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        raise JournalUnavailable(f"{path} cannot be used in write-ahead mode here (its file system may be remote)")
    if not os.access(path, os.W_OK):
        raise JournalUnavailable(f"{path} is read-only")


def unavailable(path: Path, error: sqlite3.Error) -> JournalUnavailable:
    """Say in one sentence what keeps the database from being used."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        cause = "is locked by another process"
    elif name == "SQLITE_FULL":
        cause = "cannot grow: the disk is full"
    elif name.startswith("SQLITE_READONLY"):
        cause = "is read-only"
    elif name == "SQLITE_NOTADB":
        cause = "is not a database"
    elif name.startswith("SQLITE_CORRUPT") or str(error).startswith("Could not decode"):
        cause = "is corrupt"
    elif name.startswith(("SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        cause = "cannot be opened" if path.exists() else "cannot be created"
    elif name.startswith("SQLITE_IOERR"):
        cause = f"cannot be read or written ({name.removeprefix('SQLITE_').lower()})"
    elif str(error).startswith("no such table"):
        cause = f"is damaged: there is {error}; put back what was there"
    else:
        cause = f"cannot be used: {error}"
    return JournalUnavailable(f"{path} {cause}")

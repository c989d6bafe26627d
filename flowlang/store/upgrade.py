"""Upgrading a database of schema version 3, in one transaction that nobody else sees a part of.

Version 3 kept a wide index of entries in place of links between them, and counted commits in a table of their own. Rows
and their checksums stay as they are; the checksum of a claim, which has a column more now, is off afterwards by as much
as it was before, so that nothing that was corrupt becomes sound. A process of an earlier flowlang that has the database
open would write what this one cannot read, so SQLite has to say that nobody has: only who is alone may leave the
write-ahead mode.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.entries import last_entry
from flowlang.store.ownership import living
from flowlang.store.rows import checksum, claim_checksum
from flowlang.store.schema import CLAIMS, COUNTER, ENTRIES, FAR, statements

UPGRADED = 3
"""The version that is upgraded."""
CLAIM = "run, id, epoch, owner, cancel, entries"
ENTRY = "seq, run, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc"


def upgrade(connection: sqlite3.Connection, path: Path, until: float) -> bool:
    """Make a database of version 3 one of version 4; false if it is to be tried again, by a connection of its own: two
    that wait for each other would wait for ever. Raises `JournalUnavailable` where it is read-only, or a process is at
    its runs, or still has it open at an instant of the monotonic clock.
    """
    is_in_use = bool(living(path))
    if version_of(connection) != UPGRADED:
        return False  # whoever is at its runs may have upgraded it just now
    _require_writable(path)
    if not is_in_use and not _is_alone(connection):
        if time.monotonic() < until:
            return False
        is_in_use = True
    if is_in_use:
        raise JournalUnavailable(
            f"{path} has schema version {UPGRADED}, and another process has it open, so it cannot be upgraded: "
            "let that process end first"
        )
    connection.execute("PRAGMA synchronous=EXTRA")  # a journal that comes back would undo what is written since
    connection.execute("BEGIN EXCLUSIVE")
    try:
        is_still = _mode(connection) == "delete" and version_of(connection) == UPGRADED
        if is_still:
            _rewrite(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            raise JournalUnavailable(
                f"{path} is corrupt, so it cannot be upgraded from schema version {UPGRADED}: "
                "put back a copy from before, or use the flowlang that made it for what is whole"
            ) from error
        raise
    return is_still


def version_of(connection: sqlite3.Connection) -> int:
    """The version of a database's schema."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def commits_before(connection: sqlite3.Connection) -> int:
    """How many commits a database of version 3 holds."""
    return sum(number for (number,) in connection.execute("SELECT number FROM commits") if isinstance(number, int))


def _require_writable(path: Path) -> None:
    """Refuse what cannot be changed, which SQLite would call busy: leaving the write-ahead mode deletes its log."""
    for place in (path, path.resolve().parent):
        if not os.access(place, os.W_OK):
            raise JournalUnavailable(
                f"{place} is read-only, so {path} cannot be upgraded from schema version {UPGRADED}"
            )


def _is_alone(connection: sqlite3.Connection) -> bool:
    """Leave the write-ahead mode, which nobody can whose connection is not the only one."""
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
    return _mode(connection) == "delete"


def _mode(connection: sqlite3.Connection) -> str:
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return str(mode)


def _rewrite(connection: sqlite3.Connection) -> None:
    """Link the entries, and have each claim know the last; a row that lacks what a row must have is left out, and will
    be missed.
    """
    ends: dict[int, tuple[int, int]] = {}  # of each run: its last entry, and how many there are

    def link(run: int, seq: int) -> int:
        before, count = ends.get(run, (0, 0))
        ends[run] = seq, count + 1
        return before

    for table in ("claims", "entries"):
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_{UPGRADED}")
    for statement in statements(CLAIMS + ENTRIES + FAR):
        connection.execute(statement)
    connection.create_function("link", 2, link)
    connection.execute(
        f"INSERT OR IGNORE INTO entries (before, {ENTRY}) SELECT link(CAST(run AS INTEGER), seq), {ENTRY} "
        f"FROM entries_{UPGRADED} ORDER BY seq"
    )
    connection.executemany(
        f"INSERT OR IGNORE INTO claims ({CLAIM}, last, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _claims(connection, ends)
    )
    connection.execute(f"UPDATE claims SET entries = ? WHERE run = {COUNTER}", (commits_before(connection) + 1,))
    for table in ("commits", f"claims_{UPGRADED}", f"entries_{UPGRADED}"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute(f"PRAGMA user_version={UPGRADED + 1}")


def _claims(connection: sqlite3.Connection, ends: Mapping[int, tuple[int, int]]) -> Iterator[tuple[object, ...]]:
    """The claims of today; one that knows of more entries or of fewer than there are stops short, so that it is noticed
    that the run goes on.
    """
    newest = last_entry(connection)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")  # one that is corrupt may be anything
    for *columns, crc in connection.execute(f"SELECT {CLAIM}, crc FROM claims_{UPGRADED}"):
        last, count = ends.get(columns[0], (newest, 0))
        after = (*columns, last if count == columns[5] else last - 1)
        off = checksum(columns) ^ crc if isinstance(crc, int) else 1
        yield (*after, claim_checksum(after) ^ off)

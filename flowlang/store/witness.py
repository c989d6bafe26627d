"""The witness: a small file beside the database that says how many commits were made, so that lost ones are noticed.

SQLite takes a write-ahead log that was deleted, cut short or changed for one that ends there: what had been committed
is gone, and with it every count inside the database. So each commit carries its number in the database, and the
witness, outside of database and log, holds the highest that was durable. A database that has fewer is not served.

The witness is never ahead of what is durable, so it raises no false alarm; it may be behind: after a loss of power by
what the system had not written back (it is synced once a process, not for each commit), and by one where two
processes note at the same moment. A database without a witness, such as a copy, is taken as it is.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.rows import checksum
from flowlang.store.schema import COUNTER

COMMITS = f"SELECT entries FROM claims WHERE run = {COUNTER}"
COUNT = f"UPDATE claims SET entries = entries + 1 WHERE run = {COUNTER}"
LOOKS = 3
"""How often a witness that makes no sense is read: another process may be writing it."""


def commits_of(connection: sqlite3.Connection) -> int:
    """How many commits the database holds. A changed bit here needs no checksum: less is noticed, more does no harm."""
    return sum(number for (number,) in connection.execute(COMMITS) if isinstance(number, int))


def count_commit(connection: sqlite3.Connection) -> int:
    """Number the commit that is about to be made."""
    connection.execute(COUNT)  # RETURNING would take as long as both
    return commits_of(connection)


class Witness:
    """The witness of a database, as one process reads and writes it."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".commits")
        self._database = database
        self._file: int | None = None
        self._noted, self._number = b"", 0

    def read(self) -> int:
        """How many commits were made, 0 without a witness; raises `JournalUnavailable` if it cannot be read."""
        try:
            for _ in range(LOOKS):
                number = _parse(self.path.read_bytes())
                if number is not None:
                    return number
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise JournalUnavailable(f"{self.path} cannot be read: {error.strerror}") from error
        raise JournalUnavailable(
            f"{self.path} is damaged, so nobody can tell whether {self._database.name} is whole: "
            f"delete {self.path} to trust {self._database.name}"
        )

    def note(self, number: int) -> None:
        """Keep the number of a commit that is durable, unless a higher one is there."""
        try:
            if self._file is None:
                self._file = self._open()
                self._write(self._file, number)
                os.fsync(self._file)
            else:
                self._write(self._file, number)
        except OSError as error:
            raise JournalUnavailable(f"{self.path} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, file: int, number: int) -> None:
        """Write a number unless a higher one is there; what stands there is mostly what this process wrote last."""
        there = os.pread(file, 64, 0)
        if (self._number if there == self._noted else _parse(there) or 0) < number:
            self._noted, self._number = b"%020d %08x\n" % (number, checksum((number,))), number
            os.pwrite(file, self._noted, 0)

    def _open(self) -> int:
        is_new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if is_new:
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
            os.fsync(folder)
            os.close(folder)
        return file


def _parse(content: bytes) -> int | None:
    """The number in a witness; null if the content is not one. An empty one was just made."""
    if not content:
        return 0
    digits, _, crc = content.rstrip(b"\n").partition(b" ")
    if not digits.isdigit() or crc != b"%08x" % checksum((int(digits),)):
        return None
    return int(digits)

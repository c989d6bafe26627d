"""What runs share on a database: `runtime.journal.SharedState`, one for all runs and processes. States are on SQLite,
places beside it (`store.slots`).

A change is applied inside the writer's `BEGIN IMMEDIATE` transaction, so between reading a state and storing the
next nobody else can write. State that cannot be read (a changed bit) starts afresh with the next call: it is a memory
of failures, not a record. Who asks how it stands is told.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from flowlang.runtime.journal import Change, JournalUnavailable
from flowlang.store.ownership import Owner, is_alive
from flowlang.store.rows import JournalCorrupt, checksum, from_json, to_json
from flowlang.store.slots import SlotFile
from flowlang.store.writer import GroupWriter


class SqliteSharedState:
    """States by key, places by name."""

    def __init__(self, writer: Callable[[], GroupWriter], owner: Callable[[], Owner], path: Path) -> None:
        self._writer = writer
        self._owner = owner
        self._path = path
        self._slots: SlotFile | None = None

    @property
    def holder(self) -> str:
        """This process as an owner of runs."""
        return self._owner().token

    def is_gone(self, holder: str) -> bool:
        """Whether the process of an owner has ended."""
        return not is_alive(self._path, holder)

    async def update(self, key: str, change: Change) -> object:
        """Apply a pure change to the state under a key; returns the change's answer."""
        return await self._writer().run(lambda connection: _apply(connection, key, change))

    async def slot(self, name: str, width: int) -> Callable[[], None]:
        """Wait for a place that no process holds; gives what frees it."""
        if self._slots is None:
            try:
                self._slots = SlotFile.of(self._path)
            except OSError as error:
                raise JournalUnavailable(f"no lock can be taken beside {self._path}: {error.strerror}") from error
        return await self._slots.lane(name).acquire(width)

    def close(self) -> None:
        """Let go of the places."""
        if self._slots is not None:
            self._slots.close()
            self._slots = None


def _apply(connection: sqlite3.Connection, key: str, change: Change) -> object:
    stored = _read(connection, key)
    after, answer = change(None if stored is None else from_json(stored))
    if after is None:
        if stored is not None:
            connection.execute("DELETE FROM shared WHERE key = ?", (key,))
        return answer
    text = to_json(after)
    if text != stored:
        connection.execute(
            "INSERT INTO shared (key, state, crc) VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET state = excluded.state, crc = excluded.crc",
            (key, text, checksum((key, text))),
        )
    return answer


def _read(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT state, crc FROM shared WHERE key = ?", (key,)).fetchone()
    if row is None or checksum((key, row[0])) != row[1]:
        return None
    return str(row[0])


def read_states(connection: sqlite3.Connection) -> dict[str, object | JournalCorrupt]:
    """Every state by key; in place of a corrupt one what is wrong."""
    rows = connection.execute("SELECT key, state, crc FROM shared ORDER BY key").fetchall()
    return {key: from_json(text) if checksum((key, text)) == crc else _corrupt(key) for key, text, crc in rows}


def _corrupt(key: str) -> JournalCorrupt:
    return JournalCorrupt(f"the state of {key} is corrupt: it does not match its checksum")

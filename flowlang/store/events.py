"""Events as they are stored: what came, when, and which runs there were then.

An event counts for the runs that began before it: `runs` is the number of the newest when it came, so no clock decides
it. The same id twice is one event.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Container, Iterator

from flowlang.runtime.events import Event, Wanted
from flowlang.store import parking
from flowlang.store.rows import JournalCorrupt, checksum, from_json, readable, to_json

Emit = Callable[[str, str, str | None, object, int], Awaitable[Event]]

MOST_REST_S = 30.0
"""After how long a run that is in memory looks for events again though nobody wrote to the database."""

COLUMNS = "n, id, type, key, data, at, runs"


def emit(connection: sqlite3.Connection, id: str, type: str, key: str | None, data: object, at: int) -> Event:
    """Add an event and wake the runs that are parked for it; one of the same id stays as it is. Raises `OtherEvent`."""
    row = connection.execute(f"SELECT {COLUMNS}, crc FROM events WHERE id = ?", (id,)).fetchone()
    if row is not None:
        known = _read(row)
        known.require(type, key, data)
        return known
    (n, runs) = connection.execute(
        "SELECT (SELECT coalesce(max(n), 0) + 1 FROM events), (SELECT coalesce(max(n), 0) FROM runs)"
    ).fetchone()
    columns = (n, id, type, key, to_json(data), at, runs)
    connection.execute(
        f"INSERT INTO events ({COLUMNS}, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*columns, checksum(columns))
    )
    parking.wake_for(connection, type, key)
    return Event(n, id, type, key, data, at)


def find(
    connection: sqlite3.Connection, run: int, wanted: Wanted, received: Container[int], until: int | None
) -> Event | None:
    """The oldest event since a run began that is wanted, was not received and came by an instant."""
    since = connection.execute("SELECT n FROM events WHERE runs >= ? ORDER BY runs, n LIMIT 1", (run,)).fetchone()
    if since is None:
        return None
    by_key = "" if wanted.key is None else "key = ? AND "
    given = (wanted.type,) if wanted.key is None else (wanted.type, wanted.key)
    rows = connection.execute(
        f"SELECT {COLUMNS}, crc FROM events WHERE type = ? AND {by_key}n >= ? ORDER BY n", (*given, since[0])
    )
    for row in rows:
        if row[0] not in received and (until is None or row[5] <= until):
            return _read(row)
    return None


def newest(
    connection: sqlite3.Connection, type: str | None, key: str | None, limit: int
) -> Iterator[Event | JournalCorrupt]:
    """Events from the newest back; in place of a corrupt one what is wrong."""
    wanted = [(test, value) for test, value in (("type = ?", type), ("key = ?", key)) if value is not None]
    where = " AND ".join(test for test, _ in wanted) or "1"
    rows = connection.execute(
        f"SELECT {COLUMNS}, crc FROM events WHERE {where} ORDER BY n DESC LIMIT ?",
        (*(value for _, value in wanted), limit),
    )
    return (readable(_read, row) for row in rows)


def _read(row: tuple[int, str, str, str | None, str, int, int, int]) -> Event:
    n, id, type, key, data, at, _, crc = row
    if checksum(row[:7]) != crc:
        raise JournalCorrupt(f"event {id} is corrupt: it does not match its checksum")
    return Event(n, id, type, key, from_json(data), at)


class SqliteEvents:
    """The events that count for one run: `runtime.events.Events`. `version` and `change` are the store's: nothing has
    come while the database is of the version that was last looked at.
    """

    def __init__(
        self,
        read: Callable[[Callable[[sqlite3.Connection], Event | None]], Event | None],
        emit: Emit,
        run: int,
        version: Callable[[], int],
        change: Callable[[int, float], Awaitable[None]],
    ) -> None:
        self._read = read
        self._emit = emit
        self._run = run
        self._version = version
        self._change = change
        self._seen = 0

    async def emit(self, id: str, type: str, key: str | None, data: object, at: int) -> Event:
        return await self._emit(id, type, key, data, at)

    def find(self, wanted: Wanted, received: Container[int], until: int | None) -> Event | None:
        self._seen = self._version()
        return self._read(lambda connection: find(connection, self._run, wanted, received, until))

    async def arrival(self, seconds: float | None) -> None:
        await self._change(self._seen, MOST_REST_S if seconds is None else min(MOST_REST_S, seconds))

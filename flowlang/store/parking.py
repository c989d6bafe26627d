"""Parked runs: runs that only wait, which no process is at. One is a row: when it is to be taken up again.

`parked` says when, `expected` which events are to hasten it. Both are hints, the journal says what a run really waits
for: taken up too early, a run is parked again, and an event that woke nobody is found when its wait is over. A row
stays until its run is over, so that a run whose process dies is due again at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Set
from dataclasses import replace

from flowlang.runtime.events import Wanted
from flowlang.store.entries import read_claim
from flowlang.store.rows import checksum
from flowlang.store.runs import get

NOW = 0
"""The instant of a run that is to be taken up as soon as somebody can."""


def park(
    connection: sqlite3.Connection, run_id: str, epoch: int, wake: int, expected: Iterable[Wanted], *, at_once: bool
) -> bool:
    """Let a run go until an instant (µs) or one of the events; false if another process owns it now. `at_once`: there
    is something to do already.
    """
    record = get(connection, run_id)
    claim = read_claim(connection, record.n, run_id)
    if claim.epoch != epoch:
        return False
    replace(record, status="waiting").store(connection)
    replace(claim, owner=None).store(connection)
    forget(connection, record.n)
    _set_wake(connection, record.n, NOW if at_once or claim.cancel else wake)
    connection.executemany(
        "INSERT INTO expected (run, type, key) VALUES (?, ?, ?)", {(record.n, each.type, each.key) for each in expected}
    )
    return True


def _set_wake(connection: sqlite3.Connection, run: int, wake: int) -> None:
    columns = (run, wake)
    connection.execute("INSERT OR REPLACE INTO parked (run, wake, crc) VALUES (?, ?, ?)", (*columns, checksum(columns)))


def wake_for(connection: sqlite3.Connection, type: str, key: str | None) -> None:
    """Let the runs that expect an event be taken up."""
    rows = connection.execute(
        "SELECT DISTINCT run FROM expected WHERE type = ? AND (key IS NULL OR key IS ?)", (type, key)
    ).fetchall()
    for (run,) in rows:
        _set_wake(connection, run, NOW)


def hasten(connection: sqlite3.Connection, run: int) -> None:
    """Let a run be taken up, if it is parked."""
    if wake_of(connection, run) is not None:
        _set_wake(connection, run, NOW)


def wake_of(connection: sqlite3.Connection, run: int) -> int | None:
    """When a run is to be taken up; null if it was never parked."""
    row = connection.execute("SELECT wake FROM parked WHERE run = ?", (run,)).fetchone()
    return None if row is None else int(row[0])


def expected_of(connection: sqlite3.Connection, run: int) -> list[Wanted]:
    """The events that a parked run waits for."""
    rows = connection.execute("SELECT DISTINCT type, key FROM expected WHERE run = ? ORDER BY type, key", (run,))
    return [Wanted(type, key) for type, key in rows]


def forget(connection: sqlite3.Connection, run: int) -> None:
    """A run is over, or goes another way."""
    connection.execute("DELETE FROM parked WHERE run = ?", (run,))
    connection.execute("DELETE FROM expected WHERE run = ?", (run,))


def due(connection: sqlite3.Connection, now: int, alive: Set[str], limit: int) -> list[str]:
    """The ids of parked runs whose time has come and that none of the owners alive is at, the longest due first."""
    marks = ", ".join("?" * len(alive))
    rows = connection.execute(
        "SELECT runs.id FROM parked JOIN runs ON runs.n = parked.run JOIN claims ON claims.run = parked.run "
        f"WHERE parked.wake <= ? AND (claims.owner IS NULL OR claims.owner NOT IN ({marks})) "
        "ORDER BY parked.wake, parked.run LIMIT ?",
        (now, *alive, limit),
    )
    return [str(run_id) for (run_id,) in rows]


def next_due(connection: sqlite3.Connection, now: int) -> int | None:
    """The next instant at which a run is due that is not yet; now itself if somebody is at one that is, and may die."""
    (is_claimed,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM parked JOIN claims ON claims.run = parked.run "
        "WHERE parked.wake <= ? AND claims.owner IS NOT NULL)",
        (now,),
    ).fetchone()
    if is_claimed:
        return now
    (wake,) = connection.execute("SELECT min(wake) FROM parked WHERE wake > ?", (now,)).fetchone()
    return None if wake is None else int(wake)


def mend(connection: sqlite3.Connection) -> None:
    """Make runs due whose row cannot be trusted or is missing."""
    for run, wake, crc in connection.execute("SELECT run, wake, crc FROM parked").fetchall():
        if checksum((run, wake)) != crc:
            _set_wake(connection, run, NOW)
    lost = connection.execute("SELECT n FROM runs WHERE status = 'waiting' AND n NOT IN (SELECT run FROM parked)")
    for (run,) in lost.fetchall():
        _set_wake(connection, run, NOW)

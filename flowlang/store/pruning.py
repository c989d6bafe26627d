"""Removing what is over: runs that ended long ago, and events that no run can receive any more.

A run that is not over is never removed, nor an event that came since one began that has not succeeded: that one may
wait for it, now or when it is retried. The newest run and the newest event stay, so that no number is given twice:
numbers say which events count for which runs, and which of them a run has received.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from flowlang.store.entries import remove
from flowlang.store.parking import forget
from flowlang.store.rows import JournalCorrupt
from flowlang.store.runs import get

BATCH = 100
"""Runs or events that one transaction removes: others want to write too."""


def prune_runs(
    connection: sqlite3.Connection, before: int, statuses: Collection[str], kept: dict[int, str], limit: int = BATCH
) -> int:
    """Remove runs that ended before an instant (µs) with one of the statuses, the oldest first; gives how many it went
    through. Corrupt ones stay: `kept` says what is wrong with them, by their numbers, and they are passed over.
    """
    marks = ", ".join("?" * len(statuses))
    rows = connection.execute(
        f"SELECT n, id FROM runs WHERE status IN ({marks}) AND ended < ? AND n < (SELECT max(n) FROM runs) "
        f"AND n NOT IN ({', '.join(map(str, kept))}) ORDER BY n LIMIT ?",
        (*statuses, before, limit),
    ).fetchall()
    for n, run_id in rows:
        try:
            record = get(connection, run_id)
        except JournalCorrupt as error:
            kept[n] = str(error)
            continue
        if not record.is_over:
            raise AssertionError(f"run {run_id} is {record.status}")
        remove(connection, record.n)
        connection.execute("DELETE FROM resets WHERE run = ?", (record.n,))
        forget(connection, record.n)
        connection.execute("DELETE FROM runs WHERE n = ?", (record.n,))
        connection.execute(
            "DELETE FROM plans WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE body = ?)",
            (record.body, record.body),
        )
    return len(rows)


def prune_events(connection: sqlite3.Connection, before: int, limit: int = BATCH) -> int:
    """Remove events that came before an instant (µs) and that no run can receive any more; gives how many."""
    (first,) = connection.execute("SELECT min(n) FROM runs WHERE status <> 'succeeded'").fetchone()
    removed = connection.execute(
        "DELETE FROM events WHERE n IN (SELECT n FROM events WHERE at < ? AND (? IS NULL OR runs < ?) "
        "AND n < (SELECT max(n) FROM events) ORDER BY n LIMIT ?)",
        (before, first, first, limit),
    )
    return removed.rowcount

"""The journal of one run on SQLite: `runtime.journal.Journal`, committed in groups, fenced by the run's epoch.

Whatever is queued in one turn of the event loop, or while a commit is under way, is one group. A failed group fails
the journal for good: nothing queued later is written, so what is stored is always a prefix of what the run did.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from flowlang.runtime.journal import NUMBERED, Entry, EntryKind, JournalConflict
from flowlang.store.history import Generations, Row, entries_of
from flowlang.store.rows import JournalCorrupt, checksum, from_json, row_checksum, to_json
from flowlang.store.writer import GroupWriter

COLUMNS = "seq, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc"
INSERT = (
    "INSERT INTO entries (run, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
StoredEntry = tuple[int, str, str, int, int, int, int, str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write a run: who holds it, under which epoch, how many entries there are, whether its end is
    asked for. The run's id stands here a second time, so that an index that has lost it cannot hide the run.
    """

    run: int
    id: str
    epoch: int
    owner: str | None
    cancel: bool
    entries: int

    def _columns(self) -> tuple[object, ...]:
        return (self.run, self.id, self.epoch, self.owner, int(self.cancel), self.entries)

    def add(self, connection: sqlite3.Connection) -> None:
        columns = self._columns()
        connection.execute(
            "INSERT INTO claims (run, id, epoch, owner, cancel, entries, crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*columns, checksum(columns)),
        )

    def store(self, connection: sqlite3.Connection) -> None:
        columns = self._columns()
        connection.execute(
            "UPDATE claims SET epoch = ?, owner = ?, cancel = ?, entries = ?, crc = ? WHERE run = ?",
            (*columns[2:], checksum(columns), self.run),
        )


def read_claim(connection: sqlite3.Connection, run: int, run_id: str) -> Claim:
    """The claim on a run; raises `JournalCorrupt`."""
    row = connection.execute(
        "SELECT run, id, epoch, owner, cancel, entries, crc FROM claims WHERE run = ?", (run,)
    ).fetchone()
    if row is None or row[1] != run_id or checksum(row[:6]) != row[6]:
        raise JournalCorrupt(f"the journal of run {run_id} is corrupt: its claim does not match its checksum")
    return Claim(row[0], row[1], row[2], row[3], bool(row[4]), row[5])


def is_claimed(connection: sqlite3.Connection, run_id: str) -> bool:
    """Whether a claim says that there is a run of an id."""
    return connection.execute("SELECT 1 FROM claims WHERE id = ?", (run_id,)).fetchone() is not None


def read_rows(connection: sqlite3.Connection, run: int, run_id: str, count: int) -> list[Row]:
    """Every entry of a run in the order written, each held to its checksum and all of them to their number."""
    stored: list[StoredEntry] = connection.execute(
        f"SELECT {COLUMNS} FROM entries WHERE run = ? ORDER BY seq", (run,)
    ).fetchall()
    rows = [_read(run, run_id, columns) for columns in stored]
    if len(rows) != count:
        raise JournalCorrupt(
            f"the journal of run {run_id} is corrupt: it holds {len(rows)} of the {count} entries that were written"
        )
    if len({columns[1:6] for columns in stored}) != count:
        raise JournalCorrupt(f"the journal of run {run_id} is corrupt: it holds an entry twice")
    return rows


def _read(run: int, run_id: str, columns: StoredEntry) -> Row:
    seq, key, kind, generation, retry, _, attempt, data, started, ended, _, crc = columns
    if row_checksum((run, *columns[1:11])) != crc:
        raise JournalCorrupt(
            f"the journal of run {run_id} is corrupt at step {key!r} ({kind}): the entry does not match its checksum"
        )
    entry = Entry(key, kind, from_json(data), attempt, started, ended)  # type: ignore[arg-type]  # the checksum vouches
    return Row(entry, seq, generation, retry)


class SqliteJournal:
    """The entries of one run, owned under one epoch; used from one event loop."""

    def __init__(
        self,
        writer: GroupWriter,
        run_id: str,
        claim: Claim,
        retry: int,
        generation: Generations,
        rows: Iterable[Row],
    ) -> None:
        self._writer = writer
        self._run_id = run_id
        self._claim = claim
        self._retry = retry
        self._entries = entries_of(rows)
        self._rows: list[tuple[object, ...]] = []
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._queued = 0
        self.durable = 0
        self._scheduled = self._in_flight = False
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.generation = generation
        self.on_cancel: Callable[[], object] | None = None
        """Called once, in the loop, when a commit finds that the run's end is asked for."""

    @property
    def run_id(self) -> str:
        return self._run_id

    @property
    def epoch(self) -> int:
        return self._claim.epoch

    @property
    def is_cancel_asked(self) -> bool:
        """Whether the run's end was asked for when it was claimed."""
        return self._claim.cancel

    def entries(self) -> Mapping[tuple[str, EntryKind], Entry]:
        """What counted when this process took the run over."""
        return self._entries

    def write(self, entry: Entry) -> None:
        """Queue an entry for the next group; raises `ValueError` if its data is not JSON, and what a group before it
        failed with: a run that nothing is remembered of must not go on.
        """
        if self._failure is not None:
            raise self._failure
        columns = (
            self._claim.run,
            entry.key,
            entry.kind,
            self.generation(entry.key),
            self._retry,
            entry.attempt if entry.kind in NUMBERED else 0,
            entry.attempt,
            to_json(entry.data),
            entry.started,
            entry.ended,
            self._claim.epoch,
        )
        self._rows.append((*columns, row_checksum(columns)))
        self._queued += 1
        if not self._scheduled and not self._in_flight:
            self._scheduled = True
            if self._loop is None:
                self._loop = asyncio.get_running_loop()
            self._loop.call_soon(self._flush)

    async def committed(self) -> None:
        """Wait until all that was queued is durable."""
        if self._failure is not None:
            raise self._failure
        if self.durable == self._queued:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append((self._queued, waiter))
        if not self._in_flight:
            self._flush()
        await waiter

    def _flush(self) -> None:
        self._scheduled = False
        if self._in_flight or not self._rows or self._failure is not None:
            return
        rows, self._rows, self._in_flight = self._rows, [], True
        loop = self._loop or asyncio.get_running_loop()
        self._writer.submit(
            lambda connection: write_group(connection, self._run_id, self._claim, rows),
            lambda cancel, error: self._flushed(len(rows), cancel, error),
            loop,
        )

    def _flushed(self, count: int, cancel: bool | None, error: BaseException | None) -> None:
        self._in_flight = False
        if error is not None:
            self._failure = error
            waiters, self._waiters = self._waiters, []
            for _, waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        self.durable += count
        while self._waiters and self._waiters[0][0] <= self.durable:
            waiter = self._waiters.pop(0)[1]
            if not waiter.done():
                waiter.set_result(None)
        if cancel and self.on_cancel is not None:
            callback, self.on_cancel = self.on_cancel, None
            callback()
        self._flush()


def write_group(connection: sqlite3.Connection, run_id: str, claim: Claim, rows: list[tuple[object, ...]]) -> bool:
    """Add a group of rows under the claim's epoch; says whether the run's end is asked for."""
    held = read_claim(connection, claim.run, run_id)
    if held.epoch != claim.epoch:
        raise JournalConflict(f"run {run_id} is owned by another process now")
    before = connection.total_changes
    connection.executemany(INSERT, rows)
    added = connection.total_changes - before
    if added != len(rows):
        for row in rows:
            _refuse_another_value(connection, run_id, row)
    if added:
        replace(held, entries=held.entries + added).store(connection)
    return held.cancel


def _refuse_another_value(connection: sqlite3.Connection, run_id: str, row: tuple[object, ...]) -> None:
    (stored,) = connection.execute(
        "SELECT data FROM entries "
        "WHERE run = ? AND key = ? AND kind = ? AND generation = ? AND retry = ? AND number = ?",
        row[:6],
    ).fetchone()
    if stored != row[7]:
        raise JournalConflict(f"run {run_id}: step {row[1]!r} has another {row[2]} in the journal")

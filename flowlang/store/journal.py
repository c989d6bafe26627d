"""The journal of one run on SQLite: `runtime.journal.Journal`, committed in groups, fenced by the run's epoch.

Whatever is queued in one turn of the event loop, or while a commit is under way, is one group, which the writer adds
together with those of other runs; of a lone run, what is queued until it waits. A failed group fails the journal for
good: nothing queued later is written, so what is stored is always a prefix of what the run did.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from flowlang.runtime.journal import NUMBERED, Entry, EntryKind, JournalConflict
from flowlang.store.history import Generations, Row, entries_of, first_instant
from flowlang.store.rows import JournalCorrupt, claim_checksum, from_json, row_checksum, to_json
from flowlang.store.writer import GroupWriter, Queued

COLUMNS = "seq, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc"
INSERT = (
    "INSERT INTO entries (run, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
GROW = "UPDATE claims SET entries = ?, crc = ? WHERE run = ? AND epoch = ? AND crc = ?"
"""Lengthens a claim that is as its owner knows it: the checksum tells the other columns."""
StoredClaim = tuple[int, str, int, str | None, int, int, int]
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

    def stored(self) -> StoredClaim:
        """The columns of the claim, its checksum last."""
        columns = (self.run, self.id, self.epoch, self.owner, int(self.cancel), self.entries)
        return (*columns, claim_checksum(columns))

    def add(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO claims (run, id, epoch, owner, cancel, entries, crc) VALUES (?, ?, ?, ?, ?, ?, ?)",
            self.stored(),
        )

    def store(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE claims SET epoch = ?, owner = ?, cancel = ?, entries = ?, crc = ? WHERE run = ?",
            (*self.stored()[2:], self.run),
        )


def read_claim(connection: sqlite3.Connection, run: int, run_id: str) -> Claim:
    """The claim on a run; raises `JournalCorrupt`."""
    row = connection.execute(
        "SELECT run, id, epoch, owner, cancel, entries, crc FROM claims WHERE run = ?", (run,)
    ).fetchone()
    if row is None or row[1] != run_id or claim_checksum(row[:6]) != row[6]:
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
        rows: Sequence[Row],
    ) -> None:
        self._writer = writer
        self._run_id = run_id
        self._was_cancel_asked = claim.cancel
        self._retry = retry
        self._entries = entries_of(rows)
        self.since = first_instant(rows, retry) if retry else 0
        """When the try began (µs) of a run that is retried, for people; null: it has done nothing yet."""
        self._rows: list[tuple[object, ...]] = []
        self._group = Group(run_id, claim.stored(), [])
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._queued = 0
        self._is_asked = False
        self._at_work = 1
        self._failure: BaseException | None = None
        self._run, self._epoch = claim.run, claim.epoch
        self._job: Queued | None = None
        self.durable = 0
        self.generation = generation
        self.on_cancel: Callable[[], object] | None = None
        """Called once, in the loop, when a commit finds that the run's end is asked for."""
        writer.parties.add(self)

    @property
    def run_id(self) -> str:
        return self._run_id

    @property
    def has_written(self) -> bool:
        """Whether an entry was queued since the run was taken up."""
        return self._queued > 0

    @property
    def epoch(self) -> int:
        return self._epoch

    @property
    def is_cancel_asked(self) -> bool:
        """Whether the run's end was asked for when it was claimed."""
        return self._was_cancel_asked

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
            self._run,
            entry.key,
            entry.kind,
            self.generation(entry.key),
            self._retry,
            entry.attempt if entry.kind in NUMBERED else 0,
            entry.attempt,
            to_json(entry.data),
            entry.started,
            entry.ended,
            self._epoch,
        )
        self._rows.append((*columns, row_checksum(columns)))
        self._queued += 1
        if not self._is_asked:
            self._ask()

    def committed(self, at_work: int = 1) -> Awaitable[None]:
        """Wait until all that was queued is durable."""
        self._at_work = at_work
        if self._failure is not None:
            raise self._failure
        loop = self._loop()
        if at_work == 1 and not self._waiters and self.durable != self._queued:
            self._commit_lone(loop)
        return self._waiting(loop)

    def _waiting(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        waiter = loop.create_future()
        if self._failure is not None:
            waiter.set_exception(self._failure)
        elif self.durable != self._queued:
            self._waiters.append((self._queued, waiter))
        elif self._group.held[4]:
            loop.call_soon(_settle, waiter)  # its end reaches the run where it waits
        else:
            waiter.set_result(None)
        return waiter

    def _commit_lone(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have what is queued committed at once if nobody else has a say; the run's end is told when it waits."""
        callback, self.on_cancel = self.on_cancel, None
        self._writer.commit_lone(self, loop)
        if self._group.held[4] and callback is not None:
            loop.call_soon(callback)
        else:
            self.on_cancel = callback

    def _ask(self) -> None:
        """Have the rows written at the end of the turn; those that come while others are written follow them."""
        self._is_asked = True
        if self._job is None:
            self._job = Queued(self._group, self._flushed, asyncio.get_running_loop(), write_groups)
        self._writer.submit_soon(self, self._loop())

    def _loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it is used from; once it has written, the system is not asked again."""
        loop = self._job.loop if self._job is not None else None
        return asyncio.get_running_loop() if loop is None else loop

    @property
    def is_stuck(self) -> bool:
        """Whether all of the run that is at work waits for the journal."""
        return len(self._waiters) >= self._at_work

    def take(self) -> Queued:
        """What is queued, to be written now."""
        assert self._job is not None
        self._group.rows, self._rows = self._rows, []
        return self._job

    def _flushed(self, held: StoredClaim, error: BaseException | None) -> None:
        self._is_asked = False
        if error is not None:
            self._failure = error
            self.close()
            for _, waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            return
        self.durable += len(self._group.rows)
        self._group.held = held
        while self._waiters and self._waiters[0][0] <= self.durable:
            waiter = self._waiters.popleft()[1]
            if not waiter.done():
                waiter.set_result(None)
        if self._rows:
            self._ask()
        if held[4] and self.on_cancel is not None:
            callback, self.on_cancel = self.on_cancel, None
            callback()

    def close(self) -> None:
        """Nothing more will be written."""
        self.on_cancel = None
        self._writer.parties.discard(self)


def _settle(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


@dataclass(slots=True)
class Group:
    """Rows of one run, and its claim as its owner knows it. Called, it adds them."""

    run_id: str
    held: StoredClaim
    rows: list[tuple[object, ...]]

    def __call__(self, connection: sqlite3.Connection) -> StoredClaim:
        return write_group(connection, self)


class _Apart(Exception):
    """A group is not what it should be: each is to be looked at for itself."""


def write_groups(connection: sqlite3.Connection, groups: list[Group]) -> list[StoredClaim]:
    """Add the rows of many runs at once; gives their claims as they stand then. Raises if a claim is not what its owner
    knows, or if a row is there already.
    """
    claims = [_grown(group.held, len(group.rows)) for group in groups]
    before = connection.total_changes
    connection.executemany(
        GROW,
        [(grown[5], grown[6], grown[0], grown[2], group.held[6]) for grown, group in zip(claims, groups, strict=True)],
    )
    rows = groups[0].rows if len(groups) == 1 else list(chain.from_iterable([group.rows for group in groups]))
    connection.executemany(INSERT, rows)
    if connection.total_changes - before != len(groups) + len(rows):
        raise _Apart
    return claims


def _grown(claim: StoredClaim, by: int) -> StoredClaim:
    run, run_id, epoch, owner, cancel, entries, _ = claim
    entries += by
    return (run, run_id, epoch, owner, cancel, entries, claim_checksum((run, run_id, epoch, owner, cancel, entries)))


def write_group(connection: sqlite3.Connection, group: Group) -> StoredClaim:
    """Add the rows of one run under the epoch of its claim; gives the claim as it stands then."""
    run_id, rows = group.run_id, group.rows
    held = read_claim(connection, group.held[0], run_id)
    if held.epoch != group.held[2]:
        raise JournalConflict(f"run {run_id} is owned by another process now")
    before = connection.total_changes
    connection.executemany(INSERT, rows)
    added = connection.total_changes - before
    if added != len(rows):
        for row in rows:
            _refuse_another_value(connection, run_id, row)
    grown = replace(held, entries=held.entries + added)
    grown.store(connection)
    return grown.stored()


def _refuse_another_value(connection: sqlite3.Connection, run_id: str, row: tuple[object, ...]) -> None:
    (stored,) = connection.execute(
        "SELECT data FROM entries "
        "WHERE run = ? AND key = ? AND kind = ? AND generation = ? AND retry = ? AND number = ?",
        row[:6],
    ).fetchone()
    if stored != row[7]:
        raise JournalConflict(f"run {run_id}: step {row[1]!r} has another {row[2]} in the journal")

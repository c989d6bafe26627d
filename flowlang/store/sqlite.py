"""The store: one SQLite database of runs, as a process sees it.

Reads happen on the caller's own connection; everything that writes goes through the one writer. A run is written
only by who claimed it last: claiming raises its epoch, and every later write under an older epoch is refused.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from flowlang.plan.nodes import Plan
from flowlang.runtime.events import Event, Wanted
from flowlang.runtime.journal import JournalUnavailable
from flowlang.store import events, parking, pruning, runs
from flowlang.store.database import BUSY_S, Durability, connect, prepare, unavailable
from flowlang.store.entries import read_claim, read_rows
from flowlang.store.history import Generations, Row, live, reset_steps
from flowlang.store.journal import SqliteJournal
from flowlang.store.ownership import Owner, is_alive, living
from flowlang.store.rows import JournalCorrupt, sound
from flowlang.store.runs import NewRun, RunNotRetryable, RunRecord, Status
from flowlang.store.shared import SqliteSharedState, read_states
from flowlang.store.writer import GroupWriter

T = TypeVar("T")

PAGE = 200
"""Run records that are read at once."""
GLANCE_S = 0.75
"""How often somebody who has nothing to do looks whether the database has changed."""
DEFAULT_PATH = Path(".flowlang") / "runs.db"


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process may write: its record and its journal. `was_parked`: what the journal holds was told."""

    record: RunRecord
    journal: SqliteJournal
    was_parked: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A run that is over, or that another live process is running."""

    record: RunRecord


class Store:
    """One database, opened by one process."""

    def __init__(self, path: Path, durability: Durability = "power", busy_s: float = BUSY_S) -> None:
        prepare(path, busy_s)
        self.path = path
        self._reader = connect(path, durability, busy_s)
        self._lazy_writer: GroupWriter | None = None
        self._lazy_owner: Owner | None = None
        self._durability, self._busy_s = durability, busy_s
        self.shared = SqliteSharedState(self._writer, self._owner, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what is queued and let go of every run."""
        if self._lazy_writer is not None:
            self._lazy_writer.close()
        if self._lazy_owner is not None:
            self._lazy_owner.close()
        self.shared.close()
        self._reader.close()

    # Writing

    async def create(self, new: NewRun) -> Held | Elsewhere:
        """Begin a run; or find the one that has its id, for `take` to go on with."""
        owner = self._owner().token
        made = await self._writer().run(lambda connection: runs.create(connection, new, owner))
        if isinstance(made, RunRecord):
            return Elsewhere(made)
        record, claim = made
        return Held(record, SqliteJournal(self._writer(), record.id, claim, record.retries, Generations(), []))

    async def take(self, run_id: str) -> Held | Elsewhere:
        """Take over a run that is not over and whose owner is gone."""
        return await self._writer().run(lambda connection: self._take(connection, runs.get(connection, run_id)))

    async def retry(self, run_id: str, plan: Plan, *, from_start: bool = False) -> Held:
        """Begin the next try of a run that failed or was cancelled, and take it over."""
        return await self._writer().run(lambda connection: self._retry(connection, run_id, plan, from_start))

    async def finish(self, held: Held, status: Status, output: object, error: object, ended: int) -> bool:
        """Write how a run ended, after all its entries; false if another process owns it now."""
        await held.journal.committed()
        record, epoch = held.record, held.journal.epoch

        def finish(connection: sqlite3.Connection) -> bool:
            is_mine = runs.finish(connection, record.id, epoch, status, output, error, ended)
            if is_mine:
                parking.forget(connection, record.n)
            return is_mine

        held.journal.close()
        return await self._writer().run(finish)

    async def release(self, held: Held) -> None:
        """Let a run go, to be resumed."""
        await held.journal.committed()
        run_id, epoch = held.record.id, held.journal.epoch
        held.journal.close()
        await self._writer().run(lambda connection: runs.release(connection, run_id, epoch))

    async def ask_to_cancel(self, run_id: str) -> RunRecord:
        """Ask whoever runs a run to end it; says how it stood."""

        def ask(connection: sqlite3.Connection) -> RunRecord:
            record = runs.ask_to_cancel(connection, run_id)
            parking.hasten(connection, record.n)
            return record

        return await self._writer().run(ask)

    # Events and parked runs

    async def emit(self, event_id: str, type: str, key: str | None, data: object, at: int) -> Event:
        """Tell an event to the runs that there are; raises `OtherEvent`."""
        return await self._writer().run(lambda connection: events.emit(connection, event_id, type, key, data, at))

    def events_of(self, record: RunRecord) -> events.SqliteEvents:
        """The events that count for a run."""
        return events.SqliteEvents(self._read, self.emit, record.n, self.version, self.change)

    async def park(
        self, held: Held, wake: int, expected: Sequence[tuple[Wanted, int | None]], received: Container[int]
    ) -> bool:
        """Let a run go until an instant (µs) or one of the events that it expects, each by an instant; false if another
        process owns it now. What has come meanwhile makes it due at once.
        """
        await held.journal.committed()
        record, epoch = held.record, held.journal.epoch

        def park(connection: sqlite3.Connection) -> bool:
            came = any(events.find(connection, record.n, wanted, received, until) for wanted, until in expected)
            wanted = [each for each, _ in expected]
            return parking.park(connection, record.id, epoch, wake, wanted, at_once=came)

        held.journal.close()
        return await self._writer().run(park)

    def due(self, now: int, limit: int) -> list[str]:
        """The ids of parked runs that are to be taken up now, the longest due first."""
        alive = living(self.path)
        return self._read(lambda connection: parking.due(connection, now, alive, limit))

    def next_due(self, now: int) -> int | None:
        """When the next parked run is due (µs), if any; now if another process is at one that is."""
        return self._read(lambda connection: parking.next_due(connection, now))

    def version(self) -> int:
        """A number that is another one after every commit, whichever process made it."""
        return self._read(lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0]))

    async def change(self, version: int, seconds: float) -> None:
        """Wait, at hardly any cost, until the database is no longer of a version, at most so long."""
        time = asyncio.get_running_loop().time
        until = time() + seconds
        while (left := until - time()) > 0 and self.version() == version:
            await asyncio.sleep(min(GLANCE_S, left))

    def wake_of(self, record: RunRecord) -> int | None:
        """When a parked run is to be taken up (µs); null if it is not parked."""
        return self._read(lambda connection: parking.wake_of(connection, record.n))

    def waits_of(self, record: RunRecord) -> tuple[int | None, list[Wanted]]:
        """When a parked run is to be taken up (µs, null if it is not parked), and the events that it waits for."""
        return self._read(
            lambda connection: (parking.wake_of(connection, record.n), parking.expected_of(connection, record.n))
        )

    async def mend_parked(self) -> None:
        """Make parked runs due whose time is not known any more."""
        await self._writer().run(parking.mend)

    # Removing what is over

    async def prune_runs(self, before: int, statuses: Collection[str], corrupt: list[str]) -> int:
        """Remove runs that ended before an instant (µs) with one of the statuses; gives how many. What is wrong with
        corrupt ones, which stay, goes to `corrupt`.
        """
        kept: dict[int, str] = {}
        done = await self._prune(lambda connection: pruning.prune_runs(connection, before, statuses, kept))
        corrupt += kept.values()
        return done - len(kept)

    async def prune_events(self, before: int) -> int:
        """Remove events that came before an instant (µs) and that no run can receive any more; gives how many."""
        return await self._prune(lambda connection: pruning.prune_events(connection, before))

    async def _prune(self, some: Callable[[sqlite3.Connection], int]) -> int:
        removed = 0
        while count := await self._writer().run(some):
            removed += count
        return removed

    # Reading

    def get(self, run_id: str) -> RunRecord:
        """The run of an id; raises `RunNotFound`."""
        return self._read(lambda connection: runs.get(connection, run_id))

    def find(self, run_id: str) -> RunRecord | None:
        """The run of an id, if there is one."""
        return self._read(lambda connection: runs.find(connection, run_id))

    # The lists raise `JournalCorrupt`, or go on without what is corrupt and add what is wrong with it to `corrupt`.

    def newest(
        self, status: str | None = None, flow: str | None = None, limit: int = 50, corrupt: list[str] | None = None
    ) -> list[RunRecord]:
        """Runs from the newest back."""
        found = self._read(lambda connection: list(runs.newest(connection, status, flow, limit)))
        return list(sound((each for _, each in found), corrupt))

    def since(self, instant: int, flow: str | None = None, corrupt: list[str] | None = None) -> Iterator[RunRecord]:
        """Runs created at an instant (µs since the epoch) or later, from the newest back; a page at a time is held."""
        before: int | None = None
        while True:
            page = self._read(lambda connection, n=before: list(runs.newest(connection, None, flow, PAGE, n)))  # type: ignore[misc]
            for record in sound((each for _, each in page), corrupt):
                if record.created < instant:
                    return
                yield record
            if len(page) < PAGE:
                return
            before, _ = page[-1]

    def newest_events(
        self, name: str | None = None, key: str | None = None, limit: int = 50, corrupt: list[str] | None = None
    ) -> list[Event]:
        """Events from the newest back."""
        found = self._read(lambda connection: list(events.newest(connection, name, key, limit)))
        return list(sound(found, corrupt))

    def plan_body(self, record: RunRecord) -> str:
        """The JSON text of the plan that a run is pinned to."""
        return self._read(lambda connection: runs.plan_body(connection, record))

    def history(self, record: RunRecord) -> list[Row]:
        """Every journal entry of a run as written, earlier tries included; raises `RunNotFound`."""

        def read(connection: sqlite3.Connection) -> list[Row]:
            connection.execute("BEGIN")  # the count and the rows must be of one moment
            try:
                runs.get(connection, record.id)  # it may have been removed
                return read_rows(connection, read_claim(connection, record.n, record.id))
            finally:
                connection.execute("COMMIT")

        return self._read(read)

    def live(self, record: RunRecord) -> list[Row]:
        """The journal entries of a run that count in its present try."""
        rows = self.history(record)
        return live(rows, self._read(lambda connection: runs.generations(connection, record)), record.retries)

    def is_running(self, record: RunRecord) -> bool:
        """Whether a live process is at a run just now; one that is not over and not running was interrupted."""
        if record.is_over:
            return False
        return is_alive(self.path, self._read(lambda connection: read_claim(connection, record.n, record.id)).owner)

    def is_cancel_asked(self, record: RunRecord) -> bool:
        """Whether the end of a run is asked for."""
        return self._read(lambda connection: read_claim(connection, record.n, record.id)).cancel

    def shared_states(self) -> dict[str, object | JournalCorrupt]:
        """Breaker and rate-limit states by key; in place of a corrupt one what is wrong."""
        return self._read(read_states)

    # Inside

    def _writer(self) -> GroupWriter:
        if self._lazy_writer is None:
            self._lazy_writer = GroupWriter(self.path, self._durability, self._busy_s)
        return self._lazy_writer

    def _owner(self) -> Owner:
        if self._lazy_owner is None:
            try:
                self._lazy_owner = Owner(self.path)
            except OSError as error:
                raise JournalUnavailable(f"no lock can be taken beside {self.path}: {error.strerror}") from error
        return self._lazy_owner

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return read(self._reader)
        except sqlite3.Error as error:
            raise unavailable(self.path, error) from error

    def _take(self, connection: sqlite3.Connection, record: RunRecord) -> Held | Elsewhere:
        claim = read_claim(connection, record.n, record.id)
        if record.is_over or is_alive(self.path, claim.owner):
            return Elsewhere(record)
        rows = read_rows(connection, claim)
        generation = runs.generations(connection, record)
        mine = replace(claim, epoch=claim.epoch + 1, owner=self._owner().token)
        mine.store(connection)
        was_parked = record.status == "waiting"
        if was_parked:
            record = replace(record, status="running")
            record.store(connection)
            parking.hasten(connection, record.n)
        counting = live(rows, generation, record.retries)
        journal = SqliteJournal(self._writer(), record.id, mine, record.retries, generation, counting)
        return Held(record, journal, was_parked)

    def _retry(self, connection: sqlite3.Connection, run_id: str, plan: Plan, from_start: bool) -> Held:
        record = runs.get(connection, run_id)
        if not record.is_over or record.status == "succeeded":
            raise RunNotRetryable(
                f"run {run_id} is {record.status}: only a run that failed or was cancelled is retried"
            )
        claim = read_claim(connection, record.n, run_id)
        rows = read_rows(connection, claim)
        generation = runs.generations(connection, record)
        resets = [""] if from_start else reset_steps(rows, generation, record.retries, plan)
        reopened = runs.reopen(connection, record, resets)
        taken = self._take(connection, reopened)
        assert isinstance(taken, Held), "a reopened run has no owner"
        return taken

"""The one who writes: a thread that takes whatever is queued, commits it as one group, then tells who waits.

A job is a function of the connection and of nothing else, run inside the group's transaction: what it raises goes to
its caller alone and undoes its own writes alone. That is rare: only then are the jobs of a group done again, each under
a savepoint of its own. Jobs of one kind are done together where there is a way to. When the transaction itself fails,
every job of the group fails and nothing of it was acknowledged. What is asked for in one turn of an event loop is one
group, and all who wait in a loop are told together. A group that every run waits for is committed in the loop's own
thread: nothing could go on meanwhile, and handing it over takes as long as a disk that is fast. If that is a lone run,
the end of the turn is not waited for either, until the loop was held up for long enough. After an input/output
error nothing is written again through this connection: what a failed `fsync` left on the disk is unknown. A group that
changed something is a numbered commit; its number is noted in the witness before anybody is told, unless a loss of
power may take the commit back.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar
from weakref import WeakSet

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.database import BUSY_S, Durability, connect, log_of, unavailable
from flowlang.store.room import Room
from flowlang.store.witness import Witness, count_commit

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]
Together = Callable[[sqlite3.Connection, list[Any]], list[Any]]
"""Does jobs as one and gives what each of them would give. It raises when it cannot, whatever the reason: then each is
done apart.
"""
Done = Callable[[Any, BaseException | None], None]
Ending = tuple[Any, BaseException | None]


HELD_UP_S = 0.005
"""After how long in one turn of its loop a lone run waits for the end of the turn, for the sake of all else there."""


class Queued(NamedTuple):
    """A job, who is told how it ended, the loop in which, if in any, and how it is done with others of its kind."""

    job: Job
    done: Done
    loop: asyncio.AbstractEventLoop | None
    together: Together | None = None


_TOGETHER = attrgetter("together")


class Party(Protocol):
    """Who asks for jobs, turn by turn."""

    @property
    def is_stuck(self) -> bool:
        """Whether nothing of it goes on before what it asks for is durable."""
        ...

    def take(self) -> Queued:
        """What it asks for, at the end of the turn."""
        ...


class _Turn(NamedTuple):
    """Who has asked for a job in a turn of a loop, and when in the loop's time the first of them did."""

    parties: list[Party]
    began: float


class _Busy(Exception):
    """Another process is writing."""


class GroupWriter:
    """Commits jobs in groups, in a thread of its own or in a loop's. `parties`: all who may ask from turn to turn."""

    def __init__(self, path: Path, durability: Durability, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._connection = connect(path, durability, busy_s)
        self._connection.execute("PRAGMA busy_timeout = 0")  # a loop does not wait for other processes
        self._busy_s = busy_s
        self._witness = Witness(path) if durability == "power" else None
        self._room = Room(log_of(path)) if durability == "power" else None
        self._queue: SimpleQueue[list[Queued] | None] = SimpleQueue()
        self._turns: dict[asyncio.AbstractEventLoop, _Turn] = {}
        self._committing = threading.Lock()
        self.parties: WeakSet[Party] = WeakSet()
        self._broken: JournalUnavailable | None = None
        self._thread = threading.Thread(target=self._run, name="flowlang store", daemon=True)
        self._thread.start()

    def submit(self, job: Job, done: Done, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Queue a job; `done(result, error)` is called once it is durable or has failed: in the thread of a loop, or in
        the writer's.
        """
        self._queue.put([Queued(job, done, loop)])

    def submit_soon(self, party: Party, loop: asyncio.AbstractEventLoop) -> None:
        """Ask for a job at the end of the loop's turn, to be done together with those of all others."""
        turn = self._turns.get(loop)
        if turn is None:
            turn = self._turns[loop] = _Turn([], loop.time())
            loop.call_soon(self._end_turn, loop)
        turn.parties.append(party)

    def is_lone(self, party: Party, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether a party that asked in this turn need not wait for its end: there is no other, nor are there others in
        the loop who wait for long.
        """
        turn = self._turns.get(loop)
        return (
            turn is not None
            and turn.parties == [party]
            and len(self.parties) == 1
            and loop.time() - turn.began <= HELD_UP_S
        )

    def commit_lone(self, party: Party, loop: asyncio.AbstractEventLoop) -> None:
        """Commit at once what a lone party waits for."""
        self._turns[loop].parties.clear()
        group = [party.take()]
        if not self._commit_here(group):
            self._queue.put(group)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        turn = self._turns.pop(loop).parties
        if not turn:
            return
        group = [party.take() for party in turn]
        is_awaited = len(turn) == len(self.parties) and all(party.is_stuck for party in turn)
        if not (is_awaited and self._commit_here(group)):
            self._queue.put(group)

    def _commit_here(self, group: list[Queued]) -> bool:
        """Commit a group of the running loop; false if the thread or another process is at work."""
        if not self._committing.acquire(blocking=False):
            return False
        try:
            outcomes = self._outcomes(group, 0)
        except _Busy:
            return False
        finally:
            self._committing.release()
        _tell(group, outcomes)
        return True

    def call(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job and wait for it, blocking this thread."""
        future: Future[T] = Future()
        self.submit(job, lambda result, error: future.set_exception(error) if error else future.set_result(result))
        return future.result()

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run a job and wait for it in the event loop; cancelling the wait does not undo the job."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.submit(job, settle, loop)
        return await future

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            while (first := self._queue.get()) is not None:
                group, ending = first, False
                while not self._queue.empty():
                    item = self._queue.get()
                    if item is None:
                        ending = True
                        break
                    group += item
                self._commit(group)
                if ending:
                    return
        finally:
            self._connection.close()
            if self._witness is not None:
                self._witness.close()

    def _commit(self, group: list[Queued]) -> None:
        with self._committing:
            outcomes = self._outcomes(group, self._busy_s)
        in_loops: dict[asyncio.AbstractEventLoop, tuple[list[Queued], list[Ending]]] = {}
        for queued, ending in zip(group, outcomes, strict=True):
            if queued.loop is None:
                queued.done(*ending)
            else:
                jobs, endings = in_loops.setdefault(queued.loop, ([], []))
                jobs.append(queued)
                endings.append(ending)
        for loop, ended in in_loops.items():
            _tell_in(loop, *ended)

    def _outcomes(self, group: list[Queued], busy_s: float) -> list[Ending]:
        """Commit a group; gives how each of its jobs ended. `busy_s`: how long another process is waited for; if 0,
        `_Busy` is raised instead.
        """
        try:
            if self._broken is not None:
                raise self._broken
            self._begin(busy_s)
            return self._transact(group, busy_s)
        except _Busy:
            raise
        except sqlite3.Error as error:
            failure = unavailable(self._path, error)
            if (getattr(error, "sqlite_errorname", "") or "").startswith("SQLITE_IOERR"):
                self._broken = failure
            return [(None, failure)] * len(group)
        except BaseException as error:
            return [(None, error)] * len(group)

    def _begin(self, busy_s: float) -> None:
        """Begin to write, as soon as no other process does."""
        until, pause = time.monotonic() + busy_s, 0.001
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if not busy_s:
                    raise _Busy from None
                if time.monotonic() >= until:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, 0.05)

    def _transact(self, group: list[Queued], busy_s: float) -> list[Ending]:
        try:
            return self._in_transaction(lambda: _do(self._connection, group))
        except sqlite3.Error:
            raise
        except Exception:
            self._begin(busy_s)
            return self._in_transaction(lambda: [self._apart(queued.job) for queued in group])

    def _apart(self, job: Job) -> Ending:
        """Do a job so that it can fail alone."""
        self._connection.execute("SAVEPOINT job")
        ending: Ending
        try:
            ending = job(self._connection), None
        except sqlite3.Error:
            raise
        except Exception as error:
            self._connection.execute("ROLLBACK TO job")
            ending = None, error
        self._connection.execute("RELEASE job")
        return ending

    def _in_transaction(self, work: Callable[[], list[Ending]]) -> list[Ending]:
        connection = self._connection
        number = None
        if self._room is not None:
            self._room.keep()
        before = connection.total_changes
        try:
            outcomes = work()
            if connection.total_changes != before:
                number = count_commit(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        if number is not None and self._witness is not None:
            self._witness.note(number)
        return outcomes


def _do(connection: sqlite3.Connection, group: list[Queued]) -> list[Ending]:
    """Do jobs in their order, those of a kind as one; gives how they ended: well."""
    endings: list[Ending] = []
    for together, same in groupby(group, _TOGETHER):
        if together is None:
            endings += [(queued.job(connection), None) for queued in same]
        else:
            endings += [(result, None) for result in together(connection, [queued.job for queued in same])]
    return endings


def _tell(group: list[Queued], outcomes: list[Ending]) -> None:
    """Tell how jobs ended, in the thread of their loop."""
    for queued, ending in zip(group, outcomes, strict=True):
        try:
            queued.done(*ending)
        except Exception as error:  # as the loop does with callbacks of its own
            context = {"message": "the end of a write was not taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)


def _tell_in(loop: asyncio.AbstractEventLoop, group: list[Queued], outcomes: list[Ending]) -> None:
    """Tell it from another thread; nobody is left to tell once the loop is closed."""
    try:
        loop.call_soon_threadsafe(_tell, group, outcomes)
    except RuntimeError:
        if not loop.is_closed():
            raise

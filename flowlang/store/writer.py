"""The one thread that writes: it takes whatever is queued, commits it as one group, then tells who waits.

A job is a function of the connection, run inside the group's transaction under a savepoint of its own: what it
raises goes to its caller alone and undoes its own writes alone. When the transaction itself fails, every job of the
group fails and nothing of it was acknowledged. After an input/output error nothing is written again through this
connection: what a failed `fsync` left on the disk is unknown. A group that changed something is a numbered commit; its
number is noted in the witness before anybody is told, unless a loss of power may take the commit back.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.database import BUSY_S, Durability, connect, unavailable
from flowlang.store.witness import Witness, count_commit

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]
Done = Callable[[Any, BaseException | None], None]


class GroupWriter:
    """Commits jobs in groups from a thread of its own."""

    def __init__(self, path: Path, durability: Durability, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._connection = connect(path, durability, busy_s)
        self._witness = Witness(path) if durability == "power" else None
        self._queue: SimpleQueue[tuple[Job, Done] | None] = SimpleQueue()
        self._broken: JournalUnavailable | None = None
        self._thread = threading.Thread(target=self._run, name="flowlang store", daemon=True)
        self._thread.start()

    def submit(self, job: Job, done: Done) -> None:
        """Queue a job; `done(result, error)` is called in the writer's thread once it is durable or has failed."""
        self._queue.put((job, done))

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

        self.submit(job, lambda result, error: wake(loop, settle, result, error))
        return await future

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            while (first := self._queue.get()) is not None:
                group, ending = [first], False
                while not self._queue.empty():
                    item = self._queue.get()
                    if item is None:
                        ending = True
                        break
                    group.append(item)
                self._commit(group)
                if ending:
                    return
        finally:
            self._connection.close()
            if self._witness is not None:
                self._witness.close()

    def _commit(self, group: list[tuple[Job, Done]]) -> None:
        outcomes: list[tuple[Any, BaseException | None]]
        try:
            if self._broken is not None:
                raise self._broken
            outcomes = self._transact(group)
        except sqlite3.Error as error:
            failure = unavailable(self._path, error)
            if (getattr(error, "sqlite_errorname", "") or "").startswith("SQLITE_IOERR"):
                self._broken = failure
            outcomes = [(None, failure)] * len(group)
        except BaseException as error:
            outcomes = [(None, error)] * len(group)
        for (_, done), (result, failed) in zip(group, outcomes, strict=True):
            done(result, failed)

    def _transact(self, group: list[tuple[Job, Done]]) -> list[tuple[Any, BaseException | None]]:
        connection = self._connection
        outcomes: list[tuple[Any, BaseException | None]] = []
        number = None
        connection.execute("BEGIN IMMEDIATE")
        before = connection.total_changes
        try:
            for job, _ in group:
                connection.execute("SAVEPOINT job")
                try:
                    outcomes.append((job(connection), None))
                except sqlite3.Error:
                    raise
                except Exception as error:
                    connection.execute("ROLLBACK TO job")
                    outcomes.append((None, error))
                connection.execute("RELEASE job")
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


def wake(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *arguments: Any) -> None:
    """Call back in a loop's thread; nobody is left to tell once the loop is closed."""
    try:
        loop.call_soon_threadsafe(callback, *arguments)
    except RuntimeError:
        if not loop.is_closed():
            raise

"""The journal of one run on SQLite: `runtime.journal.Journal`, committed in groups, fenced by the run's epoch.

Whatever is queued in one turn of the event loop, or while a commit is under way, is one group, which the writer adds
together with those of other runs; of a lone run, what is queued until it waits. A failed group fails the journal for
good: nothing queued later is written, so what is stored is always a prefix of what the run did.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from flowlang.runtime.journal import NUMBERED, Entry, EntryKind
from flowlang.store.entries import Claim, Group, QueuedEntry, StoredClaim, write_groups
from flowlang.store.history import Generations, Row, entries_of, first_instant
from flowlang.store.rows import row_checksum, to_json
from flowlang.store.writer import GroupWriter, Queued


def _number(entry: Entry) -> int:
    """What tells an entry apart from others of its key and kind, if there may be several."""
    return entry.attempt if entry.kind in NUMBERED else 0


def _mark(entry: Entry, number: int) -> int:
    """By what an entry is known again among those of a try; another one may have the same, once in ages."""
    return hash((entry.key, entry.kind, number))


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
        self._known = {_mark(row.entry, _number(row.entry)) for row in rows if row.retry == retry}
        self.since = first_instant(rows, retry) if retry else 0
        """When the try began (µs) of a run that is retried, for people; null: it has done nothing yet."""
        self._rows: list[QueuedEntry] = []
        self._group = Group(run_id, claim.stored(), [])
        self._is_known = False
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
        number = _number(entry)
        mark = _mark(entry, number)
        if mark in self._known:
            self._is_known = True
        self._known.add(mark)
        columns = (
            self._run,
            entry.key,
            entry.kind,
            self.generation(entry.key),
            self._retry,
            number,
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
        if at_work == 1 and not self._waiters and self._writer.is_lone(self, loop):
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
        """Have what is queued committed at once; the run's end is told when it waits."""
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
        self._group.may_know, self._is_known = self._is_known, False
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

"""Journal, shared state and events in memory, for tests and benchmarks. Nothing survives the process.

A `MemoryJournal` can be handed on to a second run, as a database would be: `entries` are those written before it was
opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from math import inf
from weakref import WeakKeyDictionary

from flowlang.runtime.events import Event, Wanted
from flowlang.runtime.journal import NUMBERED, Change, Entry, EntryKind, JournalConflict
from flowlang.runtime.policies.slots import Lane


class MemoryJournal:
    """The entries of one run, in the order written; each is as durable as it will be."""

    durable = inf

    def __init__(self, run_id: str, entries: Iterable[Entry] = ()) -> None:
        self._run_id = run_id
        self.written: list[Entry] = list(entries)
        self._before: dict[tuple[str, EntryKind], Entry] = {(e.key, e.kind): e for e in self.written}
        self._seen = {_identity(entry): entry for entry in self.written}

    @property
    def run_id(self) -> str:
        return self._run_id

    def entries(self) -> Mapping[tuple[str, EntryKind], Entry]:
        return self._before

    def write(self, entry: Entry) -> None:
        """Keep an entry; the first of a key and kind counts."""
        kind = entry.kind
        first = self._seen.setdefault((entry.key, kind, entry.attempt if kind in NUMBERED else 0), entry)
        if first is entry:
            self.written.append(entry)
        elif first.data != entry.data:
            raise JournalConflict(f"run {self._run_id}: step {entry.key!r} has another {entry.kind} in the journal")

    async def committed(self, at_work: int = 1) -> None:
        """Nothing is waited for."""


def _identity(entry: Entry) -> tuple[str, EntryKind, int]:
    return entry.key, entry.kind, entry.attempt if entry.kind in NUMBERED else 0


class MemoryShared:
    """What runs of one process share; places only those in one event loop."""

    holder = ""

    def __init__(self) -> None:
        self.states: dict[str, object] = {}
        self._lanes: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Lane]] = WeakKeyDictionary()

    async def update(self, key: str, change: Change) -> object:
        after, answer = change(self.states.get(key))
        if after is None:
            self.states.pop(key, None)
        else:
            self.states[key] = after
        return answer

    def is_gone(self, holder: str) -> bool:
        return False

    async def slot(self, name: str, width: int) -> Callable[[], None]:
        lanes = self._lanes.setdefault(asyncio.get_running_loop(), {})
        if name not in lanes:
            lanes[name] = Lane(lambda _: True, lambda _: None, None)
        return await lanes[name].acquire(width)


class MemoryEvents:
    """Events told within one process."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._waiting: list[asyncio.Future[None]] = []

    async def emit(self, id: str, type: str, key: str | None, data: object, at: int) -> Event:
        return self.tell(id, type, key, data, at)

    def tell(self, id: str, type: str, key: str | None, data: object, at: int) -> Event:
        """Tell an event to who waits for it, now or later."""
        known = next((event for event in self._events if event.id == id), None)
        if known is not None:
            known.require(type, key, data)
            return known
        event = Event(len(self._events) + 1, id, type, key, data, at)
        self._events.append(event)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        return event

    def find(self, wanted: Wanted, received: Container[int], until: int | None) -> Event | None:
        for event in self._events:
            if event.n not in received and wanted.covers(event) and (until is None or event.at <= until):
                return event
        return None

    async def arrival(self, seconds: float | None) -> None:
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            await asyncio.wait({waiting}, timeout=seconds)
        finally:
            self._waiting.remove(waiting)

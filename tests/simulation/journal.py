"""A journal in memory that may lose its disk: after so many entries nothing more is stored, and the process is gone.

What was stored outlives the process as `Rows`; generations and retries are the store's own (`flowlang.store.history`).
Entries must be JSON, and a second entry under the same key with another value is a conflict, as in the real one.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from flowlang.plan.nodes import Plan
from flowlang.runtime.journal import Entry, EntryKind, JournalConflict
from flowlang.store.history import Generations, Row, entries_of, live, reset_steps

Mode = Literal["late", "limbo"]
"""How the end comes after the last entry that is stored. `late`: when the next one is written. `limbo`: later entries
are taken but never reach the disk, and the end comes when somebody waits for that: what does not wait for it goes on.
"""


@dataclass(slots=True)
class Rows:
    """What is stored of one run, over all its processes and retries."""

    rows: list[Row] = field(default_factory=list)
    begun: list[Row] = field(default_factory=list)
    """That calls were made: no process dies of that, so that those that die leave some under way."""
    resets: list[str] = field(default_factory=list)
    retry: int = 0
    since: int = 0

    def generations(self) -> Generations:
        return Generations(self.resets, self.since)

    def live(self) -> list[Row]:
        """What counts."""
        return live([*self.rows, *self.begun], self.generations(), self.retry)

    def try_again(self, plan: Plan, from_start: bool = False) -> None:
        """Begin a retry: what was undone gets a new generation, with what refers to it, or everything."""
        self.resets += [""] if from_start else reset_steps(self.rows, self.generations(), self.retry, plan)
        self.retry += 1
        self.since = self.retry if from_start else self.since


class CrashingJournal:
    """One process' hold on the rows of a run; `limit`: how many entries there may be in all."""

    def __init__(self, stored: Rows, run_id: str, limit: int | None = None, mode: Mode = "late") -> None:
        self.stored = stored
        self.limit = limit
        self.mode = mode
        self.generation: Callable[[str], int] = stored.generations()
        self.crashed = asyncio.Event()
        self.lost: list[Entry] = []
        self._run_id = run_id
        rows = [*stored.rows, *stored.begun]
        self._entries = entries_of(stored.live())
        self._known = {self._identity(row.entry): row.entry.data for row in rows if row.retry == stored.retry}

    @property
    def run_id(self) -> str:
        return self._run_id

    @property
    def durable(self) -> float:
        return 0 if self.lost else math.inf

    def entries(self) -> Mapping[tuple[str, EntryKind], Entry]:
        return self._entries

    def write(self, entry: Entry) -> None:
        data = json.loads(json.dumps(entry.data, allow_nan=False))
        identity = self._identity(entry)
        if identity in self._known:
            if self._known[identity] != data:
                raise JournalConflict(f"step {entry.key!r} has another {entry.kind} in the journal")
            return
        if entry.kind == "begun":
            if not self.lost:
                self._keep(self.stored.begun, entry, data)
            return
        if self.limit is not None and len(self.stored.rows) >= self.limit:
            self.lost.append(entry)
            if self.mode == "late":
                self.crashed.set()
            return
        self._keep(self.stored.rows, entry, data)

    def _keep(self, rows: list[Row], entry: Entry, data: object) -> None:
        self._known[self._identity(entry)] = data
        stored = Entry(entry.key, entry.kind, data, entry.attempt, entry.started, entry.ended)
        rows.append(Row(stored, len(rows), self.generation(entry.key), self.stored.retry))

    async def committed(self, at_work: int = 1) -> None:
        if self.lost:
            self.crashed.set()
            await asyncio.Event().wait()

    def _identity(self, entry: Entry) -> tuple[str, str, int, int]:
        return entry.key, entry.kind, self.generation(entry.key), entry.attempt

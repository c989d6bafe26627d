"""The steps of a run as people and machines are shown them, put together from its journal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowlang.runtime.journal import Entry, EntryKind, ancestors
from flowlang.store.history import Row
from flowlang.store.runs import RunRecord

STATUS_OF = {
    "value": "succeeded",
    "handled": "handled",
    "skipped": "skipped",
    "failed": "failed",
    "undone": "undone",
    "begun": "running",
    "attempt": "retrying",
    "poll": "polling",
    "wait": "waiting",
    "started": "running",
}
"""The status that an entry gives its step. Choices and failed scopes are no steps of their own, nor are deadlines."""

UNDER_WAY = frozenset({"retrying", "polling", "waiting", "running"})
"""What a step can only be while its run is not over."""

_HANDLER = re.compile(r"\.catch[0-9]+(?=\.)")


@dataclass(slots=True)
class StepReport:
    """One step; times in µs since the epoch, 0 where nobody knows. `meter`: numbers such as tokens and cost. `call`:
    the status that one had before it was undone.
    """

    key: str
    status: str
    attempts: int = 0
    started: int = 0
    ended: int = 0
    error: object = None
    meter: dict[str, object] = field(default_factory=dict)
    call: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self.status in UNDER_WAY

    @property
    def duration_us(self) -> int:
        return max(0, self.ended - self.started) if self.started and self.ended else 0

    def to_json(self) -> dict[str, object]:
        """The step in `--format json`."""
        data: dict[str, object] = {
            "key": self.key,
            "status": self.status,
            "attempts": self.attempts,
            "duration_ms": round(self.duration_us / 1000, 3),
        }
        if self.error is not None:
            data["error"] = self.error
        if self.meter:
            data["meter"] = self.meter
        return data


def ended_in(entries: Collection[tuple[str, EntryKind]]) -> set[str]:
    """The steps that a journal with these entries says are over; one that failed is not while it is being handled."""
    over = {key for key, kind in entries if kind in ("value", "skipped", "handled")}
    handling = {key[: found.start()] for key, _ in entries for found in _HANDLER.finditer(key)}
    return over | {key for key, kind in entries if kind == "failed" and key not in handling}


def stops_in(entries: Iterable[Entry]) -> Callable[[str, int], int | None]:
    """The function that says when a step that had begun at an instant and has not ended was stopped (null: it was not):
    another won the race it stands in, or what it stands in failed. One that was let go on was not stopped.
    """
    stops: dict[str, tuple[str | None, set[str], int]] = {}
    for entry in entries:
        data = entry.data if isinstance(entry.data, dict) else {}
        if entry.kind == "scope_failed" or data.get("winner") is not None:
            winner = data.get("winner")
            stops.setdefault(entry.key, (winner and f"{entry.key}.{winner}", set(data["in_flight"]), entry.ended))

    def stopped(key: str, began: int) -> int | None:
        around = {"", *ancestors(key)}
        found = [stops[each] for each in around & stops.keys()]
        passed = (at for won, kept, at in found if at >= began and won not in around and key not in kept)
        return min(passed, default=None)

    return stopped


def unknown_of(rows: Iterable[Row]) -> list[str]:
    """The steps whose effect may have happened and could not be undone."""
    return [row.entry.key for row in rows if row.entry.kind == "unknown"]


def undo_failures_of(rows: Iterable[Row]) -> list[object]:
    """The errors of undos that failed, as JSON."""
    ended = [row.entry.data for row in rows if row.entry.kind == "undone"]
    return [data["error"] for data in ended if isinstance(data, dict) and data["error"] is not None]


def steps_of(rows: Sequence[Row], record: RunRecord, now: int = 0) -> list[StepReport]:
    """The steps that a run's journal tells of, in the order in which they were first written. Those that the run left
    when it ended, or that lost a race, were cancelled: then, as far as that is known. `now`: until when those have
    taken that are under way.
    """
    steps: dict[str, StepReport] = {}
    for row in rows:
        entry = row.entry
        status = STATUS_OF.get(entry.kind)
        if status is None or entry.key.endswith(("#deadline", "/")) or entry.key[:1] in ("", "#"):
            continue  # a flow's own entries have its prefix for their key; `#`: what is left of an earlier try
        step = steps.setdefault(entry.key, StepReport(entry.key, status))
        if entry.kind == "undone":
            if entry.data == {"error": None}:
                step.status, step.call = status, "cancelled" if step.is_under_way else step.status
            continue
        step.status = status
        step.attempts = max(step.attempts, _calls(entry))
        data = entry.data if isinstance(entry.data, dict) else {}
        step.started = min(filter(None, (step.started, entry.started, data.get("since"))), default=0)
        step.ended = max(step.ended, entry.ended)
        step.error = data.get("error", step.error)
        step.meter = data.get("meter", step.meter)
        if entry.kind == "failed" and data["error"]["kind"] == "cancelled":
            step.status = "cancelled"
    stopped = stops_in(row.entry for row in rows)
    for step in steps.values():
        if not step.is_under_way:
            continue
        at = stopped(step.key, step.started or step.ended)
        if at is None and record.status == "cancelled":
            at = record.ended
        if at is not None or record.is_over:
            step.status, step.ended = "cancelled", max(step.ended, at or 0)
        else:
            step.ended = max(step.ended, now)
    return list(steps.values())


def _calls(entry: Entry) -> int:
    """How many calls a step had taken when an entry was written; polls and `@once` effects have other numbers."""
    if entry.kind in ("poll", "started"):
        data: Any = entry.data
        return 1 if data is None else int(data["attempts"])
    return entry.attempt


def count_over_tries(steps: Iterable[StepReport], rows: Iterable[Row]) -> None:
    """Let steps count their attempts over all tries of their run, by all that was ever written of it."""
    most: dict[tuple[str, int, int], int] = {}
    for row in rows:
        part = row.entry.key, row.generation, row.retry
        most[part] = max(most.get(part, 0), _calls(row.entry))
    total: Counter[str] = Counter()
    for (key, _, _), calls in most.items():
        total[key] += calls
    for step in steps:
        step.attempts = total.get(step.key, step.attempts)

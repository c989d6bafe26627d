"""What of a run's journal still counts after retries: generations and the entries that belong to them.

Rows are never changed or deleted. Retrying a failed run adds *resets*: a step that was undone, with all beneath it,
begins a new generation (from the start: every step does), so its rows stop counting and its idempotency keys change.
The failures and spent attempts of the earlier try stop counting too, in any generation; what ended well counts for
ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flowlang.runtime.journal import Entry, EntryKind

FLEETING = frozenset({"failed", "scope_failed", "undone", "attempt", "poll", "wait"})
"""Kinds that count only within the try they were written in; failures that a handler answered count on."""

ANSWERED = frozenset({"failed", "scope_failed", "undone"})


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with where it stands in the run's history; `seq` orders rows as they were written."""

    entry: Entry
    seq: int
    generation: int
    retry: int


def covers(prefix: str, key: str) -> bool:
    """Whether a step's path is another's or lies beneath it; the empty path covers all."""
    return not prefix or key == prefix or (key.startswith(prefix) and key[len(prefix)] in ".[/")


class Generations:
    """How often each step has been reset."""

    def __init__(self, resets: Iterable[str] = ()) -> None:
        self._all = 0
        self._prefixes: list[str] = []
        for prefix in resets:
            if prefix:
                self._prefixes.append(prefix)
            else:
                self._all += 1

    def __call__(self, key: str) -> int:
        """The generation of a step, from 0."""
        if not self._prefixes:
            return self._all
        return self._all + sum(covers(prefix, key) for prefix in self._prefixes)


def live(rows: Sequence[Row], generation: Generations, retry: int) -> list[Row]:
    """The rows that count in this try, in order."""
    current = [row for row in rows if row.generation == generation(row.entry.key)]
    handled = {row.entry.key for row in current if row.entry.kind == "handled"}
    kept = [
        row
        for row in current
        if row.retry == retry
        or row.entry.kind not in FLEETING
        or (row.entry.kind in ANSWERED and row.entry.key in handled)
    ]
    if retry == 0:
        return kept
    return _without_idle_choices(kept, retry)


def _without_idle_choices(rows: list[Row], retry: int) -> list[Row]:
    """Drop choices of an earlier try beneath which nothing lasting was done: they bind nothing and may fall
    differently now.
    """
    done = {row.entry.key for row in rows if row.entry.kind not in FLEETING and row.entry.kind != "choice"}
    alive: set[str] = set()
    for key in done:
        alive.update(_ancestors(key))
    return [row for row in rows if row.entry.kind != "choice" or row.retry == retry or row.entry.key in alive]


def _ancestors(key: str) -> Iterable[str]:
    yield key
    for at, char in enumerate(key):
        if char in ".[/" and at:
            yield key[:at]
            if char == "/":  # a called flow's own handlers are under `x/`
                yield key[: at + 1]


def entries_of(rows: Iterable[Row]) -> dict[tuple[str, EntryKind], Entry]:
    """The entries by key and kind; of several attempts or polls the last."""
    return {(row.entry.key, row.entry.kind): row.entry for row in rows}


def undone_steps(rows: Iterable[Row]) -> list[str]:
    """The outermost steps whose undo ended well and that no handler above has answered for: what a retry must do
    again.
    """
    undone: list[str] = []
    handled: set[str] = set()
    for row in rows:
        if row.entry.kind == "undone" and not _failed(row.entry):
            undone.append(row.entry.key)
        elif row.entry.kind == "handled":
            handled.add(row.entry.key)
    undone = sorted({key for key in undone if not any(above in handled for above in _ancestors(key))})
    return [key for key in undone if not any(other != key and covers(other, key) for other in undone)]


def _failed(entry: Entry) -> bool:
    return isinstance(entry.data, dict) and entry.data.get("error") is not None

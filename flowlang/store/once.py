"""`@once` steps that retries do not start again: those that were started, have no value and were not undone.

Such a step is *barred* by its path, whatever its inputs are now. That it was started, and what came of it, counts in
every later generation, so all around it may be done again while it fails as it did. That is the same failure, so who
was told of it is not told again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from flowlang.runtime.journal import ancestors, is_in_handler

if TYPE_CHECKING:
    from flowlang.store.history import Row

CARRIED: Final = frozenset({"started", "failed", "unknown", "undone"})
"""Kinds of entries of a barred step that count in later generations."""

_handler_of: Final = re.compile(r"(.*?)(?:\.|(?<=/)|\A)catch\d+").fullmatch


class Barred:
    """The steps that are barred in a try by what was written before it; `since`: the last try that began from the
    start.
    """

    def __init__(self, rows: Iterable[Row], since: int, retry: int) -> None:
        earlier = [row for row in rows if since <= row.retry < retry]
        starts = {row.entry.key: row for row in earlier if row.entry.kind == "started"}
        self._starts = _unsettled(starts, earlier) if starts else {}
        self._told = _told(self._starts, earlier) if self._starts else {}

    def __contains__(self, key: str) -> bool:
        return key in self._starts

    def carry(self, rows: Sequence[Row], generation: Callable[[str], int]) -> Sequence[Row]:
        """The rows, those that count of barred steps as if they were of the present generation."""
        return [self._carried(row, generation) for row in rows] if self._starts else rows

    def told(self, key: str) -> list[str]:
        """The steps and flows that a step's failure failed whose handlers are done with it: they passed it on, or none
        of them matched.
        """
        found = self._told.get(key, ())
        return [owner for owner in _owners(key) if owner in found]

    def _carried(self, row: Row, generation: Callable[[str], int]) -> Row:
        start = self._starts.get(row.entry.key)
        if start is None or row.seq < start.seq or row.entry.kind not in CARRIED:
            return row
        now, entry = generation(row.entry.key), row.entry
        if row.generation == now:
            return row
        if entry.kind == "started":
            entry = replace(entry, data={"attempts": 1, "carried": True})
        return replace(row, entry=entry, generation=now, is_carried=True)


def _unsettled(starts: dict[str, Row], rows: Iterable[Row]) -> dict[str, Row]:
    """The starts after which a step neither ended well nor was undone, itself or with what it stands in."""
    ended: set[tuple[str, int]] = set()
    undone: dict[str, int] = {}
    for row in rows:
        if row.entry.kind == "value":
            ended.add((row.entry.key, row.generation))
        elif row.entry.kind == "undone" and not _error_of(row):
            undone[row.entry.key] = row.seq

    def is_settled(key: str, start: Row) -> bool:
        around = (each for each in ancestors(key) if undone.get(each, -1) > start.seq)
        return (key, start.generation) in ended or any(not is_in_handler(key, each) for each in around)

    return {key: start for key, start in starts.items() if not is_settled(key, start)}


def _told(starts: dict[str, Row], rows: Iterable[Row]) -> dict[str, set[str]]:
    """Whom each barred step's failure failed in a try in which their handlers neither answered nor failed. A step's own
    handlers are gone through again also where they did what was not undone: it is undone then.
    """
    failed: dict[str, set[tuple[str, int]]] = {}
    at_odds: set[tuple[str, int]] = set()
    for row in rows:
        entry = row.entry
        if entry.kind == "failed":
            step = (_error_of(row) or {}).get("step")
            if step in starts and row.seq > starts[step].seq:
                failed.setdefault(step, set()).add((entry.key, row.retry))
        elif entry.kind == "handled":
            at_odds.add((entry.key, row.retry))
        elif entry.kind == "scope_failed" and (owner := _handler_of(entry.key)):
            at_odds.add((owner[1], row.retry))
        elif entry.kind == "undone" and _error_of(row):
            within = (around for around in ancestors(entry.key) if around in starts)
            at_odds.update((around, row.retry) for around in within if is_in_handler(entry.key, around))
    return {key: {owner for owner, _ in tries - at_odds} for key, tries in failed.items()}


def _owners(key: str) -> Iterator[str]:
    """The step and what it stands in, out to a handler that it stands in: whoever is around that is told of another
    failure, too.
    """
    for around in (*ancestors(key), ""):
        if around != key and is_in_handler(key, around):
            return
        yield around


def _error_of(row: Row) -> Any:
    data = row.entry.data
    return data.get("error") if isinstance(data, dict) else None

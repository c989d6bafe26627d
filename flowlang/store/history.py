"""What of a run's journal still counts after retries: generations and the entries that belong to them.

Rows are never changed, and go only with their run. Retrying a failed run adds *resets*: a step that was undone or that
refers to one, with all beneath it, begins a new generation (from the start: every step does), so its rows stop counting
and its idempotency keys change. So do the handlers of what failed: it is tried again, and if it fails again, that is
another failure. The failures and spent attempts of the earlier try stop counting too, in any generation; what ended
well counts for ever. An `@once` step that neither ended well nor was undone is *barred*: that it was started counts in
later generations too, with its failure, so whatever around it is done again, it is not started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flowlang.plan.nodes import Plan
from flowlang.runtime.journal import RECEIVED, Entry, EntryKind, ancestors, is_in_handler, not_undone
from flowlang.store.dependents import dependents
from flowlang.store.once import Barred

FLEETING = frozenset({"failed", "scope_failed", "unknown", "undone", "begun", "attempt", "poll", "wait"})
"""Kinds that count only within the try they were written in; failures that a handler answered count on, as does an
unknown outcome that no retry settles: beneath such an answer, of an undo or `@once`, or of an earlier generation.
"""

ANSWERED = frozenset({"failed", "scope_failed", "undone"})


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with where it stands in the run's history; `seq` orders rows as they were written. `is_carried`: it was
    written in an earlier generation, and counts in this one (`store.once`).
    """

    entry: Entry
    seq: int
    generation: int
    retry: int
    is_carried: bool = False


class Generations:
    """How often each step has been reset. `since`: the last try that began from the start."""

    def __init__(self, resets: Iterable[str] = (), since: int = 0) -> None:
        self.since = since
        self._resets = Counter(resets)
        self._all = self._resets.pop("", 0)

    def __call__(self, key: str) -> int:
        """The generation of a step, from 0."""
        if not self._resets:
            return self._all
        return self._all + sum(self._resets[around] for around in ancestors(key))


def live(rows: Sequence[Row], generation: Generations, retry: int) -> list[Row]:
    """The rows that count in this try, in order."""
    barred = Barred(rows, generation.since, retry)
    rows = barred.carry(rows, generation)
    current = list(_current(rows, generation))
    handled = {row.entry.key for row in current if row.entry.kind == "handled"}
    stands = _Standing(current)
    undone = {
        (row.entry.key, row.generation): row.retry
        for row in rows
        if row.entry.kind == "undone" and not _failed(row.entry)
    }
    started_once = {(row.entry.key, row.generation) for row in current if row.entry.kind == "started"}
    failures = {row.entry.key for row in current if row.entry.kind == "failed"}
    settled = {key for key in failures if key in handled or stands.has_lost(key)}
    kept = [
        _as_past(row, barred)
        if row.retry != retry and row.entry.kind == "failed" and row.entry.key not in settled
        else row
        for row in current
        if row.retry == retry
        or row.entry.kind not in FLEETING
        or (row.entry.kind in ANSWERED and row.entry.key in handled)
        or (row.entry.kind == "failed" and row.entry.key in settled)
        or (row.entry.kind in ("failed", "unknown") and (row.entry.key, row.generation) in started_once)
        or (row.entry.kind == "unknown" and not handled.isdisjoint(ancestors(row.entry.key)))
        or (row.entry.kind == "unknown" and _stays_unknown(row, generation, undone))
    ]
    if retry == 0:
        return kept
    return [
        *_without_idle_choices(kept, retry),
        *_not_undone(rows, generation, retry, lambda key: key in barred or stands(key)),
    ]


def _stays_unknown(row: Row, generation: Generations, undone: dict[tuple[str, int], int]) -> bool:
    """Whether no retry settled an outcome: the step is not called again under the same key, or the call was an undo's,
    which was not made again. `undone`: in which try undos ended well, by step and generation.
    """
    key = row.entry.key
    if any(undone.get((around, row.generation), -1) > row.retry for around in ancestors(key)):
        return False
    return row.generation != generation(key) or ".undo." in key


def _current(rows: Iterable[Row], generation: Generations) -> Iterator[Row]:
    """The rows of the steps' generations. What counts of earlier ones: which outcomes are unknown, and which events the
    run has received, by no step of now.
    """
    for row in rows:
        entry = row.entry
        if row.generation == generation(entry.key) or entry.kind == "unknown":
            yield row
        elif entry.kind == "event" and row.retry >= generation.since:
            yield replace(row, entry=replace(entry, key=RECEIVED + entry.key.rpartition(RECEIVED)[2]))


def _as_past(row: Row, barred: Barred) -> Row:
    """A failure of an earlier try that stands: what was in flight then is not under way in this one."""
    data: Any = row.entry.data
    past = {"in_flight": [], "past": True, "told": barred.told(row.entry.key)}
    return replace(row, entry=replace(row.entry, data={**data, **past}))


def _not_undone(
    rows: Sequence[Row], generation: Generations, retry: int, is_left: Callable[[str], bool]
) -> Iterator[Row]:
    """What is still to be reported of the undos that failed in earlier tries: those of steps that were given up, for
    they are done again, or `is_left` as they are. That of a step whose value stands is tried again with it.
    """
    last = {(row.entry.key, row.generation): row for row in rows if row.entry.kind == "undone"}
    for (key, of), row in last.items():
        if row.retry < retry and _failed(row.entry) and (of != generation(key) or is_left(key)):
            yield replace(row, entry=replace(row.entry, key=not_undone(key, of)))


def _without_idle_choices(rows: list[Row], retry: int) -> list[Row]:
    """Drop choices of an earlier try beneath which nothing lasting was done, or only steps that are not started again
    and what their handlers did: they bind nothing and may fall differently now.
    """
    done = {row.entry.key for row in rows if row.entry.kind not in FLEETING and row.entry.kind != "choice"}
    barred = set(_barred(rows))
    alive: set[str] = set()
    for key in done:
        around = list(ancestors(key))
        within = max((len(each) for each in around if each in barred), default=-1)
        alive.update(each for each in around if len(each) > within)
    return [row for row in rows if row.entry.kind != "choice" or row.retry == retry or row.entry.key in alive]


def entries_of(rows: Iterable[Row]) -> dict[tuple[str, EntryKind], Entry]:
    """The entries by key and kind; of several attempts or polls the last. That a call was made is left out of a step
    that has ended, unless its value is a secret, for which it may be made again.
    """
    entries = {(row.entry.key, row.entry.kind): row.entry for row in rows}
    for key in [key for key, kind in entries if kind == "begun"]:
        value: Any = entries.get((key, "value"))
        if (key, "failed") in entries or (value is not None and "volatile" not in value.data):
            del entries[key, "begun"]
    return entries


def first_instant(rows: Iterable[Row], retry: int) -> int | None:
    """When the first happened that a try wrote (µs); null if it has written nothing."""
    written = (row.entry for row in rows if row.retry == retry)
    return min((entry.started or entry.ended for entry in written if entry.started or entry.ended), default=None)


def undone_steps(rows: Iterable[Row]) -> list[str]:
    """The outermost steps whose undo ended well, that no handler above has answered for and that lost no race: what a
    retry must do again. What such a handler did itself is done again.
    """
    rows = list(rows)
    stands = _Standing(rows)
    undone = {row.entry.key for row in rows if row.entry.kind == "undone" and not _failed(row.entry)}
    return _outermost({key for key in undone if not stands(key)})


class _Standing:
    """Whether a retry leaves a step as it is, whatever was undone or failed there: a handler above has answered for it,
    or it lost a race. What such a handler did itself does not stand by that.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.answered: set[str] = set()
        self._winners: dict[str, str] = {}
        for row in rows:
            entry: Any = row.entry
            if entry.kind == "handled":
                self.answered.add(entry.key)
            elif entry.kind == "choice" and "winner" in entry.data:
                self._winners[entry.key] = f"{entry.key}.{entry.data['winner']}"

    def __call__(self, key: str) -> bool:
        around = set(ancestors(key))
        if any(not is_in_handler(key, answered) for answered in around & self.answered):
            return True
        return self.has_lost(key)

    def has_lost(self, key: str) -> bool:
        """Whether a step is, or stands in, what lost a race that is decided."""
        around = set(ancestors(key))
        return any(self._winners[race] not in around for race in around & self._winners.keys() if race != key)


def reset_steps(rows: Sequence[Row], generation: Generations, retry: int, plan: Plan) -> list[str]:
    """The outermost steps that begin a new generation when the run is retried: those that were undone, those that
    refer to them, and those of handlers that passed an error on.
    """
    counting = live(rows, generation, retry)
    undone = undone_steps(counting)
    entries = {(row.entry.key, row.entry.kind) for row in rows if row.generation == generation(row.entry.key)}
    told = _told_in_vain({key for key, _ in entries}, _Standing(counting), set(_barred(counting)))
    return _outermost({*undone, *dependents(plan, entries, undone), *told})


def _told_in_vain(keys: Iterable[str], stands: _Standing, barred: set[str]) -> Iterator[str]:
    """What handlers did about failures that they passed on, with what is around it in the handler. The failure of a
    step that is not started again is still the same, but not that of another in its handler.
    """
    left = stands.answered | barred
    for key in keys:
        around = list(ancestors(key))
        passed_on = next((at for at in ("", *around) if is_in_handler(key, at) and at not in left), None)
        if passed_on is not None and not stands(passed_on):
            yield from (each for each in around if is_in_handler(f"{each}.", passed_on))


def _outermost(keys: set[str]) -> list[str]:
    return sorted(key for key in keys if not any(around in keys for around in ancestors(key) if around != key))


def barred_step(rows: Sequence[Row]) -> str | None:
    """A step that a retry will not start again, so that it fails there: it surely comes to it, which is not so in a
    handler, in what lost a race, or in what was done again without coming to it.
    """
    stands = _Standing(rows)
    carried = {row.entry.key for row in rows if row.is_carried} - _named(rows)
    told = (key for key in _barred(rows) if not any(is_in_handler(key, around) for around in ("", *ancestors(key))))
    return next((key for key in told if key not in carried and not stands(key)), None)


def _named(rows: Sequence[Row]) -> set[str]:
    """The steps whose failures failed a scope in the last try."""
    last = max((row.retry for row in rows), default=0)
    errors: list[Any] = [row.entry.data for row in rows if row.retry == last and row.entry.kind == "scope_failed"]
    return {data["error"].get("step") for data in errors}


def _barred(rows: Sequence[Row]) -> Iterator[str]:
    """The `@once` steps that were started and have no value, and that neither an undo nor a handler around has
    settled.
    """
    settled = {row.entry.key for row in rows if row.entry.kind in ("value", "handled")} | set(undone_steps(rows))
    started = (row.entry.key for row in rows if row.entry.kind == "started")
    return (key for key in started if settled.isdisjoint(ancestors(key)))


def _failed(entry: Entry) -> bool:
    return isinstance(entry.data, dict) and entry.data.get("error") is not None

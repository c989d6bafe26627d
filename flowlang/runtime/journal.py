"""What the interpreter asks of a journal: entries by key, committed in groups, fenced by an epoch.

The promise, word for word: an accepted run is never lost; a journaled step is never executed again; an unjournaled
step may be executed again, with the same idempotency key. `store/` implements this on SQLite; `MemoryJournal` serves
tests and benchmarks.

An entry is written once per (run, key, kind, generation): the first write wins; a second with another value is a
`JournalConflict`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

EntryKind = Literal[
    "value",  # a step ended well: {"value", "meter"?}, or {"volatile": true} for a secret, whose value is never written
    "skipped",  # its `when` was false: null
    "failed",  # a step failed for good, before its handlers: {"error", "in_flight"?, "value"?, "unknown"?, "meter"?}
    "handled",  # a handler gave the value: {"value"}, or {"volatile": true} for a secret
    "begun",  # a call that has a policy is made, one more than before: {"attempt"}, its number
    "attempt",  # one attempt failed and another follows: {"error", "not_before", "since", "poll", "try", "unknown"}
    "poll",  # one poll round ended without its condition: {"next", "since", "attempts", "value"?, "meter"?}
    "choice",  # {"when": true} (or: a block was entered), {"branch"}, {"length", "items"?}, {"winner", "in_flight"};
    # under `<step>[n]` and `<step>/` {"given"}: a digest of what a round or a called flow began with
    "wait",  # a wait began: {"until", "by", "began", "since", "poll", "try"}; under `….#deadline` a scope's: {"until"}
    "event",  # under `<step>#e<number>`: a wait received an event: {"event", "wait"}
    "undone",  # an undo ended: {"error"} (null: well)
    "started",  # an `@once` effect, or a poll of it, is about to start: null; recalled where what is around it is done
    # again, {"attempts", "carried"}
    "unknown",  # a step's effect may have happened and cannot be undone: null
    "scope_failed",  # a scope's first failure: {"error", "in_flight"}; the others are in their steps' own entries
]
"""What an entry says, and its data. Instants are µs since the epoch; errors as `RunError.to_json`.

Of a wait, `until` is the instant waited for (null: for an event), `by` when it must be over, `wait` its own data. Of a
failed step, `value` is what its effect gave, `unknown` that an attempt may have had it. Where it is recalled in a later
try of its run (an `@once` step is not started again) it has more, which is not written: `past`, and `told`, whose
handlers are done with it.
"""


NUMBERED: Final = frozenset({"begun", "attempt", "poll", "started", "wait"})
"""Kinds of which a step may have several, told apart by their attempt; of any other the first counts."""


RECEIVED: Final = "#e"
"""What parts the path of a step from the number of an event that it received."""


@dataclass(slots=True)  # frozen in all but name: that would cost each step twice the time
class Entry:
    """One line of the journal: JSON data only. It is never changed.

    `attempt` tells apart entries of one kind: attempts and polls are numbered from 1 over the whole step. One that a
    process left under way when it died is made again under its number; calls that were made count on (`begun`).
    Elsewhere it is how many calls it took.
    """

    key: str
    kind: EntryKind
    data: object
    attempt: int = 0
    started: int = 0  # µs since the epoch
    ended: int = 0


_handler: Final = re.compile(r"\.?catch\d+\.").match


def is_volatile(entry: Entry) -> bool:
    """Whether an entry says that there was a secret, and not which."""
    return isinstance(entry.data, dict) and "volatile" in entry.data


def ancestors(key: str) -> Iterator[str]:
    """A key and all the keys around it: `x#2.a` is in the second round of `x`, a called flow's handlers are in `x/`."""
    yield key
    for at, char in enumerate(key):
        if char in ".[/#" and at:
            yield key[:at]
            if char == "/":
                yield key[: at + 1]


def not_undone(key: str, generation: int) -> str:
    """The key under which a later try reports that the undo of a step failed."""
    return f"#undone{generation} {key}"


def is_in_handler(key: str, around: str) -> bool:
    """Whether a key stands in what a handler of the step or flow around it did."""
    return _handler(key, len(around)) is not None


class JournalConflict(Exception):
    """Another process owns the run now (its epoch is newer), or an entry disagrees with what is stored."""


class JournalUnavailable(Exception):
    """The database cannot be written or read: full disk, locked, corrupt. The message names the cause."""


class Journal(Protocol):
    """The entries of one run, owned under one epoch."""

    @property
    def run_id(self) -> str: ...

    @property
    def durable(self) -> float:
        """How many of the entries that this process wrote are durable, the first ones; all, where that is infinite."""
        ...

    def entries(self) -> Mapping[tuple[str, EntryKind], Entry]:
        """What was committed before this process took the run over (for attempts and polls: the last one)."""
        ...

    def write(self, entry: Entry) -> None:
        """Queue an entry; it is committed with the next group."""
        ...

    def committed(self, at_work: int = 1) -> Awaitable[None]:
        """Wait until all that was queued is durable; returns at once if it is. `at_work`: how many tasks of the run
        are, this one among them.

        Awaited before an effect starts that uses journaled values.
        """
        ...


class SharedState(Protocol):
    """What all runs and processes on one database share: the states of breakers, rate limits and retry budgets, and the
    places of concurrency limits. Times in µs since the epoch.
    """

    @property
    def holder(self) -> str:
        """Who holds what this process puts into a state for itself alone."""
        ...

    def is_gone(self, holder: str) -> bool:
        """Whether a holder will do nothing more: its process has ended, however it did."""
        ...

    async def update(self, key: str, change: Change) -> object:
        """Apply a pure change to the state under `key` in one transaction; returns what the change returns beside the
        new state.
        """
        ...

    async def slot(self, name: str, width: int) -> Callable[[], None]:
        """Wait for one of the `width` places of a name; gives what frees it again."""
        ...


class Change(Protocol):
    """A pure step of a state machine: (state or None) → (new state or None, answer); JSON all."""

    def __call__(self, state: object | None) -> tuple[object, object]: ...

"""Events: what is told to runs that wait for it, from outside or by another run, as the interpreter asks for them.

An event reaches every run that began before it, and of a run at most one step.
`store/` implements `Events` on SQLite, `MemoryEvents` serves tests.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any, NamedTuple, Protocol

from flowlang.types.instants import from_micros


class OtherEvent(Exception):
    """The id belongs to an event of another name, key or data."""


class Event(NamedTuple):
    """One event. `n` orders events as they came; `at` is when it came, in µs since the epoch; `data` is JSON."""

    n: int
    id: str
    type: str
    key: str | None
    data: Any
    at: int

    def require(self, type: str, key: str | None, data: object) -> None:
        """Hold what is emitted under the same id against the event; raises `OtherEvent`."""
        if (self.type, self.key, self.data) != (type, key, data):
            raise OtherEvent(f"there is another event {self.id!r} already")

    def to_value(self) -> dict[str, object]:
        """What a step that waited is given: `events.Event`."""
        return {"id": self.id, "type": self.type, "key": self.key, "data": self.data, "time": from_micros(self.at)}


class Wanted(NamedTuple):
    """What a step waits for. `key` null: any."""

    type: str
    key: str | None

    def covers(self, event: Event) -> bool:
        """Whether an event is wanted."""
        return event.type == self.type and self.key in (None, event.key)

    def __str__(self) -> str:
        return f"`{self.type}`" if self.key is None else f"`{self.type}` with key {self.key!r}"


class Events(Protocol):
    """The events that count for one run: those since it began; and the way to tell one to all runs."""

    async def emit(self, id: str, type: str, key: str | None, data: object, at: int) -> Event:
        """Tell an event to every run that has begun; one of an id that is known stays as it is. Raises `OtherEvent`."""
        ...

    def find(self, wanted: Wanted, received: Container[int], until: int | None) -> Event | None:
        """The oldest that is wanted, was not received (by number) and came by an instant."""
        ...

    async def arrival(self, seconds: float | None) -> None:
        """Wait until there may be another one, at most so long."""
        ...

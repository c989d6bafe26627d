"""Concurrency limits: numbered places of a name, handed out in the order in which they are asked for.

Whether a place can be had may be for others to say too (other processes: `store.slots`); it is then looked for again
and again while somebody waits. A place is given back by its holder; a synchronous Python action that was abandoned
holds its place until it returns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

Release = Callable[[], None]


class Lane:
    """The places of one name as this process hands them out. `take` asks the others for a place, `give` gives it back;
    `look_s`: how often to ask them again, null if there are no others.
    """

    def __init__(self, take: Callable[[int], bool], give: Callable[[int], None], look_s: float | None) -> None:
        self._take = take
        self._give = give
        self._look_s = look_s
        self._held: set[int] = set()
        self._waiting: deque[tuple[int, asyncio.Future[int]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def acquire(self, width: int) -> Release:
        """Wait for one of so many places; gives what frees it."""
        place = None if self._waiting else self._find(width)
        if place is None:
            place = await self._in_turn(width)
        return partial(self._release, place)

    async def _in_turn(self, width: int) -> int:
        turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((width, turn))
        self._look_later()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(turn.result())
            self._serve()  # who stood behind may be next
            raise

    def _find(self, width: int) -> int | None:
        for place in range(width):
            if place not in self._held and self._take(place):
                self._held.add(place)
                return place
        return None

    def _release(self, place: int) -> None:
        self._held.discard(place)
        self._give(place)
        self._serve()

    def _serve(self) -> None:
        """Hand out what is free to who waits, the first first."""
        while self._waiting:
            width, turn = self._waiting[0]
            if not turn.done():
                place = self._find(width)
                if place is None:
                    return
                turn.set_result(place)
            self._waiting.popleft()

    def _look_later(self) -> None:
        if self._look_s is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._look_s, self._look)

    def _look(self) -> None:
        self._timer = None
        self._serve()
        if self._waiting:
            self._look_later()

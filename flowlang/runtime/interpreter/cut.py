"""Interruptible sections: an await that may be ended from elsewhere with an error of ours.

Timeouts, stopped waits and abandoned attempts are all this one thing. A cancellation from outside (the process going
down) is told apart and passes through untouched. Cheap: no task, one timer where there is a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flowlang.runtime.errors import RunError, cut_off
from flowlang.runtime.seam import Unsent

T = TypeVar("T")


class Cut:
    """One section under way, or one after another of the same task.

    `path` is the step whose attempt it is (empty for a wait); `spared`: let it finish when a race is lost.
    """

    __slots__ = ("path", "reason", "spared", "task")

    def __init__(self, path: str = "", spared: bool = False) -> None:
        self.task = asyncio.current_task()
        self.reason: RunError | None = None
        self.path = path
        self.spared = spared

    @property
    def is_abandoned(self) -> bool:
        """Whether it was ended because it is not wanted any more."""
        return self.reason is not None and self.reason.kind == "cancelled"

    def interrupt(self, reason: RunError) -> None:
        """End the section with an error; the first reason counts."""
        if self.reason is None and self.task is not None:
            self.reason = reason
            self.task.cancel()

    def settled(self, error: BaseException) -> BaseException:
        """What a section fails with that ended with an error: the reason if it was cut off, else that error."""
        if self.reason is None or self.task is None or not isinstance(error, Exception | asyncio.CancelledError):
            return error
        is_cancelled_from_outside = self.task.uncancel() > 0
        if isinstance(error, Exception) or is_cancelled_from_outside:
            return error  # it failed while being cut off, or the process goes down
        if isinstance(error, Unsent):
            if self.reason.kind == "timeout":  # its own: no other cut has this reason
                self.reason.unknown_outcome = False
                self.reason.message += f"; this attempt sent nothing, for {error}"
            return self.reason
        return cut_off(self.reason) if self.path and self.is_abandoned else self.reason


async def interruptible(
    cuts: dict[Cut, None], awaitable: Awaitable[T], path: str = "", spared: bool = False, seconds: float | None = None,
    late: Callable[[], RunError] | None = None,
) -> T:  # fmt: skip
    """Await something that `interrupt` on its cut may end, or the clock after `seconds` with the error that `late`
    makes.
    """
    cut = Cut(path, spared)
    timer = None
    if seconds is not None and late is not None:
        timer = asyncio.get_running_loop().call_later(max(seconds, 0.0), lambda: cut.interrupt(late()))
    cuts[cut] = None
    try:
        result = await awaitable
        if cut.reason is not None:
            raise asyncio.CancelledError  # it was swallowed
        return result
    except BaseException as error:
        settled = cut.settled(error)
        if settled is error:
            raise
        raise settled from None
    finally:
        cuts.pop(cut, None)
        if timer is not None:
            timer.cancel()

"""The retry budget: of the calls to one service or host within a minute, retries may be a fifth, and ten more.

When a whole service is down, every call's own retries would multiply the load that keeps it down; the budget bounds
the multiplication whatever the policies say. It counts per process, in six buckets of ten seconds.

Source: the retry budgets of Finagle and of the SRE book (chapter "Addressing Cascading Failures").
"""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

SHARE: Final = 0.2
MORE: Final = 10
WINDOW: Final = 60_000_000
WIDTH: Final = 10_000_000


class RetryBudget:
    """First calls and retries of one name, by bucket: its beginning (µs), calls, retries."""

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: list[list[int]] = []

    def call(self, now: int) -> None:
        """Count a first call."""
        self._bucket(now)[1] += 1

    def retry(self, now: int) -> bool:
        """Take a retry, if there is one left."""
        bucket = self._bucket(now)
        calls = sum(each[1] for each in self._buckets)
        retries = sum(each[2] for each in self._buckets)
        if retries >= SHARE * calls + MORE:
            return False
        bucket[2] += 1
        return True

    def _bucket(self, now: int) -> list[int]:
        start = now - now % WIDTH
        self._buckets = [each for each in self._buckets if each[0] > now - WINDOW]
        if not self._buckets or self._buckets[-1][0] != start:
            self._buckets.append([start, 0, 0])
        return self._buckets[-1]


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, RetryBudget]] = WeakKeyDictionary()


def budget_of(name: str) -> RetryBudget:
    """The budget of a service or host, for all runs in the running loop."""
    return _of_loop.setdefault(asyncio.get_running_loop(), {}).setdefault(name, RetryBudget())

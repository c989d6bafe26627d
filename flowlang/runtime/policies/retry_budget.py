"""The retry budget: of the calls to one service or host within a minute, retries may be a fifth, and ten more.

When a whole service is down, every call's own retries would multiply the load that keeps it down; the budget bounds
the multiplication whatever the policies say. Its counts are shared by all processes, in six buckets of ten seconds. A
process tells of its first calls when it wants to retry, or of twenty together, for each telling is a write; what it
has not told makes the budget of others smaller, never larger.

Source: the retry budgets of Finagle and of the SRE book (chapter "Addressing Cascading Failures").
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from flowlang.runtime.journal import SharedState

SHARE: Final = 0.2
MORE: Final = 10
WINDOW: Final = 60_000_000
WIDTH: Final = 10_000_000
TOGETHER: Final = 20
"""First calls that are told at once."""

_untold: WeakKeyDictionary[SharedState, Counter[str]] = WeakKeyDictionary()


async def count_call(shared: SharedState, name: str, now: int) -> None:
    """Count a first call of a service or host."""
    untold = _untold.setdefault(shared, Counter())
    untold[name] += 1
    if untold[name] >= TOGETHER:
        await _tell(shared, name, now, wants_retry=False)


async def take_retry(shared: SharedState, name: str, now: int) -> bool:
    """Take a retry, if there is one left."""
    return await _tell(shared, name, now, wants_retry=True)


async def _tell(shared: SharedState, name: str, now: int, *, wants_retry: bool) -> bool:
    calls = _untold.setdefault(shared, Counter()).pop(name, 0)
    return bool(await shared.update(f"retry_budget:{name}", lambda state: spend(state, now, calls, wants_retry)))


def spend(state: object | None, now: int, calls: int, wants_retry: bool) -> tuple[object, object]:
    """Count first calls and take a retry if one is wanted and left; the answer says whether it was. The state holds
    buckets: their beginning (µs), calls, retries.
    """
    known: Any = state if isinstance(state, dict) else {"buckets": []}
    start = now - now % WIDTH
    buckets = [each for each in known["buckets"] if now - WINDOW < each[0] < start]
    _, before, retried = next((each for each in known["buckets"] if each[0] == start), (start, 0, 0))
    total = before + calls + sum(each[1] for each in buckets)
    allowed = wants_retry and retried + sum(each[2] for each in buckets) < SHARE * total + MORE
    return {"buckets": [*buckets, [start, before + calls, retried + allowed]]}, allowed

"""Concurrency limits: semaphores by name, one set for all runs in an event loop.

A slot is given back by its holder; a synchronous Python action that was abandoned holds its slot until it returns.
"""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = WeakKeyDictionary()


def slots(key: str, width: int) -> asyncio.Semaphore:
    """The semaphore of a name and a width in the running loop."""
    named = _of_loop.setdefault(asyncio.get_running_loop(), {})
    name = f"{width}:{key}"
    found = named.get(name)
    if found is None:
        found = named[name] = asyncio.Semaphore(width)
    return found

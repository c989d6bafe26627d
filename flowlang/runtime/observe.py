"""Events of a run as it goes, for live progress: plain tuples to a callback that must not raise or block.

    ("started", key, at, began)                              a step with an effect, a block or a flow begins, or goes on
                                                             if it began in another process
    ("attempt", key, attempt, at)                            a call is made, by its number, in the task that calls back
    ("failed_attempt", key, attempt, error, at)              error: RunError; another attempt follows
    ("polled", key, at)                                      a poll has ended well, but its condition does not hold yet
    ("retry", key, attempt, at)                              the next attempt, by its number, starts at
    ("waiting", key, until)                                  a wait or a poll's pause began
    ("ended", key, status, attempts, started, ended, error)  status as in `StepRecord`; error: RunError or none
    ("undone", key, error)                                   error: RunError or none

Instants are µs since the epoch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Observe = Callable[[tuple[Any, ...]], None]
Gate = Callable[[str, str, object], Awaitable[None]]
"""Asked before a step makes its first call, with its key, the action and its arguments (secrets masked); the step waits
for the answer. Time goes on meanwhile.
"""

"""Events of a run as it goes, for live progress: plain tuples to a callback that must not raise or block.

    ("started", key, at)                                     a step with an effect, a block or a flow begins
    ("failed_attempt", key, attempt, error, at)              error: RunError
    ("retry", key, attempt, at)                              the next attempt, by its number, starts at
    ("waiting", key, until)                                  a wait or a poll's pause began
    ("ended", key, status, attempts, started, ended)         status as in `StepRecord`
    ("undone", key, error)                                   error: RunError or none

Instants are µs since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Observe = Callable[[tuple[Any, ...]], None]

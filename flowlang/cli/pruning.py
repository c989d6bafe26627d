"""`flowlang runs prune` and `flowlang events prune`: removing what is over and old. Nothing is removed by itself."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from flowlang.cli.databases import without
from flowlang.cli.failure import UsageError
from flowlang.types.instants import read_duration

if TYPE_CHECKING:
    from flowlang.store.sqlite import Store

LEAST = 60_000_000
"""Who waits for a run must still find how it ended, in µs."""


def prune_runs(store: Store, values: dict[str, Any]) -> int:
    """Remove runs that are over."""
    statuses = [values["status"]] if values["status"] is not None else ["succeeded", "failed", "cancelled"]
    corrupt: list[str] = []
    _tell(values, "run", asyncio.run(store.prune_runs(_before(values), statuses, corrupt)))
    return without(corrupt)


def prune_events(store: Store, values: dict[str, Any]) -> int:
    """Remove events that no run can receive any more."""
    return _tell(values, "event", asyncio.run(store.prune_events(_before(values))))


def _before(values: dict[str, Any]) -> int:
    age = read_duration(values["older_than"])
    if age is None or age < LEAST:
        raise UsageError(f"--older-than takes a duration from 1m, such as 30d, not {values['older_than']!r}")
    return time.time_ns() // 1000 - age


def _tell(values: dict[str, Any], what: str, removed: int) -> int:
    if values["format"] == "json":
        print(json.dumps({"removed": removed}))
    else:
        print(f"removed {removed} {what}{'' if removed == 1 else 's'}")
    return 0

"""`flowlang runs stats` and `flowlang runs failed`: what runs came to, and which failed for good."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowlang.cli.databases import limit_of, without
from flowlang.cli.showing import inputs_of, plan_of
from flowlang.cli.shown import duration, instant, moment, table
from flowlang.engines.statistics import FlowTally, Ran, Tally, tally
from flowlang.engines.steps import count_over_tries, steps_of
from flowlang.store.rows import JournalCorrupt
from flowlang.store.runs import RunNotFound

if TYPE_CHECKING:
    from flowlang.store.runs import RunRecord
    from flowlang.store.sqlite import Store

HOUR = 3_600_000_000
WINDOWS = {"24h": 24 * HOUR, "7d": 7 * 24 * HOUR, "30d": 30 * 24 * HOUR, "all": None}


def stats(store: Store, values: dict[str, Any]) -> int:
    """Count the runs that began within a window."""
    length = WINDOWS[values["window"]]
    since = 0 if length is None else time.time_ns() // 1000 - length
    corrupt: list[str] = []
    flows = tally(_ran(store, since, values["flow"], corrupt))
    if values["format"] == "json":
        document = {"window": values["window"], "flows": [_flow(name, each) for name, each in flows.items()]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _show(flows)
    return without(corrupt)


def _ran(store: Store, since: int, flow: str | None, corrupt: list[str]) -> Iterator[Ran]:
    for record in store.since(since, flow, corrupt):
        try:
            steps = steps_of(store.live(record), record)
            if record.retries:
                count_over_tries(steps, store.history(record))
        except RunNotFound:
            continue  # it has just been removed
        except JournalCorrupt as error:
            corrupt.append(str(error))
            continue
        took = record.ended - record.created if record.ended is not None else None
        yield Ran(record.flow, record.status, record.created, took, steps)


def _numbers(each: Tally) -> dict[str, object]:
    return {
        "total": each.total,
        "succeeded": each.succeeded,
        "failed": each.failed,
        "cancelled": each.cancelled,
        "success_rate": each.success_rate,
        "failure_rate": each.failure_rate,
        "duration_ms": {
            "mean": _ms(each.mean),
            "p50": _ms(each.percentile(0.5)),
            "p95": _ms(each.percentile(0.95)),
        },
        "meter": each.meter,
        "last": instant(each.last),
    }


def _flow(name: str, each: FlowTally) -> dict[str, object]:
    steps = [{"step": step, "attempts": found.attempts, **_numbers(found)} for step, found in each.steps.items()]
    return {"flow": name, **_numbers(each.runs), "steps": steps}


def _ms(microseconds: float | None) -> float | None:
    return None if microseconds is None else round(microseconds / 1000, 3)


def _show(flows: dict[str, FlowTally]) -> None:
    head = ("TOTAL", "OK", "FAILED", "CANCELLED", "SUCCESS", "MEAN", "P50", "P95", "USED")
    rows = [(name, *_cells(each.runs), moment(each.runs.last)) for name, each in flows.items()]
    print(table(("FLOW", *head, "LAST RUN"), rows), end="")
    steps = [
        (f"{name}.{step}", *_cells(found), str(found.attempts))
        for name, each in flows.items()
        for step, found in each.steps.items()
    ]
    if steps:
        print("\n" + table(("STEP", *head, "ATTEMPTS"), steps), end="")


def _cells(each: Tally) -> tuple[str, ...]:
    times = (each.mean, each.percentile(0.5), each.percentile(0.95))
    rate = each.success_rate
    return (
        str(each.total),
        str(each.succeeded),
        str(each.failed),
        str(each.cancelled),
        "" if rate is None else f"{rate:.0%}" if rate in (0, 1) else f"{rate:.1%}",
        *("" if at is None else duration(round(at)) for at in times),
        ", ".join(f"{number:g} {name}" for name, number in each.meter.items()),
    )


# ---- dead letters


def failed(store: Store, values: dict[str, Any]) -> int:
    """List the runs that failed and were not tried again with success, the newest first, each with its reason."""
    corrupt: list[str] = []
    found = store.newest("failed", values["flow"], limit_of(values), corrupt)
    if values["format"] == "json":
        print(json.dumps({"failed": [_letter(store, record) for record in found]}, indent=2, ensure_ascii=False))
        return without(corrupt)
    rows = [_reason(record) for record in found]
    print(table(("RUN", "FLOW", "FAILED", "TRIES", "STEP", "KIND", "REASON"), rows), end="")
    return without(corrupt)


def _letter(store: Store, record: RunRecord) -> dict[str, object]:
    return {
        "run": record.id,
        "flow": record.flow,
        "file": record.file,
        "created": instant(record.created),
        "ended": instant(record.ended),
        "tries": record.retries + 1,
        "inputs": inputs_of(plan_of(store, record), record),
        "error": record.error,
    }


def _reason(record: RunRecord) -> tuple[str, ...]:
    error: dict[str, Any] = record.error if isinstance(record.error, dict) else {}
    message = " ".join(str(error.get("message", "")).split())
    return (
        record.id,
        record.flow,
        moment(record.ended),
        str(record.retries + 1),
        str(error.get("step") or ""),
        str(error.get("kind", "")),
        message if len(message) <= 80 else message[:79] + "…",
    )

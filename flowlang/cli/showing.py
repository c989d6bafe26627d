"""`flowlang runs show`: a run with its inputs and steps, and its result, what went wrong, or how it goes on."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from flowlang.cli import databases
from flowlang.cli.copied import command
from flowlang.cli.shown import duration, instant, moment, table
from flowlang.cli.verdict import Verdict, left_behind, lines_left_behind
from flowlang.engines.local import Finished
from flowlang.engines.steps import count_over_tries, steps_of, undo_failures_of, unknown_of
from flowlang.plan import codec
from flowlang.plan.errors import PlanError
from flowlang.render.visible import visible
from flowlang.runtime.inputs import outward
from flowlang.runtime.journal import JournalUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowlang.engines.steps import StepReport
    from flowlang.plan.nodes import Plan
    from flowlang.runtime.events import Wanted
    from flowlang.store.runs import RunRecord
    from flowlang.store.sqlite import Store

Values = dict[str, Any]
Waits = tuple["int | None", "list[Wanted]"]
"""When a parked run is to be taken up (µs, null if it is not parked), and the events that it waits for."""


def show(store: Store, values: Values) -> int:
    """Show a run."""
    record = databases.known(store, values["run"], values)
    status = standing_of(store, record)
    rows = store.live(record)
    now = time.time_ns() // 1000
    steps = steps_of(rows, record, now)
    if record.retries:
        count_over_tries(steps, store.history(record))
    finished = Finished(record, steps, unknown_of(rows), undo_failures_of(rows))
    until, expected = waits = waits_of(store, record, status)
    plan = plan_of(store, record)
    if values["format"] == "json":
        shown = {
            **to_json(record, status, waits),
            "plan": record.plan,
            "inputs": inputs_of(plan, record),
            "config": config_of(plan, record),
            "steps": [step.to_json() for step in steps],
            **left_behind(finished.unknown, finished.undo_failures),
        }
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return 0
    how = None
    if until is not None:
        events = ", or for an event" * bool(expected)
        how = f"until {moment(until)}{events}" if until > now else "for somebody to go on with it: it is due"
    _show_text(record, status, how, inputs_of(plan, record), steps)
    if record.status == "succeeded":
        lines = json.dumps(record.output, indent=2, ensure_ascii=False).split("\n")
        print("\n" + "\n".join(visible(line) for line in lines))
    is_failed = record.status in ("failed", "cancelled")
    last = Verdict(store, record, plan, values).failure(finished) if is_failed else lines_left_behind(finished)
    last += _ways_on(record, status, expected, values)
    if last:
        print("\n" + "\n".join(last))
    return 0


def standing_of(store: Store, record: RunRecord) -> str:
    """The status as it is shown: a run that is not over and that nobody is at was interrupted, unless it is parked."""
    return record.status if record.status != "running" or store.is_running(record) else "interrupted"


def waits_of(store: Store, record: RunRecord, status: str) -> Waits:
    """What a run waits for, of the status that is shown."""
    return store.waits_of(record) if status == "waiting" else (None, [])


def to_json(record: RunRecord, status: str, waits: Waits) -> dict[str, object]:
    """What is told of a run in every `--format json`."""
    until, expected = waits
    told: dict[str, object] = {
        "run": record.id,
        "flow": record.flow,
        "status": status,
        "file": record.file,
        "created": instant(record.created),
        "ended": instant(record.ended),
        "retries": record.retries,
        "output": record.output,
        "error": record.error,
    }
    if until is not None:
        told["until"] = instant(max(until, time.time_ns() // 1000))
        told["waits_for"] = [{"name": each.type, "key": each.key} for each in expected]
    return told


def plan_of(store: Store, record: RunRecord) -> Plan | None:
    """The plan of a run; null if it cannot be read."""
    try:
        return codec.loads(store.plan_body(record))
    except (PlanError, JournalUnavailable):
        return None


def inputs_of(plan: Plan | None, record: RunRecord) -> Mapping[str, object]:
    """The inputs of a run as they could be given again; without its plan as they are stored."""
    return record.inputs if plan is None else outward(plan, plan.flows[plan.flow].parameters, record.inputs)


def config_of(plan: Plan | None, record: RunRecord) -> Mapping[str, object]:
    """The configuration in the same way."""
    return record.config if plan is None else outward(plan, plan.config, record.config)


def _show_text(
    record: RunRecord, status: str, waits: str | None, inputs: Mapping[str, object], steps: list[StepReport]
) -> None:
    print(f"run      {visible(record.id)}\nflow     {visible(record.flow)} ({visible(record.file)})\nstatus   {status}")
    print(f"started  {moment(record.created)}")
    if waits is not None:
        print(f"waits    {waits}")
    if record.ended is not None:
        print(f"ended    {moment(record.ended)}, after {duration(record.ended - record.created)}")
    if record.retries:
        print(f"retries  {record.retries}")
    print(f"inputs   {visible(json.dumps(inputs, ensure_ascii=False))}")
    if steps:
        rows = [(step.key, step.status, str(step.attempts), _took(step)) for step in steps]
        print("\n" + table(("STEP", "STATUS", "ATTEMPTS", "TOOK"), rows), end="")


def _took(step: StepReport) -> str:
    return duration(step.duration_us) + " so far" * step.is_under_way


def _ways_on(record: RunRecord, status: str, expected: list[Wanted], values: Values) -> list[str]:
    """The commands that go on with a run that is not over."""
    resume = command("run --resume", record.id, values=values)
    match status:
        case "interrupted":
            return [f"go on with it: {resume}"]
        case "running":
            return [f"it is under way in another process; wait for its end: {resume}"]
        case "waiting":
            lines = [f"tell it the event {visible(str(each))}: {_emit(each, values)}" for each in expected]
            work = command("work", values=values)
            return [*lines, f"go on with all runs that are due: {work}", f"wait for this one alone: {resume}"]
    return []


def _emit(wanted: Wanted, values: Values) -> str:
    key = () if wanted.key is None else ("--key", wanted.key)
    return command("events emit", wanted.type, *key, "--data", "JSON", values=values)

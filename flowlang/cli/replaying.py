"""`flowlang runs replay`: a new run of the plan that an earlier run was pinned to, with its inputs and configuration,
some of them changed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flowlang.cli import databases
from flowlang.cli.failure import UsageError
from flowlang.cli.running import (
    Task,
    drive,
    listed,
    listed_names,
    named_run,
    pairs,
    read_inputs,
    stored_task,
    warn_of_changes,
)
from flowlang.engines.local import new_run_id
from flowlang.engines.spelling import Misspelt, read_value
from flowlang.runtime.inputs import outward, validate_config
from flowlang.store.runs import NewRun
from flowlang.types.codec import from_json

if TYPE_CHECKING:
    from flowlang.plan.nodes import Plan
    from flowlang.store.sqlite import Store


def replay(store: Store, values: dict[str, Any]) -> int:
    """Start the new run and tell how it ended."""
    record = databases.known(store, values["run"], values)
    named_run(values["run_id"])
    if values["run_id"] == record.id:
        raise UsageError(
            f"--run-id names the new run, and {record.id} is the earlier one; name another, or leave it out"
        )
    problems: list[str] = []
    changed = pairs("--config", values["config"], problems)
    task = stored_task(store, record, {**values, "config": []})
    plan = task.plan
    config = _config(plan, task.config, changed, problems)
    inputs = read_inputs(plan, values, problems, outward(plan, plan.flows[plan.flow].parameters, record.inputs))
    if problems:
        raise UsageError(listed("the run cannot start", problems))
    pinned = {name: value for name, value in config.items() if name in record.config}
    new = NewRun(
        id=values["run_id"] or new_run_id(),
        flow=record.flow,
        file=record.file,
        plan=record.plan,
        body=store.plan_body(record),
        inputs=inputs,
        config=pinned,
        created=time.time_ns() // 1000,
    )
    task = Task(plan, config, pinned, task.file)
    warn_of_changes(record, "the new run has the plan that one began with")
    return drive(store, values, task, new.id, lambda engine: engine.start(new, plan, config))


def _config(plan: Plan, config: dict[str, object], changed: dict[str, str], problems: list[str]) -> dict[str, object]:
    """The configuration with what is changed read as its type wants it."""
    known = {parameter.name: parameter for parameter in plan.config}
    raw: dict[str, object] = {}
    for name, text in changed.items():
        if name not in known:
            problems.append(f"--config {name}: the flow has no such value; it has {listed_names(known)}")
            continue
        try:
            raw[name] = read_value(text, from_json(plan.types[known[name].type]))
        except Misspelt as error:
            reason = "its text cannot be read as its type" if known[name].secret else str(error)
            problems.append(f"config `{name}`: {reason}")
    wanted = plan.replace(config=tuple(each for each in plan.config if each.name in raw))
    checked, found = validate_config(wanted, raw)
    problems += found
    return {**config, **checked}

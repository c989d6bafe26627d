"""One process' part of a run in a simulated world: from a plan to how it ended, or to nothing if the process died."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flowlang.plan.nodes import Plan
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.context import ActionContext
from flowlang.runtime.events import Events
from flowlang.runtime.functions import FUNCTIONS
from flowlang.runtime.inputs import validate_config, validate_inputs
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.interpreter.activity import Parked, Patience
from flowlang.runtime.journal import SharedState
from flowlang.runtime.seam import Seam
from tests.simulation.clock import Clock
from tests.simulation.journal import CrashingJournal
from tests.simulation.transport import ASKING, World


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, as JSON; `status` is 'interrupted' if the process was stopped, 'parked' if it left to go on at
    `wake` (µs). `report`: what else is said.
    """

    status: str
    output: Any
    error: dict[str, Any] | None
    steps: Mapping[str, str]
    report: str
    wake: int = 0


async def execute(
    plan: Plan,
    inputs: Mapping[str, object],
    config: Mapping[str, object],
    clock: Clock,
    world: World,
    journal: CrashingJournal,
    shared: SharedState,
    draw: float,
    stop: float | None = None,
    cancel: float | None = None,
    events: Events | None = None,
    patience: Patience | None = None,
) -> Ended | None:
    """Run until the end, the crash of the journal (null), or the stop; the clock's zero is what times count from."""
    arguments, wrong = validate_inputs(plan, inputs)
    settings, wrong_too = validate_config(plan, config)
    if wrong or wrong_too:
        raise ValueError("; ".join(wrong + wrong_too))
    run = Run(
        plan,
        journal.run_id,
        arguments,
        settings,
        seam=Seam(clock.now, clock.monotonic, clock.sleep, lambda: draw, world, world.call_python, world.find_python),
        journal=journal,
        shared=shared,
        natives=FUNCTIONS,
        actions=_TELLING,
        events=events,
        patience=patience,
    )
    loop = asyncio.get_running_loop()
    if cancel is not None:
        loop.call_at(cancel, run.cancel)
    work = loop.create_task(run.execute())
    crash = loop.create_task(journal.crashed.wait())
    await asyncio.wait(
        {work, crash}, timeout=None if stop is None else max(stop - loop.time(), 0), return_when=asyncio.FIRST_COMPLETED
    )
    if crash.done() or (work.done() and journal.lost):
        world.dead = True
        return None
    if not work.done():
        work.cancel()
        await asyncio.wait({work})
        return Ended("interrupted", None, None, {}, "")
    try:
        return _ended(work.result())
    except Parked as parked:
        return Ended("parked", None, None, {}, "", parked.wake)


def _ended(outcome: Outcome) -> Ended:
    said = [f"outcome unknown: {step}" for step in outcome.unknown]
    said += [f"undo failed: {error.message}" for error in outcome.undo_failures]
    error = None if outcome.error is None else outcome.error.to_json()
    steps = {record.key: record.status for record in outcome.steps}
    return Ended(outcome.status, outcome.output, error, steps, "\n".join(said))


def _telling(body: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    async def told(context: ActionContext, arguments: Mapping[str, object]) -> object:
        ASKING.set((context.step, context.attempt))
        return await body(context, arguments)

    return told


_TELLING = {name: _telling(body) for name, body in ACTIONS.items()}
"""The standard library's actions, telling the world on whose behalf they ask."""

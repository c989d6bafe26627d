"""The worst case is one: no run of a random flow in a slow, failing world takes longer than its plan says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

from hypothesis import example
from hypothesis import strategies as st

from flowlang.plan.duration import WorstCase
from flowlang.plan.nodes import Call, Plan, Step
from flowlang.runtime import errors
from flowlang.runtime.context import ActionContext
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.memory import MemoryJournal, MemoryShared
from flowlang.runtime.seam import Seam
from tests.depth import law
from tests.simulation.clock import Clock, simulate
from tests.simulation.random_flows import random_plan
from tests.simulation.transport import World

SECOND = 1_000_000


def bounded_plan(seed: int) -> Plan:
    """A random plan in which every call has a timeout, and some blocks, steps and flows a deadline."""
    draw = Random(seed)

    def bound(value: Any) -> Any:
        if isinstance(value, Step):
            value = bounded_call(value) if isinstance(value.action, Call) else bounded_block(value)
        if isinstance(value, dict):
            return {key: bound(part) for key, part in value.items()}
        if isinstance(value, tuple):
            return tuple.__new__(type(value), map(bound, value))  # records are tuples
        return value

    def bounded_call(step: Step) -> Step:
        policies = step.policies.replace(timeout=draw.choice((1, 5, 20)) * SECOND)
        if draw.random() < 0.2:
            policies = policies.replace(total=draw.randint(1, 30) * SECOND)
        if policies.retry is not None:
            jitter = draw.choice((0.0, 0.5, 1.0, "full"))
            strategy = draw.choice(("exponential", "linear", "fixed", "none"))
            on = draw.choice((("network", "timeout"), ("network", "timeout", "5xx")))
            policies = policies.replace(retry=policies.retry.replace(jitter=jitter, strategy=strategy, on=on))
        return step.replace(policies=policies)

    def bounded_block(step: Step) -> Step:
        return step.replace(deadline=draw.randint(1, 60) * SECOND) if draw.random() < 0.2 else step

    plan: Plan = bound(random_plan(seed, races=True))
    return plan


class SlowWorld:
    """An effect that takes any time, up to for ever, and fails as it likes, sometimes naming its `Retry-After`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    async def effect(self, context: ActionContext, arguments: Mapping[str, Any]) -> object:
        draw = Random(crc32(f"{self.seed} {context.step} {context.attempt}".encode()))
        await asyncio.sleep(draw.choice((0.0, 0.5, 4.99, 19.99, 1e9)))
        if draw.random() < 0.5:
            busy = errors.http("busy", 503, {"status": 503}, retry_after=draw.choice((None, 1.0, 1e6)))
            raise draw.choice((busy, errors.network("cut", unknown_outcome=True), errors.http("no", 400, None)))
        return draw.randrange(100)


def run(plan: Plan, seed: int) -> tuple[Outcome, float]:
    """A run on the virtual clock, and how long it took."""
    clock, world = Clock(), SlowWorld(seed)

    async def process() -> Outcome:
        seam = Seam(clock.now, clock.monotonic, clock.sleep, lambda: 1.0, World(clock), _nothing, _nothing)
        journal, actions = MemoryJournal("run"), {"test.effect": world.effect}
        return await Run(
            plan, "run", {"p": 1}, {}, seam=seam, journal=journal, shared=MemoryShared(), natives={}, actions=actions
        ).execute()

    return simulate(clock, process), clock.seconds


def _nothing(*_: object) -> Any:
    raise LookupError("nothing is called here")


@law(st.integers(0, 2**20), usual=50, soak=2000)
@example(952)  # a deadline passes in a handler whose steps are undone after it
@example(19826)  # a block that fails with an unknown outcome is undone inside, then itself
def test_no_run_takes_longer_than_the_worst_case(seed: int) -> None:
    plan = bounded_plan(seed)
    bound = WorstCase(plan).flow(plan.flow)
    assert bound.micros is not None, bound.reason
    outcome, seconds = run(plan, seed)
    assert seconds <= bound.micros / SECOND + 0.001, (outcome.status, seconds, bound)

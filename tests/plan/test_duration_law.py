"""The worst case is one: no run of a random flow in a slow, failing world takes longer than its plan says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowlang.plan.duration import WorstCase
from flowlang.plan.nodes import Plan
from flowlang.plan.shape import decode, encode
from flowlang.runtime import errors
from flowlang.runtime.context import ActionContext
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.memory import MemoryJournal, MemoryShared
from flowlang.runtime.seam import Seam
from tests.simulation.clock import Clock, simulate
from tests.simulation.random_flows import random_plan
from tests.simulation.transport import World

SECOND = 1_000_000


def bounded_plan(seed: int) -> Plan:
    """A random plan in which every call has a timeout, and some blocks, steps and flows a deadline."""
    draw = Random(seed)

    def bound(data: Any) -> None:
        if isinstance(data, dict):
            if data.get("action", {}).get("kind") == "call" if isinstance(data.get("action"), dict) else False:
                policies = data.setdefault("policies", {})
                policies["timeout"] = draw.choice((1, 5, 20)) * SECOND
                if draw.random() < 0.2:
                    policies["total"] = draw.randint(1, 30) * SECOND
                if "retry" in policies:
                    policies["retry"]["jitter"] = draw.choice((0.0, 0.5, 1.0, "full"))
                    policies["retry"]["strategy"] = draw.choice(("exponential", "linear", "fixed", "none"))
                    policies["retry"]["on"] = draw.choice((["network", "timeout"], ["network", "timeout", "5xx"]))
            elif isinstance(data.get("action"), dict) and draw.random() < 0.2:
                data["deadline"] = draw.randint(1, 60) * SECOND
            for value in data.values():
                bound(value)
        elif isinstance(data, list):
            for value in data:
                bound(value)

    document = encode(random_plan(seed, races=True))
    bound(document)
    plan: Plan = decode(Plan, document)
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


@settings(max_examples=150)
@given(st.integers(0, 2**20))
@example(952)  # a deadline passes in a handler whose steps are undone after it
@example(19826)  # a block that fails with an unknown outcome is undone inside, then itself
def test_no_run_takes_longer_than_the_worst_case(seed: int) -> None:
    plan = bounded_plan(seed)
    bound = WorstCase(plan).flow(plan.flow)
    assert bound.micros is not None, bound.reason
    outcome, seconds = run(plan, seed)
    assert seconds <= bound.micros / SECOND + 0.001, (outcome.status, seconds, bound)

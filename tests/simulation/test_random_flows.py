"""Random flows, crashed at every entry of their journal: nothing journaled is done again, and they end soundly."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.plan.nodes import Plan
from flowlang.plan.verify import verify
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.memory import MemoryShared
from flowlang.runtime.seam import Seam
from flowlang.store.history import Row
from tests.simulation.clock import Clock, simulate
from tests.simulation.journal import CrashingJournal, Rows
from tests.simulation.random_flows import FixedWorld, Told, random_plan
from tests.simulation.transport import World

ENDS = ("value", "failed", "handled")


def run_once(plan: Plan, world: FixedWorld, rows: Rows, clock: Clock, limit: int | None) -> Outcome | None:
    """One process: the run's end, or null if it died after so many entries."""
    journal = CrashingJournal(rows, "run", limit)
    seam = Seam(clock.now, clock.monotonic, clock.sleep, lambda: 0.5, World(clock), _no_python, _no_function)

    async def process() -> Outcome | None:
        actions = {"test.effect": world.effect}
        run = Run(
            plan, "run", {"p": 1}, {}, seam=seam, journal=journal, shared=MemoryShared(), natives={}, actions=actions
        )
        work = asyncio.create_task(run.execute())
        crash = asyncio.create_task(journal.crashed.wait())
        await asyncio.wait({work, crash}, return_when=asyncio.FIRST_COMPLETED)
        if crash.done() or journal.lost:
            world.told.dead = True
            return None
        return work.result()

    return simulate(clock, process)


async def _no_python(target: str, arguments: Any) -> object:
    raise LookupError(target)


def _no_function(target: str) -> Any:
    raise LookupError(target)


def said(outcome: Outcome) -> Any:
    """What an outcome says, without the times."""
    error = None if outcome.error is None else (outcome.error.kind, outcome.error.step, outcome.error.message)
    return outcome.status, outcome.output, error, sorted(outcome.unknown)


def ended_before(rows: list[Row]) -> dict[str, str]:
    return {row.entry.key: row.entry.kind for row in rows if row.entry.kind in ENDS}


def check_undos(plan: Plan, outcome: Outcome, rows: Rows) -> None:
    """In a run that failed, what was done and can be undone was undone, once."""
    undone = Counter(row.entry.key for row in rows.rows if row.entry.kind == "undone")
    assert all(count == 1 for count in undone.values())
    if outcome.status == "succeeded":
        return
    kinds = {(row.entry.key, row.entry.kind) for row in rows.rows}
    for record in outcome.steps:
        if record.status == "succeeded" and (record.key, "undone") not in kinds and _has_undo(plan, record.key):
            raise AssertionError(f"{record.key} was not undone")


def _has_undo(plan: Plan, path: str) -> bool:
    return (
        False
        if "/" in path or "." in path or "[" in path
        else any(step.key == path and step.undo is not None for step in plan.flows["main"].body.nodes)
    )


def crash_everywhere(seed: int, failures: float, races: bool, most: int = 60) -> None:
    plan = random_plan(seed, races)
    verify(plan)
    world, rows = FixedWorld(seed, failures), Rows()
    reference = run_once(plan, world, rows, Clock(), None)
    assert reference is not None
    check_undos(plan, reference, rows)
    total = len(rows.rows)
    for limit in range(min(total, most)):
        world, rows, clock = FixedWorld(seed, failures), Rows(), Clock()
        assert run_once(plan, world, rows, clock, limit) is None
        known = ended_before(rows.rows)
        before, world.told = world.told, Told()
        outcome = run_once(plan, world, rows, clock, None)
        assert outcome is not None
        again = {path for path, _, _ in world.told.started} & known.keys()
        assert not again, f"journaled steps were executed again: {again}"
        keys: dict[str, set[str]] = {}
        for path, _, key in (*before.started, *world.told.started):
            keys.setdefault(path, set()).add(key)
        check_undos(plan, outcome, rows)
        if not failures:
            assert said(outcome) == said(reference)


@given(st.integers(0, 2**20))
@settings(max_examples=40)
def test_flows_without_failures_end_alike_after_a_crash_anywhere(seed: int) -> None:
    crash_everywhere(seed, 0.0, races=False)


@given(st.integers(0, 2**20))
@settings(max_examples=60)
def test_flows_with_failures_do_nothing_twice(seed: int) -> None:
    crash_everywhere(seed, 0.25, races=True)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_flows_with_many_failures_end(share: float) -> None:
    for seed in range(60):
        crash_everywhere(seed, share, races=True, most=8)

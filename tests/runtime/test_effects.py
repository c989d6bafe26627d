"""What stands before and after a call, whether its step is bare or not: the journal, cutting off, its failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from flowlang.compiler.lower import lower
from flowlang.compiler.pipeline import check_text
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.functions import FUNCTIONS
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.journal import Entry
from flowlang.runtime.memory import MemoryJournal, MemoryShared
from flowlang.runtime.seam import NetworkError, Seam
from tests.simulation.clock import Clock, simulate
from tests.simulation.transport import World

FLOW = """\
action act(i: int) -> int = python('m:act')

flow f(x: int) -> int {{
  {policy}
  step a = act(i=x)
  {policy}
  step b = act(i=a)
  return b
}}
"""
POLICIES = pytest.mark.parametrize("policy", ["", "@timeout(1h)"], ids=["bare", "bounded"])
Act = Callable[[int], Awaitable[object]]


class Held(MemoryJournal):
    """A journal in which an entry is durable once somebody has waited for it."""

    durable = 0

    async def committed(self) -> None:
        await asyncio.sleep(0)
        self.durable = len(self.written)


def played(policy: str, act: Act, journal: MemoryJournal, begun: Callable[[Run], object] = id) -> Outcome:
    """The outcome of the flow for 1; `begun` is given the run before it begins."""
    program = check_text(FLOW.format(policy=policy), "f.flow")
    assert not [found for found in program.diagnostics if found.severity == "error"]

    def call(target: str, arguments: Mapping[str, Any]) -> Awaitable[object]:
        return act(arguments["i"])

    clock = Clock()

    async def work() -> Outcome:
        seam = Seam(clock.now, clock.monotonic, clock.sleep, lambda: 0.5, World(clock), call, lambda target: act)
        run = Run(
            lower(program), "r", {"x": 1}, {}, seam=seam, journal=journal, shared=MemoryShared(),
            natives=FUNCTIONS, actions=ACTIONS,
        )  # fmt: skip
        begun(run)
        return await run.execute()

    return simulate(clock, work)


@POLICIES
def test_an_effect_starts_when_what_it_uses_is_durable(policy: str) -> None:
    journal, durable = Held("r"), []

    async def act(i: int) -> int:
        durable.append(journal.durable)
        return i + 1

    assert played(policy, act, journal).output == 3
    assert durable == [0, 1]


@POLICIES
def test_a_cancelled_effect_may_have_happened(policy: str) -> None:
    async def act(i: int) -> int:
        await asyncio.sleep(3600)
        return i

    outcome = played(policy, act, MemoryJournal("r"), lambda run: asyncio.get_running_loop().call_later(1, run.cancel))
    assert (outcome.status, outcome.unknown) == ("cancelled", ["a"])


@POLICIES
def test_an_effect_cannot_swallow_that_it_is_cut_off(policy: str) -> None:
    journal = MemoryJournal("r")

    async def act(i: int) -> int:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return i
        return i

    outcome = played(policy, act, journal, lambda run: asyncio.get_running_loop().call_later(1, run.cancel))
    assert (outcome.status, outcome.unknown) == ("cancelled", ["a"])
    assert [entry.kind for entry in journal.written if entry.key == "a"] != ["value"]


@POLICIES
@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (NetworkError("refused", False), "network", "refused"),
        (ZeroDivisionError("division by zero"), "failed", "m:act raised ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_of_the_world_is_a_failure(policy: str, raised: Exception, kind: str, message: str) -> None:
    async def act(i: int) -> int:
        raise raised

    error = played(policy, act, MemoryJournal("r")).error
    assert error is not None
    assert (error.kind, error.message, error.step, error.attempt) == (kind, message, "a", 1)


@POLICIES
def test_a_result_that_is_not_of_its_type_is_no_value(policy: str) -> None:
    async def act(i: int) -> str:
        return "one"

    journal = MemoryJournal("r")
    error = played(policy, act, journal).error
    assert error is not None
    assert error.message == "the result of m:act: expected an int, got text 'one'"
    assert error.unknown_outcome
    assert not [entry for entry in journal.written if isinstance(entry, Entry) and entry.kind == "value"]

"""What stands before and after a call, whether its step is bare or not: the journal, cutting off, its failure."""

from __future__ import annotations

import asyncio
import gc
import weakref
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
from flowlang.runtime.seam import NetworkError, Seam, Unsent
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

    async def committed(self, at_work: int = 1) -> None:
        await asyncio.sleep(0)
        self.durable = len(self.written)


def played(
    policy: str,
    act: Act,
    journal: MemoryJournal,
    begun: Callable[[Run], object] = id,
    text: str = FLOW,
    clock: Clock | None = None,
) -> Outcome:
    """The outcome of the flow for 1; `begun` is given the run before it begins."""
    program = check_text(text.format(policy=policy), "f.flow")
    assert {found.rule for found in program.diagnostics if found.severity == "error"} <= {"conflicting-annotations"}

    def call(target: str, arguments: Mapping[str, Any]) -> Awaitable[object]:
        return act(arguments["i"])

    clock = clock or Clock()

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
        durable.append([entry.key for entry in journal.written[: journal.durable] if entry.kind == "value"])
        return i + 1

    assert played(policy, act, journal).output == 3
    assert durable == [[], ["a"]]


@POLICIES
def test_a_run_that_has_ended_leaves_nothing_to_the_collector(policy: str) -> None:
    journal = MemoryJournal("r")
    held = weakref.ref(journal)

    async def act(i: int) -> int:
        return i

    gc.disable()
    try:
        played(policy, act, journal)
        del journal
        assert held() is None
    finally:
        gc.enable()


@POLICIES
def test_a_cancelled_effect_may_have_happened(policy: str) -> None:
    async def act(i: int) -> int:
        await asyncio.sleep(3600)
        return i

    outcome = played(policy, act, MemoryJournal("r"), lambda run: asyncio.get_running_loop().call_later(1, run.cancel))
    assert (outcome.status, outcome.unknown) == ("cancelled", ["a"])


@POLICIES
def test_a_cancelled_effect_that_was_never_sent_has_not_happened(policy: str) -> None:
    journal = MemoryJournal("r")

    async def act(i: int) -> int:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise Unsent("there was no connection") from None
        return i

    outcome = played(policy, act, journal, lambda run: asyncio.get_running_loop().call_later(1, run.cancel))
    assert (outcome.status, outcome.unknown) == ("cancelled", [])
    assert "unknown" not in [entry.kind for entry in journal.written]


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
        (KeyError("\ud800"), "failed", "m:act raised KeyError: '\\ud800'"),
        (ValueError("\ud800"), "failed", "m:act raised ValueError: \\ud800"),
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


# The checker refuses both of these flows; a run of before may be pinned to a plan of such a one.

UNDONE = """\
action act(i: int) -> int = python('m:act')

flow f(x: int) -> int {{
  {policy}
  step a = act(i=x)
    undo {{ do act(i=-a) }}
  {policy}
  step b = act(i=x)
    after a
    undo {{ do act(i=-b) }}
  return fail('no')
}}
"""


def test_a_value_that_may_be_undone_is_not_reused() -> None:
    seen = []

    async def act(i: int) -> int:
        seen.append(i)
        return len(seen)

    assert played("@cache(ttl=1h)", act, MemoryJournal("r"), text=UNDONE).status == "failed"
    assert seen == [1, 1, -2, -1]


POLLED = """\
action act(i: int) -> int = python('m:act')

flow f(x: int) -> int {{
  {policy}
  step a = act(i=x)
    until a > 2 every 1s for 1m
  return a
}}
"""


def test_each_poll_is_started_once() -> None:
    seen = []

    async def act(i: int) -> int:
        seen.append(i)
        return len(seen)

    journal = MemoryJournal("r")
    assert played("@once", act, journal, text=POLLED).output == 3
    between = next(i for i, entry in enumerate(journal.written) if entry.kind == "poll")
    del seen[1:]
    resumed = MemoryJournal("r", journal.written[: between + 1])
    assert played("@once", act, resumed, text=POLLED).output == 3
    within = MemoryJournal("r", journal.written[: between + 2])
    error = played("@once", act, within, text=POLLED).error
    assert error is not None
    assert error.code == "outcome_unknown"


HALF = """\
import http

action act(i: any) -> string = python('m:act')

flow f(x: int) -> string {{
  step a = act(i=x)
  {policy}
    after a
  return a
}}
"""


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ('step b = http.get("http://a.test/{{ a }}").json', "what is to stand in a URL"),
        ("@rate_limit(10, per=1s, key=a)\n  step b = act(i=x)", "a key"),
        ("@breaker(failures=3, key=a)\n  step b = act(i=x)", "a key"),
        ("step b = for k, v in { [a]: 1 } {\n    do act(i=v)\n  }", "a key of the map"),
    ],
)
def test_half_a_surrogate_pair_in_a_journal_of_before_is_a_fault_where_it_is_used(step: str, what: str) -> None:
    async def act(i: int) -> str:
        return "x"

    journal = MemoryJournal("r", [Entry("a", "value", {"value": "\ud800"}, 1, 1, 1)])
    error = played(step, act, journal, text=HALF).error
    assert error is not None
    assert (error.kind, error.step) == ("fault", "b")
    assert error.message == f"{what} is not Unicode: it holds half a surrogate pair"


LIMITED = """\
action act(i: int) -> int = python('m:act')

flow f(x: int) -> int {{
  {policy}
  step all = for i in range(6) {{
    step a = act(i=i)
    yield a
  }}
  return x
}}
"""


def test_a_rate_limit_holds_though_the_program_was_busy_while_turns_came() -> None:
    clock, began = Clock(), list[float]()

    async def act(i: int) -> int:
        began.append(clock.seconds)
        if len(began) == 2:
            clock.seconds += 2  # as if something was imported, or computed, for so long
        return i

    assert played("@rate_limit(2, per=400ms)", act, MemoryJournal("r"), text=LIMITED, clock=clock).output == 1
    assert [round(at, 6) for at in began] == [0, 0, 2, 2, 2.4, 2.4]

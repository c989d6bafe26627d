"""Worst cases, computed by hand beside."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.plan.duration import WorstCase, length_of, longest_waits
from flowlang.plan.nodes import (
    Call,
    FlowCall,
    ForBlock,
    Handler,
    IfBlock,
    ParallelBlock,
    Plan,
    Poll,
    Pure,
    RaceBlock,
    RepeatBlock,
    Step,
)
from tests.plan.plans import RETRY, SECOND, block, body, call, make_plan


def worst(*steps: Step, **fields: Any) -> int | None:
    plan = make_plan(*steps, **fields)
    return WorstCase(plan).flow("f").micros


def reason(*steps: Step) -> str:
    found = WorstCase(make_plan(*steps)).flow("f")
    assert found.micros is None
    return found.reason


def test_attempts_and_their_waits() -> None:
    # 3 attempts of 1 s; waits 1 s and 2 s, each half longer by jitter.
    assert worst(call(retry=RETRY)) == 3 * SECOND + 1_500_000 + 3_000_000
    assert worst(call(retry=RETRY, total=4 * SECOND)) == 4 * SECOND
    # A server that may answer 429 may ask for `max_delay` each time.
    told = RETRY.replace(on=("5xx",))
    assert worst(call(retry=told)) == 3 * SECOND + 2 * 30 * SECOND
    assert longest_waits(told, retry_after=False) == 4_500_000


@pytest.mark.parametrize(
    ("strategy", "waits"),
    [("none", 0), ("fixed", 2 * 1_500_000), ("linear", 1_500_000 + 3_000_000), ("exponential", 1_500_000 + 3_000_000)],
)
def test_strategies(strategy: str, waits: int) -> None:
    assert longest_waits(RETRY.replace(strategy=strategy)) == waits


@given(st.integers(1, 40), st.integers(0, 10**7), st.integers(0, 10**8), st.floats(1, 3), st.floats(0, 1))
def test_waits_are_the_sum_of_their_formula(
    attempts: int, delay: int, most: int, multiplier: float, jitter: float
) -> None:
    policy = RETRY.replace(attempts=attempts, delay=delay, max_delay=most, multiplier=multiplier, jitter=jitter)
    exact = [delay * Fraction(multiplier) ** n * (1 + Fraction(jitter)) for n in range(attempts - 1)]
    assert longest_waits(policy) == sum(min(most, -(-e.numerator // e.denominator)) for e in exact)


def test_a_million_attempts_take_no_time_to_add_up() -> None:
    many = RETRY.replace(attempts=1_000_000)
    assert (
        longest_waits(many) == 1_500_000 + 3_000_000 + 6_000_000 + 12_000_000 + 24_000_000 + (999_999 - 5) * 30 * SECOND
    )
    assert longest_waits(many.replace(multiplier=0.5)) <= 999_999 * 30 * SECOND


def test_the_critical_path_counts() -> None:
    a, b, c = call("a", timeout=3), call("b", timeout=10), call("c", "a", timeout=4)
    assert worst(a, b, c) == 10
    assert worst(a, b, c.replace(needs=("a", "b"))) == 14
    together = body(a, b, c)
    assert worst(block("p", ParallelBlock(together, 1))) == 17
    # Two at once: the path of 10 and half of the other 7.
    assert worst(block("p", ParallelBlock(together, 2))) == 14


def test_blocks() -> None:
    ten, four = body(call("x", timeout=10)), body(call("y", timeout=4))
    assert worst(block("i", IfBlock(((["lit", True], four),), ten))) == 10
    both = body(call("x", timeout=10), call("y", timeout=4))
    assert worst(block("p", ParallelBlock(both, None))) == 10
    assert worst(block("p", ParallelBlock(both.replace(sequential=True), 1))) == 14
    assert worst(block("r", RaceBlock(both))) == 10
    assert worst(block("r", RepeatBlock("c", ["lit", 1], four, 25))) == 100


def test_a_loop_has_a_bound_if_its_length_is_known() -> None:
    items = ["list", [["lit", i] for i in range(7)]]
    ten = body(call("x", timeout=10))
    assert worst(block("l", ForBlock(("i",), items, False, ten, 3))) == 30
    assert worst(block("l", ForBlock(("i",), ["const", "k"], False, ten, 7)), constants={"k": items}) == 10
    unknown = block("l", ForBlock(("i",), ["ref", "p"], False, ten, 3))
    assert reason(unknown) == "a `for` over a list of unknown length"
    item = WorstCase(make_plan(unknown)).step(unknown).item
    assert item is not None
    assert item.micros == 10
    assert worst(unknown.replace(deadline=70)) == 70
    assert worst(block("l", ForBlock(("i",), ["ref", "p"], False, body(block("x", Pure(["lit", 1]))), 3))) == 0


@pytest.mark.parametrize(
    ("expr", "length"),
    [
        (["list", [["lit", 1]]], 1),
        (["map", [[["lit", "a"], ["lit", 1]]]], 1),
        (["map", [["**", ["ref", "p"]]]], None),
        (["check", ["list", []], 0], 0),
        (["ref", "p"], None),
    ],
)
def test_lengths(expr: list[Any], length: int | None) -> None:
    assert length_of(make_plan(), expr) == length


def test_handlers_and_undos_come_on_top() -> None:
    handler = Handler((), None, None, body(call("h", timeout=5)))
    assert worst(call("a", timeout=10, handlers=(handler,))) == 15
    assert worst(call("a", timeout=10), handlers=(handler,)) == 15
    undo = body(call("u", timeout=7))
    assert worst(call("a", timeout=10, undo=undo), call("b", timeout=2, undo=undo)) == 24
    # The deadline bounds the body; undos run outside it.
    assert worst(call("a", timeout=10, undo=undo), deadline=3) == 10
    loop = ForBlock(("i",), ["list", [["lit", 1]] * 4], False, body(call("a", timeout=10, undo=undo)), 2)
    assert worst(block("l", loop)) == 20 + 28


def test_waits_and_polls() -> None:
    def wait(expr: list[Any]) -> Step:
        return Step("w", "w", Call("time.wait", None, (("duration", expr),), None, "wait", False, None, None))

    assert worst(wait(["lit", 90])) == 90
    assert "known only when it runs" in reason(wait(["ref", "p"]))
    poll = Poll(["lit", True], ["lit", 5], ["lit", 600])
    assert worst(call("a", poll=poll)) == 600
    assert worst(call("a", total=70, poll=poll.replace(limit=None))) == 70
    assert "polls without a limit" in reason(call("a", poll=poll.replace(limit=None)))
    assert reason(call("a", timeout=None)) == "`a` has no timeout"


def test_called_flows() -> None:
    plan: Plan = make_plan(call("a", timeout=10, undo=body(call("u", timeout=3))))
    called = plan.flows["f"].replace(name="g")
    twice = make_plan(*(block(k, FlowCall("g", (("p", ["lit", 1]),), None)) for k in ("x", "y")))
    assert WorstCase(twice.replace(flows={**twice.flows, "g": called})).flow("f").micros == 10 + 6

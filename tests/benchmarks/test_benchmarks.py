"""What is measured is what is meant: sources that check clean, limits that gate."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks import evaluating
from benchmarks.calling import SOURCE as CALLS
from benchmarks.figures import Figure, table
from benchmarks.measure import TURN, interleaved_async
from benchmarks.parking import SOURCE as PARKED
from benchmarks.running import chain_source, fan_source, loop_source
from benchmarks.sources import source
from flowlang.compiler.pipeline import check_text


@pytest.mark.parametrize("lines", [100, 1000])
def test_generated_sources_check_clean_and_have_their_length(lines: int) -> None:
    text = source(lines)
    assert abs(text.count("\n") - lines) <= 30
    assert not check_text(text, "bench.flow").diagnostics


@pytest.mark.parametrize(
    "text", [chain_source(True), chain_source(False), fan_source(10), loop_source(), CALLS, PARKED]
)
def test_flows_that_are_run_have_no_errors(text: str) -> None:
    assert not [found for found in check_text(text, "bench.flow").diagnostics if found.severity == "error"]


@pytest.mark.parametrize("template", [evaluating.SHORT, evaluating.DOCUMENT])
def test_templates_give_the_text_that_they_are_measured_beside(template: str) -> None:
    evaluate, _ = evaluating.returned(evaluating.rendering(template), evaluating.VALUES)
    assert evaluate() == evaluating.theirs(template)()


def test_an_expression_gives_what_the_python_beside_it_gives() -> None:
    evaluate, budget = evaluating.returned({"bench.flow": evaluating.COMPUTED}, evaluating.LINES)
    assert evaluate() == evaluating.computed(evaluating.LINES["lines"])
    assert budget.units - budget.left > 10_000


def test_a_figure_is_missed_beyond_its_bound() -> None:
    assert not Figure("a", 10, "ms", 2, "x", most_times=5).missed
    assert Figure("a", 10.1, "ms", 2, "x", most_times=5).missed
    assert not Figure("a", 10, "ms", most=10).missed
    assert Figure("a", 11, "ms", most=10).missed
    assert not Figure("a", 11, "ms").missed
    assert "missed" in table([Figure("a", 11, "ms", most=10)])


def test_a_short_case_is_run_many_times_in_its_turn_and_a_long_one_once() -> None:
    order = []

    async def run(name: str, turns: float) -> float:
        order.append(name)
        return turns * TURN

    cases = {"short": lambda: run("short", 0.4), "long": lambda: run("long", 2.0)}
    medians = asyncio.run(interleaved_async(cases, 1))
    assert order == 2 * (["short"] * 3 + ["long"])
    assert medians == {"short": 0.4 * TURN, "long": 2 * TURN}

"""Small files that describe much: the work of a check grows with the text, not with what the text describes."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from tests.counted import growth
from tests.fuzz.doubling import DOUBLINGS


@pytest.mark.parametrize("name", DOUBLINGS)
def test_what_doubles_with_each_line_costs_no_more_than_its_lines(name: str) -> None:
    assert growth(lambda size: check_text(DOUBLINGS[name](size), "a.flow"), 60) < 3.5


@pytest.mark.parametrize("text", ["@", ";", "SG.", ":AA", "sk-"])
def test_a_sign_very_often_costs_linear_work(text: str) -> None:
    assert growth(lambda size: check_text(text * size, "a.flow"), 1000) < 2.5


def test_very_long_names_are_not_compared_letter_by_letter() -> None:
    def text(size: int) -> str:
        return f"flow f() -> any {{\n  let {'ab' * size} = 1\n  let b = {'ba' * size}c\n  return b\n}}\n"

    assert growth(lambda size: check_text(text(size), "a.flow"), 5000) < 2.5


def test_steps_that_wait_for_all_before_them_cost_no_more_than_their_names() -> None:
    def text(size: int) -> str:
        steps = [f"  step s{n} = n" + " after " * bool(n) + ", ".join(f"s{m}" for m in range(n)) for n in range(size)]
        return "\n".join(["flow f(n: int) -> int {", *steps, "  return 1", "}\n"])

    assert growth(lambda size: check_text(text(size), "a.flow"), 30) < 5

"""How many states a pattern is taken to have, and what a check against it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowlang.types.check import checker
from flowlang.types.model import Field, List, Map, NoneType, RecordOf, Secret, String, Union
from flowlang.types.searches import of_match, states

if TYPE_CHECKING:
    from flowlang.types.model import Type


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("abc", 3), (r"\d{4}-\d{2}", 49), (r"\w{200}x", 1601), ("(a|b|ab)*c", 5), ("((a{10}){10}){10}", 1000),
        ("a{0}b", 1), ("a{2,}b", 3), ("a{2,5}b", 6), ("[]a]{3}", 24), (r"[^\]]{2}", 16), (r"\p{L}{20}", 160),
        ("(", 1), ("{3}", 1), (")", 1), ("", 1), ("a{99999999}", 999999),
    ],
)  # fmt: skip
def test_states(pattern: str, count: int) -> None:
    assert states(pattern) == count


def test_a_search_costs_text_times_states() -> None:
    assert of_match("x" * 64_000, "abcd") == 4 + 4000
    assert of_match(5, "a") == of_match("a", None) == 0


HEAVY = "([a-z]{0,50} ?){0,40}c"
"""16,000 states, near the most that compile: 40,000 characters take ten million units."""


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (String(pattern=HEAVY), "a" * 100_000),
        (List(String(pattern=HEAVY)), ["a" * 1000] * 100),
        (Map(String(pattern=HEAVY)), {str(n): "a" * 1000 for n in range(100)}),
        (RecordOf("R", (Field("a", Secret(String(pattern=HEAVY))),)), {"a": "a" * 100_000}),
        (Union((NoneType(), String(pattern=HEAVY))), "a" * 100_000),
    ],
)
def test_a_check_that_would_search_for_long_is_refused_before_it_begins(of: Type, value: object) -> None:
    _, problems = checker(of).check(value)
    assert [problem.message for problem in problems] == [
        "matching the patterns of its type takes more than 10,000,000 units of work"
    ]


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (String(pattern=HEAVY), "a" * 100 + "c"),
        (String(pattern="^[a-z]{3}(-[0-9])?$"), "abc-1"),
        (String(max_length=100, pattern=HEAVY), "c"),
        (RecordOf("R", (Field("a", String(pattern=HEAVY)), Field("b", String()))), {"a": "c", "b": "a" * 1_000_000}),
    ],
)
def test_a_check_that_searches_little_is_made(of: Type, value: object) -> None:
    assert checker(of).check(value) == (value, [])


def test_a_text_that_is_too_long_is_not_searched() -> None:
    _, problems = checker(String(max_length=100, pattern=HEAVY)).check("a" * 100_000)
    assert [problem.message for problem in problems] == ["100000 characters, more than 100"]

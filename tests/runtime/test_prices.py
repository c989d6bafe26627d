"""How many states a pattern is taken to have."""

from __future__ import annotations

import pytest

from flowlang.runtime.functions.prices import of_match, states


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

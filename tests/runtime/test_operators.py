"""The operators that the checker may pick are those that the evaluator knows, and they do what the language says."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.plan.nodes import Limits
from flowlang.runtime.budget import Budget
from flowlang.runtime.errors import RunError
from flowlang.runtime.operations import COMPARISONS, NEGATIONS, OPERATIONS, comparison
from flowlang.semantics.operators import OPERATORS
from flowlang.types.constraints import INT_MAX, INT_MIN

LOWERED = {"concat", "not"}
"""Operators that the plan writes as expressions of their own."""


def test_every_operator_of_the_checker_is_known() -> None:
    for name in OPERATORS - LOWERED:
        if name in OPERATIONS or name in NEGATIONS:
            continue
        assert comparison(name) in COMPARISONS.values(), name


def test_the_evaluator_knows_no_others() -> None:
    assert set(OPERATIONS) <= OPERATORS
    assert {name for name in NEGATIONS if name.startswith("neg_") or name == "pos"} <= OPERATORS


def apply(name: str, a: Any, b: Any) -> Any:
    return OPERATIONS[name](a, b, Budget(Limits()))


@pytest.mark.parametrize(
    ("name", "a", "b", "result"),
    [
        ("add_int", 2, 3, 5),
        ("div", 1, 2, 0.5),
        ("floordiv_int", -7, 2, -4),
        ("mod_int", -7, 2, 1),
        ("pow_int", 2, 62, 2**62),
        ("add_float", 1, 0.5, 1.5),
        ("pow_float", 2, -1.0, 0.5),
        ("add_text", "a", "b", "ab"),
        ("mul_int_text", 3, "ab", "ababab"),
        ("add_list", [1], [2], [1, 2]),
        ("add_any", 1, 2.5, 3.5),
        ("mul_any", [0], 2, [0, 0]),
        ("add_datetime_duration", "2026-02-28T23:59:59.500000Z", 1_000_000, "2026-03-01T00:00:00.500000Z"),
        ("sub_datetime", "2026-01-02T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z", 86_400_000_000),
        ("add_date_duration", "2026-02-28", 86_400_000_000, "2026-03-01"),
        ("mul_duration", 1_000_000, 1.5, 1_500_000),
        ("div_duration", 90_000_000, 60_000_000, 1.5),
        ("floordiv_duration", 90_000_000, 60_000_000, 1),
    ],
)
def test_what_operators_give(name: str, a: Any, b: Any, result: Any) -> None:
    found = apply(name, a, b)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("name", "a", "b", "message"),
    [
        ("add_int", INT_MAX, 1, "64 bits"),
        ("floordiv_int", INT_MIN, -1, "64 bits"),
        ("pow_int", 10, 1_000_000, "64 bits"),
        ("pow_int", 2, -1, "negative exponent"),
        ("mod_int", 1, 0, "division by zero"),
        ("div", 1, 0, "division by zero"),
        ("mul_float", 1e200, 1e200, "finite"),
        ("pow_float", -1, 0.5, "finite"),
        ("add_int", True, 1, "a bool and an int"),
        ("add_any", True, 1, "a bool and an int"),
        ("add_any", None, 1, "none and an int"),
        ("mul_text", "a" * 1000, 10**9, "longer than"),
        ("mul_list", [1], 10**9, "items"),
        ("add_date_duration", "2026-02-28", 1, "whole days"),
        ("add_datetime_duration", "9999-12-31T00:00:00.000000Z", INT_MAX // 2, "years 1 to 9999"),
    ],
)
def test_what_has_no_value_is_a_fault(name: str, a: Any, b: Any, message: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        apply(name, a, b)
    assert caught.value.kind == "fault"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, {"a": [True]}], [1.0, {"a": [True]}], True),
        ([1], [True], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        (None, False, False),
        ("1", 1, False),
    ],
)
def test_equality_is_that_of_json(a: Any, b: Any, same: bool) -> None:
    budget = Budget(Limits())
    assert COMPARISONS["=="](a, b, budget) is same
    assert COMPARISONS["!="](b, a, budget) is not same
    assert COMPARISONS["in"](a, [b], budget) is same

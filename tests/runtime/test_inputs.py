"""Inputs and configuration: everything that is wrong is said at once, before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.plan import nodes
from flowlang.plan.nodes import Flow, Limits, Parameter, Plan, Scope
from flowlang.runtime.inputs import InvalidInputs, read_inputs, read_text

TYPES = (
    ["string", {"min_length": 2}],
    ["int", {"ge": 0}],
    "bool",
    ["secret", "string"],
    ["union", ["duration", "none"]],
    ["list", "int"],
)
PARAMETERS = (
    Parameter("name", 0),
    Parameter("count", 1, ["lit", 3]),
    Parameter("dry", 2, ["lit", False]),
    Parameter("wait", 4),
    Parameter("many", 5, ["list", [["ref", "count"]]]),
)
CONFIG = (Parameter("token", 3, secret=True), Parameter("most", 1, ["lit", 9]))


def plan() -> Plan:
    flow = Flow("main", PARAMETERS, (), Scope((), (), None), (), None)
    return Plan(nodes.FORMAT, nodes.EVALUATOR, "main", {"main": flow}, TYPES, CONFIG, {}, {}, {}, Limits(), {}, {})


def test_defaults_are_filled_in_and_values_are_brought_into_shape() -> None:
    inputs, config = read_inputs(plan(), {"name": "bo", "wait": "PT5S", "count": 4.0}, {"token": "t", "other": 1})
    assert inputs == {"name": "bo", "count": 4, "dry": False, "wait": 5_000_000, "many": [4]}
    assert config == {"token": "t", "most": 9}


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(InvalidInputs) as caught:
        read_inputs(plan(), {"name": "b", "count": -1, "dri": True, "many": [1, "x"]}, {"token": 5})
    text = "\n".join(caught.value.problems)
    assert "input `dri` is not known" in text
    assert "input `name`:" in text
    assert "input `count`:" in text
    assert "input `many[1]`: expected an int" in text
    assert "config `token`:" in text
    assert len(caught.value.problems) == 5


@pytest.mark.parametrize("wait", [5, 0.5, 5_000_000])
def test_a_number_is_no_duration(wait: object) -> None:
    with pytest.raises(
        InvalidInputs, match="input `wait`: expected a duration such as 30s or PT1H30M, written as text"
    ):
        read_inputs(plan(), {"name": "bo", "wait": wait}, {"token": "t"})


def test_what_is_missing_is_said() -> None:
    with pytest.raises(InvalidInputs, match="input `name` is missing; config `token` is missing"):
        read_inputs(plan(), {}, {})


def test_a_secret_is_not_shown() -> None:
    with pytest.raises(InvalidInputs) as caught:
        read_inputs(plan(), {"name": "bo"}, {"token": 987654})
    assert "987654" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "5", "5"),
        ("count", "5", 5),
        ("dry", "true", True),
        ("wait", "5s", "5s"),
        ("many", "[1]", [1]),
        ("count", "x", "x"),
    ],
)
def test_text_is_read_as_the_type_wants(name: str, text: str, value: Any) -> None:
    parameter = next(p for p in PARAMETERS if p.name == name)
    assert read_text(plan(), parameter, text) == value

"""Inputs and configuration: everything that is wrong is said at once, before anything runs."""

from __future__ import annotations

import pytest

from flowlang.plan import nodes
from flowlang.plan.nodes import Flow, Limits, Parameter, Plan, Scope
from flowlang.runtime.inputs import validate_config, validate_inputs

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


def problems(inputs: dict[str, object], config: dict[str, object]) -> list[str]:
    return validate_inputs(plan(), inputs)[1] + validate_config(plan(), config)[1]


def test_defaults_are_filled_in_and_values_are_brought_into_shape() -> None:
    inputs, wrong = validate_inputs(plan(), {"name": "bo", "wait": "PT5S", "count": 4.0})
    assert inputs == {"name": "bo", "count": 4, "dry": False, "wait": 5_000_000, "many": [4]}
    config, more = validate_config(plan(), {"token": "t", "other": 1})
    assert config == {"token": "t", "most": 9}
    assert wrong + more == []


def test_all_problems_are_said_at_once() -> None:
    found = problems({"name": "b", "count": -1, "dri": True, "many": [1, "x"]}, {"token": 5})
    text = "\n".join(found)
    assert "input `dri` is not known" in text
    assert "input `name`:" in text
    assert "input `count`:" in text
    assert "input `many[1]`: expected an int" in text
    assert "config `token`:" in text
    assert len(found) == 5


@pytest.mark.parametrize("wait", [5, 0.5, 5_000_000])
def test_a_number_is_no_duration(wait: object) -> None:
    (problem,) = problems({"name": "bo", "wait": wait}, {"token": "t"})
    assert problem.startswith("input `wait`: expected a duration such as 30s or PT1H30M, written as text")


def test_what_is_missing_is_said() -> None:
    assert problems({}, {}) == ["input `name` is missing", "config `token` is missing"]


def test_a_secret_is_not_shown() -> None:
    (problem,) = problems({"name": "bo"}, {"token": 987654})
    assert "987654" not in problem

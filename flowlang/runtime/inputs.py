"""Inputs and configuration before a run starts: everything that is missing, unknown or badly typed, reported at once.

`validate_inputs(plan, raw)` and `validate_config(plan, raw)` give the values that `Run` takes and the problems, one
sentence each; with problems the values mean nothing. What is given is as it is outside: durations are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowlang.plan.nodes import Parameter, Plan
from flowlang.runtime.evaluate import Evaluator
from flowlang.types import model
from flowlang.types.check import checker
from flowlang.types.codec import from_json
from flowlang.types.edge import encoder, written


def validate_inputs(plan: Plan, raw: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """The main flow's arguments from what was given."""
    return _validate(plan, plan.flows[plan.flow].parameters, raw, "input")


def validate_config(plan: Plan, raw: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """The program's configuration from what was given; names that the plan does not use are left out."""
    known = {parameter.name for parameter in plan.config}
    return _validate(plan, plan.config, {name: value for name, value in raw.items() if name in known}, "config")


def outward(plan: Plan, parameters: Sequence[Parameter], values: Mapping[str, object]) -> dict[str, Any]:
    """Values of parameters as they could be given again."""
    types = {parameter.name: from_json(plan.types[parameter.type]) for parameter in parameters}
    return {name: encoder(types[name])(value) if name in types else value for name, value in values.items()}


def _validate(
    plan: Plan, parameters: Sequence[Parameter], raw: Mapping[str, object], word: str
) -> tuple[dict[str, Any], list[str]]:
    evaluator = Evaluator(plan, {})
    values: dict[str, Any] = {}
    problems = [f"{word} `{name}` is not known" for name in raw if all(name != p.name for p in parameters)]
    for parameter in parameters:
        name = parameter.name
        if name in raw:
            value, wrong = checker(written(evaluator.type(parameter.type))).check(raw[name])
            problems += [f"{word} `{name}{_under(problem.path)}`: {problem.message}" for problem in wrong]
            values[name] = value
        elif parameter.default is not None:
            values[name] = _default(evaluator, parameter, values)
        elif _takes_none(evaluator.type(parameter.type)):
            values[name] = None
        else:
            problems.append(f"{word} `{name}` is missing")
    return values, problems


def _under(path: str) -> str:
    return path if not path or path.startswith("[") else f".{path}"


def _takes_none(of: model.Type) -> bool:
    return isinstance(of, model.NoneType) or (isinstance(of, model.Union) and any(_takes_none(m) for m in of.members))


class _Given:
    """The frame of a default: the values before it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.parent = None
        self.run = self
        self.config = values
        self.constants: dict[str, Any] = {}

    def resolve(self, name: str) -> tuple[int, bool]:
        """Every name is here."""
        return 0, False


def _default(evaluator: Evaluator, parameter: Parameter, values: dict[str, Any]) -> Any:
    frame = _Given(values)
    return None if parameter.default is None else evaluator.compile(parameter.default, frame)(frame)

"""Expressions of a plan evaluated in a frame of names, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from flowlang.plan import nodes
from flowlang.plan.nodes import Function, Limits, Plan
from flowlang.runtime.evaluate import Evaluator
from flowlang.runtime.functions.failing import fail
from flowlang.runtime.masking import Mask

TYPES = (
    "any",
    "duration",
    "int",
    ["record", "Lead", [["id", "string"], ["note", ["union", ["string", "none"]]]], False],
)
NATIVES: dict[str, Callable[..., Any]] = {"upper": str.upper, "length": len, "fail": fail, "grow": lambda n: [0] * n}


def plan(limits: Limits | None = None, **functions: Function) -> Plan:
    constants = {"c": ["lit", 5], "d": ["op", "add_int", ["const", "c"], ["lit", 1]]}
    return Plan(
        nodes.FORMAT, nodes.EVALUATOR, "main", {}, TYPES, (), constants, dict(functions), {}, limits or Limits(), {}, {}
    )


class Flat:
    """All names in one frame."""

    def resolve(self, name: str) -> tuple[int, bool]:
        return 0, False


def evaluate(
    expr: Any, values: Mapping[str, Any] | None = None, limits: Limits | None = None, **functions: Function
) -> Any:
    """The value of an expression; `values` are the names it sees."""
    python = lambda target: lambda **given: given  # noqa: E731
    run = SimpleNamespace(config={"key": "k"}, constants={}, find_python=python, mask=Mask())
    frame = SimpleNamespace(values=dict(values or {}), parent=None, run=run)
    return Evaluator(plan(limits, **functions), NATIVES).compile(expr, Flat())(frame)


def lit(value: Any) -> Any:
    return ["lit", value]


def ref(name: str) -> Any:
    return ["ref", name]


def attr(of: Any, *keys: str) -> Any:
    for key in keys:
        of = ["attr", of, key, False]
    return of

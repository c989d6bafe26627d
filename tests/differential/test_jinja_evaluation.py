"""Our evaluator against Jinja2's sandbox: 30,000 generated expressions, and the written list of what differs.

Expressions stand in flows, many in one, so that each goes through checker, lowering and generated code. Those that our
checker refuses have no value here, whatever Jinja2 makes of them.
"""

from __future__ import annotations

import random
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import StrictUndefined, Undefined
from jinja2.environment import TemplateExpression
from jinja2.sandbox import SandboxedEnvironment

from flowlang.compiler.lower.expressions import Expressions
from flowlang.compiler.lower.tables import Tables
from flowlang.compiler.pipeline import check_text
from flowlang.plan import nodes
from flowlang.runtime.errors import RunError
from flowlang.runtime.evaluate import Evaluator
from flowlang.runtime.functions import FUNCTIONS
from flowlang.syntax import ast
from tests.differential.typed_expressions import TYPES, Grower, values

PARTS = 6
EACH = 5000
"""Expressions of a part; all parts together have 30,000."""
BATCH = 500
THEIRS = SandboxedEnvironment(undefined=StrictUndefined, optimized=False)
FAILED = object()
"""What an expression gives that has no value."""
CAPPED = ("overflow", "limit")
"""Codes of the faults for values that only Jinja2 has."""


class _Flat:
    """All names in one frame."""

    def resolve(self, name: str) -> tuple[int, bool]:
        return 0, False


def compiled(expressions: list[str]) -> list[tuple[str, Any]]:
    """The expressions that our checker has nothing against, each as a function of a frame."""
    parameters = ", ".join(f"{name}: {of}" for name, of in TYPES.items())
    lines = [f"flow f({parameters}) -> any {{", "  return [", *(f"{e}," for e in expressions), "]", "}", ""]
    program = check_text("\n".join(lines), "a.flow")
    (flow,) = program.files["a.flow"].tree.items
    assert isinstance(flow, ast.FlowDecl)
    (returned,) = flow.body.statements
    assert isinstance(returned, ast.Return)
    assert isinstance(returned.value, ast.List)
    places = [each.span.start for each in program.diagnostics if each.severity == "error"]
    tables = Tables(program)
    expressions_ = Expressions(tables)
    lowered = [
        (text, expressions_.lower(node))
        for text, node in zip(expressions, returned.value.items, strict=True)
        if not any(node.start - text.count("(") <= place < node.end for place in places)
    ]
    types, limits = tuple(tables.types), nodes.Limits()
    plan = nodes.Plan(nodes.FORMAT, nodes.EVALUATOR, "f", {}, types, (), {}, {}, {}, limits, {}, {})
    evaluator = Evaluator(plan, FUNCTIONS)
    return [(text, evaluator.compile(expr, _Flat())) for text, expr in lowered]


def ours(evaluate: Any, given: dict[str, Any]) -> Any:
    """What we make of an expression; of one that is capped the code."""
    frame = SimpleNamespace(values=given, parent=None, run=SimpleNamespace(config={}, constants={}))
    try:
        return evaluate(frame)
    except RunError as error:
        return error.code if error.code in CAPPED else FAILED


@lru_cache(4000)
def their_compiled(text: str) -> TemplateExpression:
    """An expression of Jinja2's; short ones grow again and again."""
    return THEIRS.compile_expression(text, undefined_to_none=False)


def theirs(text: str, given: dict[str, Any]) -> Any:
    """What Jinja2 makes of an expression; what is undefined has no value."""
    try:
        found = their_compiled(text)(**given)
    except Exception:  # whatever it raises
        return FAILED
    return FAILED if _is_undefined(found) else found


def _is_undefined(found: Any) -> bool:
    return isinstance(found, Undefined) or (isinstance(found, list) and any(map(_is_undefined, found)))


def is_same(here: Any, there: Any) -> bool:
    """Whether two values are the same; a bool is never a number."""
    if isinstance(here, list) and isinstance(there, (list, tuple)):
        return len(here) == len(there) and all(map(is_same, here, there))
    return bool(here == there) and isinstance(here, bool) == isinstance(there, bool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_generated_expressions(part: int) -> None:
    chance = random.Random(part)
    evaluated = valued = capped = 0
    differing = []
    while evaluated < EACH:
        grower, given = Grower(chance), values(chance)
        for text, evaluate in compiled([grower.grow() for _ in range(BATCH)]):
            here, there = ours(evaluate, given), theirs(text, given)
            evaluated += 1
            valued += there is not FAILED
            if here in CAPPED:
                capped += 1
            elif not is_same(here, there):
                differing.append((text, here, there, given))
    assert differing == []
    assert valued > 0.8 * EACH
    assert capped < 0.01 * EACH


DIFFERENCES = [
    ("m.items", "a method", FAILED),
    ("[] | first", "undefined", None),
    ("[] | last", "undefined", None),
    ("[] | max", "undefined", None),
    ("[] | min", "undefined", None),
    ("none | default(1)", None, 1),
    ("'' ~ true", "True", "true"),
    ("'' ~ [1, 'a']", "[1, 'a']", '[1, "a"]'),
    ("true | string", "True", "true"),
    ("'<' | tojson", '"\\u003c"', '"<"'),
    ("true == 1", True, FAILED),
    ("1 in [true]", True, FAILED),
    ("'a' * 10000000", "a" * 10_000_000, "limit"),
    ("2 ** 64", 2**64, "overflow"),
    ("1e308 * 10.0", float("inf"), "overflow"),
    ("m | dictsort", [("k", 1)], [{"key": "k", "value": 1}]),
    ("m | items | list", [("k", 1)], [{"key": "k", "value": 1}]),
]
"""Expression, what Jinja2 gives, what we give: where they differ, as `docs/language/expressions.md` says in words. What
the checker refuses fails here.
"""


@pytest.mark.parametrize(("text", "there", "here"), DIFFERENCES, ids=[text for text, _, _ in DIFFERENCES])
def test_written_differences(text: str, there: Any, here: Any) -> None:
    given = {**values(random.Random(0)), "m": {"k": 1}}
    found = theirs(text, given)
    if there == "undefined":
        assert found is FAILED
    elif there == "a method":
        assert callable(found)
    else:
        assert is_same(list(found) if hasattr(found, "__next__") else found, there)
    accepted = compiled([text])
    value = ours(accepted[0][1], given) if accepted else FAILED
    assert value is here or is_same(value, here)

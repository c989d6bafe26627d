"""Our evaluator against Jinja2's sandbox: 30,000 different generated expressions, and the written list of what differs.

Expressions stand in flows, many in one, so that each goes through checker, lowering and generated code. Those that our
checker refuses have no value here, whatever Jinja2 makes of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined
from jinja2 import nodes as jinja
from jinja2.parser import Parser
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
"""Expressions of a part, none of which was in a part before; all parts together have 30,000."""
BATCH = 500
TOGETHER = 50
"""Expressions in one template of Jinja2's."""
THEIRS = SandboxedEnvironment(undefined=StrictUndefined, optimized=False)
GIVE, WHICH = (jinja.Name(name, "load", lineno=1) for name in ("give", "which"))
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


def their_compiled(texts: Sequence[str]) -> list[Callable[[dict[str, Any]], Any]]:
    """Expressions of Jinja2's, each as a function of the values: all stand in one template, which costs half of one for
    each. If one of them is no expression, each has its own.
    """
    try:
        template = their_template(texts)
    except TemplateError:
        if len(texts) == 1:
            return [lambda _: FAILED]
        return [found for text in texts for found in their_compiled([text])]
    return [partial(theirs, template, number) for number in range(len(texts))]


def their_template(texts: Sequence[str]) -> Template:
    """A template that calls `give` with the expression of the number in `which`: it is compiled sooner than one that
    sets a name.
    """
    branches = []
    for number, text in enumerate(texts):
        parser = Parser(THEIRS, text, state="variable")
        given = jinja.Call(GIVE, [parser.parse_expression()], [], None, None, lineno=1)
        if not parser.stream.eos:
            raise TemplateSyntaxError("more than an expression", 1)
        is_asked = jinja.Compare(WHICH, [jinja.Operand("eq", jinja.Const(number, lineno=1), lineno=1)], lineno=1)
        branches.append(jinja.If(is_asked, [jinja.ExprStmt(given, lineno=1)], [], [], lineno=1))
    branches[0].elif_ = branches[1:]
    return THEIRS.from_string(jinja.Template([branches[0]], lineno=1))


def theirs(template: Template, number: int, given: dict[str, Any]) -> Any:
    """What Jinja2 makes of an expression; what is undefined has no value."""
    found: list[Any] = []
    context = template.new_context({**given, "which": number, "give": found.append})
    try:
        for _ in template.root_render_func(context):
            pass
    except Exception:  # whatever it raises
        return FAILED
    return FAILED if _is_undefined(found[0]) else found[0]


def _is_undefined(found: Any) -> bool:
    return isinstance(found, Undefined) or (isinstance(found, list) and any(map(_is_undefined, found)))


def is_same(here: Any, there: Any) -> bool:
    """Whether two values are the same; a bool is never a number."""
    if isinstance(here, list) and isinstance(there, (list, tuple)):
        return len(here) == len(there) and all(map(is_same, here, there))
    return bool(here == there) and isinstance(here, bool) == isinstance(there, bool)


def both(texts: list[str]) -> list[tuple[str, Any, Callable[[dict[str, Any]], Any]]]:
    """The expressions that our checker has nothing against, each with what evaluates it here and there."""
    here = compiled(texts)
    parts = [[text for text, _ in here[n : n + TOGETHER]] for n in range(0, len(here), TOGETHER)]
    there = [found for part in parts for found in their_compiled(part)]
    return [(text, ours, theirs) for (text, ours), theirs in zip(here, there, strict=True)]


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The expressions of all parts so far."""
    return set()


def fresh(grower: Grower, seen: set[str]) -> list[str]:
    """A batch of expressions that were not seen before, and are from now on."""
    batch = []
    while len(batch) < BATCH:
        text = grower.grow()
        if text not in seen:
            seen.add(text)
            batch.append(text)
    return batch


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_generated_expressions(seen: set[str], part: int) -> None:
    chance = random.Random(part)
    compared = valued = capped = 0
    differing = []
    while compared < EACH:
        given = values(chance)
        for text, evaluate, evaluate_there in both(fresh(Grower(chance), seen)):
            here, there = ours(evaluate, given), evaluate_there(given)
            compared += 1
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
    ("'1e100' | int", int(1e100), "overflow"),
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
    found = their_compiled([text])[0](given)
    if there == "undefined":
        assert found is FAILED
    elif there == "a method":
        assert callable(found)
    else:
        assert is_same(list(found) if hasattr(found, "__next__") else found, there)
    accepted = compiled([text])
    value = ours(accepted[0][1], given) if accepted else FAILED
    assert value is here or is_same(value, here)

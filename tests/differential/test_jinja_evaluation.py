"""Our evaluator against Jinja2's sandbox: 30,000 generated expressions, and the written list of what differs.

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
"""Expressions of a part; all parts together have 30,000."""
BATCH = 500
TOGETHER = 50
"""Expressions in one template of Jinja2's."""
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
    """A template that sets `result` to the expression of the number in `which`, as `compile_expression` sets it."""
    branches = []
    for number, text in enumerate(texts):
        parser = Parser(THEIRS, text, state="variable")
        assign = jinja.Assign(jinja.Name("result", "store"), parser.parse_expression())
        if not parser.stream.eos:
            raise TemplateSyntaxError("more than an expression", 1)
        is_asked = jinja.Compare(jinja.Name("which", "load"), [jinja.Operand("eq", jinja.Const(number))])
        branches.append(jinja.If(is_asked, [assign], [], []))
    branches[0].elif_ = branches[1:]
    whole = jinja.Template([branches[0]]).set_environment(THEIRS).set_lineno(1, override=True)
    return THEIRS.from_string(whole)


def theirs(template: Template, number: int, given: dict[str, Any]) -> Any:
    """What Jinja2 makes of an expression; what is undefined has no value."""
    context = template.new_context({**given, "which": number})
    try:
        for _ in template.root_render_func(context):
            pass
    except Exception:  # whatever it raises
        return FAILED
    found = context.vars["result"]
    return FAILED if _is_undefined(found) else found


def _is_undefined(found: Any) -> bool:
    return isinstance(found, Undefined) or (isinstance(found, list) and any(map(_is_undefined, found)))


def is_same(here: Any, there: Any) -> bool:
    """Whether two values are the same; a bool is never a number."""
    if isinstance(here, list) and isinstance(there, (list, tuple)):
        return len(here) == len(there) and all(map(is_same, here, there))
    return bool(here == there) and isinstance(here, bool) == isinstance(there, bool)


class Both:
    """Expressions as functions, ours and theirs: a third of those that are grown are the same as an earlier one, which
    is evaluated with other values, but not compiled again.
    """

    def __init__(self) -> None:
        self.known: dict[str, tuple[Any, Callable[[dict[str, Any]], Any]]] = {}
        self.refused: set[str] = set()

    def learn(self, texts: list[str]) -> None:
        fresh = [text for text in dict.fromkeys(texts) if text not in self.known and text not in self.refused]
        here = compiled(fresh) if fresh else []
        for n in range(0, len(here), TOGETHER):
            part = here[n : n + TOGETHER]
            there = their_compiled([text for text, _ in part])
            self.known.update({text: (ours, theirs) for (text, ours), theirs in zip(part, there, strict=True)})
        self.refused.update(text for text in fresh if text not in self.known)


@pytest.fixture(scope="module")
def both() -> Both:
    return Both()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_generated_expressions(both: Both, part: int) -> None:
    chance = random.Random(part)
    evaluated = valued = capped = 0
    differing = []
    while evaluated < EACH:
        grower, given = Grower(chance), values(chance)
        batch = [grower.grow() for _ in range(BATCH)]
        both.learn(batch)
        for text in batch:
            if text not in both.known:
                continue  # our checker refuses it
            evaluate, evaluate_there = both.known[text]
            here, there = ours(evaluate, given), evaluate_there(given)
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

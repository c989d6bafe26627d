"""Plans as trees, drawings and documents: every plan can be shown, and what is shown holds together."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings

from flowlang.plan.codec import from_json
from flowlang.plan.nodes import Call, Plan, Policies, Pure, RateLimitPolicy, Step
from flowlang.render import plan_dot, plan_json, plan_mermaid, plan_tree
from flowlang.render.durations import duration
from flowlang.render.expression import spell
from flowlang.render.plan_graph import Box, Frame, draw
from flowlang.render.plan_tree import waves
from flowlang.render.policies import policy_lines
from tests.plan.plans import block, body, call, make_plan, plans

A, B, C = ["ref", "a"], ["ref", "b"], ["ref", "c"]


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (["lit", None], "none"),
        (["lit", True], "true"),
        (["lit", 1.0], "1.0"),
        (["lit", 'it\'s\n"so"'], "'it\\'s\\n\"so\"'"),
        (["op", "add_datetime", A, ["duration", 5_400_000_000]], "a + 90m"),
        (["list", [["duration", n] for n in (0, 250_000, 61_000_000, 86_400_000_000)]], "[0s, 250ms, 61s, 1d]"),
        (["list", [["duration", 1_000_001_000], ["lit", 5]]], "[1000001ms, 5]"),
        (["config", "crm"], "config.crm"),
        (["soft", ["attr", A, "b", False], "c", True], "a.b?.c"),
        (["index", ["slice", A, ["lit", 1], None, None], ["lit", 0]], "a[1:][0]"),
        (["op", "mul_int", ["op", "add_int", A, B], C], "(a + b) * c"),
        (["op", "add_int", ["op", "mul_int", A, B], C], "a * b + c"),
        (["op", "sub_int", A, ["op", "sub_int", B, C]], "a - (b - c)"),
        (["op", "pow_int", ["op", "pow_int", A, B], C], "a ** b ** c"),
        (["op", "pow_int", ["neg", "int", A], B], "-a ** b"),
        (["attr", ["op", "add_any", A, B], "x", False], "(a + b).x"),
        (["or", ["and", A, B], ["not", C]], "a and b or not c"),
        (["and", ["or", A, B], C], "(a or b) and c"),
        (["compare", A, [["<:number", B], ["not_in:list", C]]], "a < b not in c"),
        (["not", ["compare", A, [["==", ["lit", None]]]]], "a is not none"),
        (["has", ["attr", A, "b", False], ["lit", "c"]], "a.b.c is defined"),
        (["if", A, B, ["if", B, C, A]], "b if a else c if b else a"),
        (["map", [[["lit", "id"], A], [["lit", "a b"], B], [C, A], ["**", B]]], "{ id: a, 'a b': b, [c]: a, **b }"),
        (["comp", ["ref", "x"], ["x"], A, ["ref", "x"], False], "[x for x in a if x]"),
        (["text", ["Hi ", ["show", A, 0], "!"]], '"Hi {{ a }}!"'),
        (["url", [["base", A], "/x?q=", ["query_value", B, 0]]], '"{{ a }}/x?q={{ b }}"'),
        (["call", "round", [A, ["lit", 2], ["lit", None]]], "round(a, 2)"),
        (["python", "m:f", [["x", A]], 0], "m:f(x=a)"),
        (["check", ["edge", A, 0], 0], "a"),
    ],
)
def test_expressions_are_spelled_in_the_language(expr: list[Any], text: str) -> None:
    assert spell(expr) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0s"),
        (1, "0.001ms"),
        (250_000, "250ms"),
        (1_500_000, "1.5s"),
        (60_000_000, "1m"),
        (60_100_000, "1m 0.1s"),
        (3_661_000_000, "1h 1m 1s"),
        (604_800_000_000, "7d"),
        (-5_000_000, "-5s"),
    ],
)
def test_durations_are_exact(micros: int, text: str) -> None:
    assert duration(micros) == text


@settings(max_examples=100)
@given(plans())
def test_every_plan_can_be_shown(plan: Plan) -> None:
    for shown in (plan_tree.render(plan), plan_mermaid.render(plan), plan_dot.render(plan)):
        assert all(char.isprintable() for char in shown if char != "\n")
    assert from_json(json.loads(plan_json.render(plan))) == plan


@settings(max_examples=50)
@given(plans())
def test_every_arrow_has_two_ends_and_every_frame_is_closed(plan: Plan) -> None:
    ids: list[str] = []

    def visit(shape: Box | Frame) -> None:
        ids.append(shape.id)
        for inner in shape.inside if isinstance(shape, Frame) else ():
            visit(inner)

    drawing = draw(plan)
    for frame in drawing.frames:
        visit(frame)
    assert len(set(ids)) == len(ids)
    assert all(arrow.start in ids and arrow.end in ids for arrow in drawing.arrows)
    mermaid, dot = plan_mermaid.render(plan), plan_dot.render(plan)
    assert len(re.findall(r"^ *subgraph ", mermaid, re.M)) == len(re.findall(r"^ *end$", mermaid, re.M))
    unquoted = re.sub(r'"(\\.|[^"\\])*"', "", dot)
    assert unquoted.count("{") == unquoted.count("}")
    assert unquoted.count('"') == 0


def test_steps_with_one_number_may_run_at_once() -> None:
    scope = body(call("c", "a", "b"), call("a"), call("b", "a"), call("d"))
    assert waves(scope) == {"c": 3, "a": 1, "b": 2, "d": 1}
    assert waves(body(call("x"), call("y"), sequential=True)) == {"x": 1, "y": 2}


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    plan = make_plan(block("a", Pure(["lit", '"]; end <b> #quot; \\" \x1b[1m'])))
    for line in plan_mermaid.render(plan).splitlines():
        assert line.count('"') in (0, 2)
    assert '\\"' in plan_dot.render(plan)


def test_one_is_no_plural() -> None:
    limit = Policies(rate_limit=RateLimitPolicy(1, 60_000_000, None), origin=(("rate_limit", "flow"),))
    assert [line.sentence for line in policy_lines(limit)] == ["rate limit: 1 call per 1m"]


def test_the_tree_says_what_holds_and_since_where() -> None:
    policies = Policies(
        timeout=5_000_000,
        total=20_000_000,
        rate_limit=RateLimitPolicy(100, 60_000_000, None),
        concurrency=4,
        once=True,
        origin=(
            ("timeout", "service crm"),
            ("rate_limit", "flow"),
            ("concurrency", "step"),
            ("retry", "step"),
            ("once", "step"),
        ),
    )
    step = Step(
        "a", "a", Call("http.get", None, (("url", ["lit", "/x"]),), None, "write", False, None, None), policies=policies
    )
    shown = plan_tree.render(make_plan(step))
    assert "at most 5s" in shown
    for line in (
        "started once (step)",
        "no retry (step)",
        "rate limit: 100 calls per 1m (flow)",
        "calls: 4 at once (step)",
    ):
        assert f"· {line}\n" in shown
    assert "· timeout 5s (service crm)\n" in shown
    assert shown.endswith("\nservice crm\n   timeout: 5s an attempt, 20s in all\n")

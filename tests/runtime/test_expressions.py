"""Generated code: what each operator gives, what it faults with, how much it may take, and what it is made of."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.plan.nodes import Function, Limits
from flowlang.runtime import codegen
from flowlang.runtime.errors import RunError
from tests.runtime.expressions import attr, evaluate, lit, ref

LEAD = {"id": "l1", "tags": ["a", "b"], "deep": {"x": 1}}
VALUES = {"lead": LEAD, "n": 3, "nothing": None, "wait": 90_000_000}


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (attr(ref("lead"), "deep", "x"), 1),
        (["attr", ref("nothing"), "x", True], None),
        (["soft", ref("lead"), "gone", False], None),
        (["has", ref("lead"), lit("gone")], False),
        (["has", attr(ref("lead"), "tags"), lit(-1)], True),
        (["index", attr(ref("lead"), "tags"), lit(-1)], "b"),
        (["slice", attr(ref("lead"), "tags"), lit(1), None, None], ["b"]),
        (["map", [[lit("a"), lit(1)], ["**", attr(ref("lead"), "deep")], [attr(ref("lead"), "id"), ref("n")]]], {"a": 1, "x": 1, "l1": 3}),  # noqa: E501
        (["text", ["n=", ["show", ref("n"), 0], " ", ["show", ref("wait"), 1]]], "n=3 1m30s"),
        (["url", [["base", lit("https://a.test/")], "/x/", ["segment", lit("a/b"), 0], "?q=", ["query_value", lit("ä &"), 0]]], "https://a.test/x/a%2Fb?q=%C3%A4%20%26"),  # noqa: E501
        (["and", lit(0), attr(ref("nothing"), "x")], 0),
        (["or", lit(""), lit("b")], "b"),
        (["if", ref("nothing"), lit(1), lit(2)], 2),
        (["compare", lit(1), [["<:number", ref("n")], ["<=:number", lit(3)]]], True),
        (["compare", lit(5), [["<:number", ref("n")], ["<:number", attr(ref("nothing"), "x")]]], False),
        (["comp", ["op", "mul_int", ref("x"), ref("n")], ["x"], ["list", [lit(1), lit(2)]], ["compare", ref("x"), [[">:number", lit(1)]]], False], [6]),  # noqa: E501
        (["comp", ["list", [ref("k"), ref("v")]], ["k", "v"], attr(ref("lead"), "deep"), None, True], [["x", 1]]),
        (["call", "upper", [attr(ref("lead"), "id")]], "L1"),
        (["const", "d"], 6),
        (["config", "key"], "k"),
        (["check", ["map", [[lit("id"), lit("a")], [lit("more"), lit(1)]]], 3], {"id": "a"}),
        (["edge", ref("wait"), 1], "PT1M30S"),
        (["python", "m:f", [["a", ref("n")]], 0], {"a": 3}),
    ],
)  # fmt: skip
def test_values(expr: Any, value: Any) -> None:
    assert evaluate(expr, VALUES) == value


@pytest.mark.parametrize(
    ("expr", "kind", "message"),
    [
        (attr(ref("lead"), "deep", "y"), "fault", "lead.deep.y: there is no such key"),
        (attr(ref("nothing"), "x"), "fault", "nothing.x: nothing is none"),
        (attr(ref("n"), "real"), "fault", "n.real: n is an int, not a map"),
        (["index", attr(ref("lead"), "tags"), lit(2)], "fault", "lead.tags[2]: the list has 2"),
        (["index", ref("lead"), lit("k")], "fault", "lead['k']: there is no such key"),
        (["text", [["show", ref("nothing"), 0]]], "fault", "none has no text"),
        (["url", ["https://a.test/", ["segment", lit(".."), 0]]], "fault", "segment"),
        (["url", ["https://a.test/", ["segment", lit(""), 0], "/x"]], "fault", "became empty"),
        (["url", ["https://a.test/", ["segment", ref("lead"), 0]]], "fault", "cannot stand in a URL"),
        (["check", lit("x"), 2], "validation", "expected an int"),
        (["call", "fail", [lit("no"), lit("code")]], "failed", "no"),
        (["call", "upper", [ref("n")]], "fault", "upper: "),
    ],
)
def test_failures(expr: Any, kind: str, message: str) -> None:
    with pytest.raises(RunError, match=re.escape(message)) as caught:
        evaluate(expr, VALUES)
    assert caught.value.kind == kind


def test_functions_call_functions() -> None:
    square = Function(("x",), ["op", "mul_int", ref("x"), ref("x")])
    twice = Function(("x",), ["op", "add_int", ["fn", "square", [ref("x")]], ["fn", "square", [ref("x")]]])
    assert evaluate(["fn", "twice", [lit(3)]], square=square, twice=twice) == 18


def test_deep_expressions_compile() -> None:
    chain: Any = lit(0)
    for _ in range(150):
        chain = ["op", "add_int", chain, lit(1)]
    assert evaluate(chain) == 150
    branches: Any = lit(-1)
    for i in range(120):
        branches = ["if", ["compare", ref("n"), [["==", lit(i + 100)]]], lit(i), branches]
    assert evaluate(["comp", branches, ["i"], ["list", [lit(1)]], None, False], VALUES) == [-1]


@given(st.text(min_size=1))
def test_code_holds_no_text_of_the_author(text: str) -> None:
    marked = f"zz{text}zz"
    expr = ["map", [[lit(marked), ["text", [marked, ["show", attr(["ref", marked], marked), 0]]]]]]
    before = set(codegen._factories)
    assert evaluate(expr, {marked: {marked: 1}}) == {marked: f"{marked}1"}
    assert not any("zz" in source for source in set(codegen._factories) - before)


def test_one_structure_is_compiled_once() -> None:
    evaluate(["op", "add_int", lit(1), lit(2)])
    before = len(codegen._factories)
    assert evaluate(["op", "mul_float", lit(3), lit(4.0)]) == 12.0
    assert len(codegen._factories) == before


BOMBS = [
    ["comp", ["comp", lit(0), ["y"], ref("xs"), None, False], ["x"], ref("xs"), None, False],
    ["comp", ["compare", lit(-1), [["in:list", ref("xs")]]], ["x"], ref("xs"), None, False],
    ["comp", ["compare", ref("xs"), [["==", ref("xs")]]], ["x"], ref("xs"), None, False],
    ["comp", ["call", "upper", [ref("long")]], ["x"], ref("xs"), None, False],
    ["op", "mul_text", ref("long"), lit(10**9)],
    ["call", "grow", [lit(5_000_000)]],
]


@pytest.mark.parametrize("expr", BOMBS)
def test_bombs_are_bounded(expr: Any) -> None:
    """Nobody waits for the end of one that is not: a million times a million values, or characters."""
    with pytest.raises(RunError) as caught:
        evaluate(expr, {"xs": list(range(1_000_000)), "long": "x" * 1_000_000}, Limits(units=2_000_000))
    assert caught.value.code == "limit"


def test_what_lets_double_is_bounded_as_a_value() -> None:
    from flowlang.runtime.budget import Budget

    value: Any = "x" * 1000
    for _ in range(40):
        value = [value, value]
    with pytest.raises(RunError, match="larger than"):
        Budget(Limits()).bound(value)

"""Plans as JSON: there and back, and every damage named in a sentence."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.plan.codec import PlanError, dumps, from_json, loads, to_json
from flowlang.plan.identity import content_hash
from flowlang.plan.nodes import Check, FlowCall, ForBlock, Handler, Plan, Pure, Step
from tests.plan.plans import block, body, call, make_plan, plans


@settings(max_examples=150)
@given(plans())
def test_a_plan_survives_json(plan: Plan) -> None:
    again = loads(dumps(plan))
    assert again == plan
    assert content_hash(again) == content_hash(plan)
    assert dumps(again) == dumps(plan)


def _spots(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(data, dict):
        found += [spot for key, value in data.items() for spot in _spots(value, (*path, key))]
    elif isinstance(data, list):
        found += [spot for i, value in enumerate(data) for spot in _spots(value, (*path, i))]
    return found


@settings(max_examples=300)
@given(plans(), st.data())
def test_any_damage_is_a_sentence(plan: Plan, data: st.DataObject) -> None:
    document = copy.deepcopy(to_json(plan))
    spot = data.draw(st.sampled_from(_spots(document)[1:]))
    holder: Any = document
    for key in spot[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        del holder[spot[-1]]
    else:
        junk = st.sampled_from([None, True, -1, 10**30, 0.5, "x", [], [None], {}, {"kind": "call"}, ["ref", "nobody"]])
        value = data.draw(junk)
        if holder[spot[-1]] == value and type(holder[spot[-1]]) is type(value):
            return
        holder[spot[-1]] = value
    apart = spot[0] in ("places", "docs") or spot[-1] == "doc"
    sentence, again = "", None
    try:
        again = from_json(document)
    except PlanError as error:
        sentence = str(error)
    # What is read all the same differs at most in what the hash leaves out, or in a default written out.
    assert sentence if again is None else apart or content_hash(again) == content_hash(plan)
    assert "\n" not in sentence


@given(plans(), st.data())
@settings(max_examples=50)
def test_a_truncated_plan_is_refused(plan: Plan, data: st.DataObject) -> None:
    text = dumps(plan)
    with pytest.raises(PlanError):
        loads(text[: data.draw(st.integers(0, len(text) - 1))])


def _reader(change: Any) -> str:
    document = copy.deepcopy(to_json(make_plan(call("a"), call("b", "a"))))
    change(document)
    with pytest.raises(PlanError) as caught:
        from_json(document)
    return str(caught.value)


def test_another_version_is_told_before_anything_else() -> None:
    assert _reader(lambda d: d.update(format=2, flows=7)) == (
        "the plan has format 2, and this flowlang reads format 1: plan the flow again"
    )
    assert "evaluator 9" in _reader(lambda d: d.update(evaluator=9))
    assert "is not a number" in _reader(lambda d: d.update(format="1"))
    assert "not a flowlang plan" in _reader(lambda d: d.clear())


def test_tampering_is_found_by_the_hash() -> None:
    def change(document: dict[str, Any]) -> None:
        document["flows"]["f"]["body"]["nodes"][0]["policies"]["timeout"] = 5

    assert "was changed after it was made" in _reader(change)
    assert "carries no hash" in _reader(lambda d: d.pop("hash"))


def test_the_place_of_the_damage_is_named() -> None:
    def change(document: dict[str, Any]) -> None:
        document["flows"]["f"]["body"]["nodes"][1]["policies"]["timeout"] = "5s"

    assert _reader(change) == (
        "the plan is damaged at `flows.f.body.nodes[1].policies.timeout`: expected a whole number, found the text '5s'"
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format": NaN}', "\ud800", "[" * 100_000, '{"format":1,"evaluator":1e999}', b"\xff{}"],
)
def test_what_is_no_plan_is_refused(text: str | bytes) -> None:
    with pytest.raises(PlanError):
        loads(text)


def test_a_number_without_end_is_refused() -> None:
    text = dumps(make_plan(block("a", Pure(["lit", 1.5])))).replace("1.5", "1e999")
    with pytest.raises(PlanError, match="not finite"):
        loads(text)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (make_plan(call("a"), call("a")), "two steps have one key"),
        (make_plan(call("a", "b"), call("b", "a")), "depends on itself"),
        (make_plan(call("a", "x")), "needs `x`"),
        (make_plan(block("a", Pure(["ref", "q"]))), "nothing here is called `q`"),
        (make_plan(block("a", Pure(["const", "q"]))), "const `q` is missing"),
        (make_plan(block("a", Pure(["fn", "q", []]))), "fn `q` is missing"),
        (make_plan(block("a", Pure(["check", ["lit", 1], 3]))), "there is no type 3"),
        (make_plan(block("a", FlowCall("g", (), None))), "the flow `g` is missing"),
        (make_plan(block("a", FlowCall("f", (("p", ["lit", 1]),), None))), "`f` depends on itself"),
        (make_plan(block("a", FlowCall("f", (), None))), "not the parameters of `f`"),
        (make_plan(block("a", ForBlock(("x",), ["list", []], False, body(), 0))), "0 is below 1"),
        (
            make_plan(block("a", Pure(["ref", "x"])), block("b", ForBlock(("x",), ["list", []], False, body(), 1))),
            "`x`",
        ),
        (make_plan(call("a", handlers=(Handler(("oops",), None, None, body()),))), "unknown kind"),
        (make_plan(call("a", checks=(Check(["lit", True], None, "x", (0,)),))), "not before it"),
        (make_plan(flow="nobody"), "its flow `nobody` is missing"),
        (make_plan(constants={"k": ["const", "k"]}), "`k` depends on itself"),
        (make_plan(types=(["list"],)), "type 0"),
    ],
)
def test_what_does_not_hold_together_is_refused(plan: Plan, words: str) -> None:
    with pytest.raises(PlanError) as caught:
        loads(dumps(plan))
    assert words in str(caught.value)


def test_a_handler_alone_sees_its_error() -> None:
    handler = Handler(("http",), "err", ["ref", "err"], body(block("x", Pure(["ref", "err"]))))
    assert loads(dumps(make_plan(call("a", handlers=(handler,)))))
    with pytest.raises(PlanError, match="`err`"):
        loads(dumps(make_plan(call("a", when=["ref", "err"], handlers=(handler,)))))


def test_the_undo_of_a_loop_does_not_see_its_variable() -> None:
    inner = body(block("y", Pure(["ref", "x"])))
    loop = ForBlock(("x",), ["list", []], False, inner, 1)
    assert loads(dumps(make_plan(block("a", loop))))
    with pytest.raises(PlanError, match="`x`"):
        loads(dumps(make_plan(block("a", loop, undo=body(block("z", Pure(["ref", "x"])))))))


def test_defaults_are_left_out_and_kinds_are_written() -> None:
    document: Any = to_json(make_plan(Step("a", None, Pure(["lit", 1]))))
    assert document["flows"]["f"]["body"]["nodes"] == [
        {"key": "a", "name": None, "action": {"kind": "pure", "value": ["lit", 1]}}
    ]
    assert list(document)[:3] == ["format", "evaluator", "hash"]
    assert json.loads(dumps(make_plan()))["hash"] == content_hash(make_plan())

"""One content, one hash: whatever the places, docs and estimates; another for every other change."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings

from flowlang.plan.identity import canonical, content_hash
from flowlang.plan.nodes import Check, ForBlock, Handler, Place, Plan, Pure
from tests.plan.plans import block, body, call, make_plan, plans


@settings(max_examples=50)
@given(plans())
def test_places_and_docs_stand_apart(plan: Plan) -> None:
    flow = plan.flows["f"].replace(worst_case=7)
    moved = plan.replace(
        places={"f:a": Place("z", 9, 9, 9, 9, "x")}, docs={"f:": "other"}, flows={**plan.flows, "f": flow}
    )
    moved = moved.replace(config=tuple(p.replace(doc="told") for p in plan.config))
    assert content_hash(moved) == content_hash(plan)


def test_the_order_of_tables_does_not_matter_the_order_of_steps_does() -> None:
    a, b = block("a", Pure(["lit", 1])), block("b", Pure(["lit", 2]))
    plan = make_plan(a, b, constants={"x": ["lit", 1], "y": ["lit", 2]})
    assert content_hash(plan.replace(constants=dict(reversed(plan.constants.items())))) == content_hash(plan)
    assert content_hash(make_plan(b, a)) != content_hash(make_plan(a, b))


def test_every_policy_counts() -> None:
    assert content_hash(make_plan(call("a", timeout=1))) != content_hash(make_plan(call("a", timeout=2)))
    assert content_hash(make_plan(block("a", Pure(["lit", 1])))) != content_hash(
        make_plan(block("a", Pure(["lit", True])))
    )
    assert content_hash(make_plan(block("a", Pure(["lit", 1])))) != content_hash(
        make_plan(block("a", Pure(["lit", 1.0])))
    )


def test_the_hash_is_the_same_in_every_process() -> None:
    code = (
        "from tests.plan.plans import *; from flowlang.plan.identity import content_hash;"
        "print(content_hash(make_plan(call('a'), call('b', 'a'), constants={'x': ['lit', 1], 'y': ['lit', 2]})))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(seen) == 1


def test_the_canonical_form_is_ascii_and_sorted() -> None:
    text = canonical(make_plan(block("a", Pure(["lit", "ä\ud800"])))).decode("ascii")
    assert '"action":{"kind":"pure","value":["lit","\\u00e4\\ud800"]}' in text
    assert text.index('"config"') < text.index('"constants"') < text.index('"flows"')


def test_how_a_condition_is_written_does_not_count() -> None:
    def plan(text: str) -> Plan:
        inner = call("b", checks=(Check(["lit", True], None, text),))
        loop = ForBlock(("x",), ["list", []], False, body(inner), 1)
        return make_plan(block("a", loop, checks=(Check(["ref", "p"], None, text),)))

    assert content_hash(plan("p > 1")) == content_hash(plan("p>1"))


def test_whether_a_handler_gives_a_secret_does_not_count() -> None:
    """It follows from the types, and plans of before did not say it: a run that they began goes on."""

    def plan(volatile: bool) -> Plan:
        return make_plan(call("a", handlers=(Handler((), None, None, body(), volatile),)))

    assert content_hash(plan(True)) == content_hash(plan(False))

"""From source to plan: a golden for every construct, and what makes two sources the same plan."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.compiler.lower import LoweringError, lower
from flowlang.compiler.pipeline import check, check_text
from flowlang.compiler.workspace import read_file
from flowlang.plan.codec import dumps, loads
from flowlang.plan.identity import content_hash
from flowlang.plan.nodes import Call, ForBlock, Plan, Pure, Step
from flowlang.plan.walk import place_key, steps
from flowlang.render import plan_dot, plan_json, plan_mermaid, plan_tree

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests/golden/plan"
SOURCES = sorted(GOLDEN.glob("*.flow"))
EXAMPLES = sorted((ROOT / "examples").glob("*/*.flow"))
MAIN = {"calls": "whole", "agent_training": "train"}


def plan_of(path: Path) -> Plan:
    name = str(path.relative_to(ROOT))
    program = check(name, lambda wanted: read_file(str(ROOT / wanted)))
    errors = [found for found in program.diagnostics if found.severity == "error"]
    assert not errors, errors[0]
    return lower(program, MAIN.get(path.stem))


def plan_text(text: str, flow: str | None = None) -> Plan:
    program = check_text(text, "test.flow")
    errors = [found for found in program.diagnostics if found.severity == "error"]
    assert not errors, errors[0]
    return lower(program, flow)


def only_step(body: str, head: str = "") -> Step:
    return (
        plan_text(f"{head}\nflow f(n: int, t: string) -> any? {{\n{body}\n  return none\n}}\n").flows["f"].body.nodes[0]
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_construct(path: Path, golden: Callable[[Path, str], None]) -> None:
    plan = plan_of(path)
    assert loads(dumps(plan)) == plan
    golden(path.with_suffix(".json"), plan_json.render(plan))
    golden(path.with_suffix(".txt"), plan_tree.render(plan))


def test_what_a_plan_leaves_out_of_triggers_is_what_the_library_says() -> None:
    library = (ROOT / "stdlib/triggers.flow").read_text(encoding="utf-8")
    for name, (_, value) in plan_tree.USUAL.items():
        assert re.search(rf"\b{name}: [^=\n]+ = '{value}'", library)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example(path: Path, golden: Callable[[Path, str], None]) -> None:
    plan = plan_of(path)
    assert loads(dumps(plan)) == plan
    golden(GOLDEN / "examples" / f"{path.stem}.txt", plan_tree.render(plan))


@pytest.mark.parametrize("stem", ["blocks", "calls", "steps"])
def test_drawings(stem: str, golden: Callable[[Path, str], None]) -> None:
    plan = plan_of(GOLDEN / f"{stem}.flow")
    golden(GOLDEN / f"{stem}.mmd", plan_mermaid.render(plan))
    golden(GOLDEN / f"{stem}.dot", plan_dot.render(plan))


# ---- identity


@pytest.mark.parametrize("path", [*SOURCES, *EXAMPLES], ids=lambda path: path.stem)
def test_layout_and_comments_do_not_change_the_hash(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = [f"    {line}   # told" if line.rstrip().endswith("{") else line for line in text.splitlines()]
    moved = "\n\n# first\n" + "\n".join(line for line in lines if not line.lstrip().startswith("##")) + "\n\n"
    name = str(path.relative_to(ROOT))

    def read(wanted: str) -> str:
        return moved if wanted == name else read_file(str(ROOT / wanted))

    again = lower(check(name, read), MAIN.get(path.stem))
    plan = plan_of(path)
    assert content_hash(again) == content_hash(plan)
    assert again.places != plan.places


def test_one_text_gives_one_plan_in_every_process() -> None:
    code = (
        "import sys; from tests.plan.test_lowering import *; from flowlang.plan.codec import dumps;"
        "print([dumps(plan_of(path)) for path in SOURCES])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "97")
    }
    assert len(seen) == 1


def test_what_a_flow_does_not_use_is_not_in_its_plan() -> None:
    text = """
config { used: int = 1, unused: int = 2 }
let a = config.used
let b = config.unused
function twice(n: int) -> int = n * 2
function thrice(n: int) -> int = n * 3
service idle { base_url = "https://x.example" }
flow f(n: int) -> int { return twice(n) + a }
flow g(n: int) -> int { return thrice(n) + b }
"""
    plan = plan_text(text, "f")
    assert [parameter.name for parameter in plan.config] == ["used"]
    assert (list(plan.constants), list(plan.functions), list(plan.services), list(plan.flows)) == (
        ["a"],
        ["twice"],
        [],
        ["f"],
    )
    changed = text.replace("n * 3", "n * 4")
    assert content_hash(plan_text(changed, "f")) == content_hash(plan)
    assert content_hash(plan_text(changed, "g")) != content_hash(plan_text(text, "g"))


# ---- which flow


def test_a_flow_is_chosen_by_name_or_by_being_the_only_one() -> None:
    one, two = "flow a() -> int { return 1 }\n", "flow b() -> int { return 2 }\n"
    assert plan_text(one).flow == "a"
    assert plan_text(one + two, "b").flow == "b"
    for text, flow, words in (
        (one + two, None, "test.flow declares several flows, name one with --flow: a, b"),
        (one, "c", "test.flow declares no flow `c`, it has a"),
        ("let x = 1\n", None, "test.flow declares no flow"),
    ):
        with pytest.raises(LoweringError) as caught:
            plan_text(text, flow)
        assert str(caught.value) == words


# ---- decisions


def test_an_ensure_needs_those_that_narrow_what_it_reads() -> None:
    step = only_step(
        "  step s: { a: int?, b: int, c: 'x' | 'y' } = http.get('https://x.example').json\n"
        "    ensure s.b > 1\n    ensure s.a is not none\n    ensure s.b < 9\n"
        "    ensure s.a > s.b\n    ensure s.c == 'x'",
        "import http",
    )
    assert [check.needs for check in step.checks] == [(), (), (), (1,), ()]


def test_an_undo_says_whether_it_uses_its_value() -> None:
    head = "import http"
    uses = (
        "  step s = http.post('https://x.example').json\n    undo { do http.delete(\"https://x.example/{{ s.id }}\") }"
    )
    plain = uses.replace("{{ s.id }}", "{{ n }}")
    assert only_step(uses, head).undo_uses_value
    assert not only_step(plain, head).undo_uses_value


def test_a_step_named_result_is_not_the_result_of_its_call() -> None:
    plan = plan_text(
        "import http\nflow f() -> any {\n  step result = http.get('https://x.example').json\n"
        "  step other = http.get('https://x.example').json | default(result)\n  return [result, other]\n}\n"
    )
    result, other = plan.flows["f"].body.nodes
    assert isinstance(result.action, Call)
    assert isinstance(other.action, Call)
    assert result.action.projection == ["attr", ["result"], "json", False]
    assert ["ref", "result"] in other.action.projection[2]  # type: ignore[index, operator]


def test_pure_steps_are_journaled_if_python_computes_them() -> None:
    head = "function words(t: string) -> int = python('m:words')\nfunction more(t: string) -> int = words(t) + 1"
    for body, journaled in (
        ("n + 1", False),
        ("words(t)", True),
        ("more(t) * 2", True),
        ("[words(x) for x in [t]]", True),
    ):
        action = only_step(f"  step s = {body}", head).action
        assert isinstance(action, Pure)
        assert action.journaled is journaled


def test_a_secret_is_volatile() -> None:
    step = only_step("  step s: secret = http.get('https://x.example').text", "import http")
    assert isinstance(step.action, Call)
    assert step.action.volatile


def test_a_for_runs_ten_at_once_unless_told() -> None:
    for annotation, width in (("", 10), ("@concurrency(3)\n", 3)):
        action = only_step(f"{annotation}  step s = for x in [1] {{ yield x }}").action
        assert isinstance(action, ForBlock)
        assert action.width == width


def test_effects_beneath_are_known() -> None:
    nodes = plan_of(GOLDEN / "blocks.flow").flows["blocks"].body.nodes
    effects = {step.key: step.has_effect for step in nodes}
    assert not effects["chosen"]
    assert not effects["record"]
    assert effects["answers"]
    assert effects["if_1"]


def test_every_step_has_its_place() -> None:
    for path in SOURCES:
        plan = plan_of(path)
        for name, flow in plan.flows.items():
            for at, _ in steps(flow):
                place = plan.places[place_key(name, at)]
                line = (ROOT / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
                assert place.text == line
                assert line[place.column - 1 :].strip()


def test_a_deep_source_gives_a_plan_that_can_be_read() -> None:
    text = "flow f(n: int) -> any? {\n" + "".join(f"  step s{i} = if n > {i} {{\n" for i in range(30))
    text += (
        f"  step last = {' + '.join(['n'] * 140)}\n  yield last\n"
        + "  yield s\n".join("}\n" for _ in range(30))
        + "  return s0\n}\n"
    )
    for i in range(29, 0, -1):
        text = text.replace("  yield s\n", f"  yield s{i}\n", 1)
    plan = plan_text(text)
    assert loads(dumps(plan)) == plan
    assert len(json.loads(plan_json.render(plan))["flows"]) == 1

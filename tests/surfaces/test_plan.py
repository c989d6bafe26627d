"""`flowlang plan`: four formats, one plan; findings keep it from being made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowlang.plan import codec
from tests.surfaces.conftest import CLEAN, WRONG, Command, write

TWO = CLEAN + "\nflow triple(n: int) -> int {\n  return n * 3\n}\n"


def test_a_tree_for_people(flowlang: Command, here: Path) -> None:
    done = flowlang("plan", write(here, "a.flow", CLEAN))
    assert (done.code, done.err) == (0, "")
    assert "flow double(n: int(ge=0)) -> int" in done.out


def test_json_is_the_plan_that_would_run(flowlang: Command, here: Path) -> None:
    done = flowlang("plan", write(here, "a.flow", CLEAN), "--format", "json")
    plan = codec.loads(done.out)
    assert plan.flow.endswith("double")
    assert json.loads(done.out)["hash"][:12] in flowlang("plan", "a.flow").out


@pytest.mark.parametrize(("format", "start"), [("mermaid", "flowchart"), ("dot", "digraph")])
def test_graphs(flowlang: Command, here: Path, format: str, start: str) -> None:
    done = flowlang("plan", "--format", format, write(here, "a.flow", CLEAN))
    assert done.code == 0
    assert done.out.startswith(start)


def test_one_of_several_flows(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", TWO)
    assert "flow triple(" in flowlang("plan", "a.flow", "--flow", "triple").out
    unnamed = flowlang("plan", "a.flow")
    assert unnamed.code == 2
    assert "several flows, name one with --flow: double, triple" in unnamed.err
    unknown = flowlang("plan", "a.flow", "--flow", "quadruple")
    assert unknown.code == 2
    assert "no flow `quadruple`, it has double, triple" in unknown.err


def test_a_file_with_errors_has_no_plan(flowlang: Command, here: Path) -> None:
    done = flowlang("plan", write(here, "a.flow", WRONG))
    assert (done.code, done.out) == (1, "")
    assert "error[unknown-name]" in done.err


def test_limits_of_the_project_are_in_the_plan(flowlang: Command, here: Path) -> None:
    write(here, "flowlang.toml", "[limits]\nunits = 1000\n")
    (here / "flows").mkdir()
    write(here / "flows", "a.flow", CLEAN)
    assert codec.loads(flowlang("plan", "flows/a.flow", "--format", "json").out).limits.units == 1000


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[limits]\nunit = 1\n", "there is no limit 'unit'"),
        ("[limits]\nunits = 0\n", "above 0"),
        ("[", "cannot be read"),
    ],
)
def test_wrong_limits(flowlang: Command, here: Path, toml: str, message: str) -> None:
    write(here, "flowlang.toml", toml)
    done = flowlang("plan", write(here, "a.flow", CLEAN))
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("args", [[], ["nowhere.flow"], ["."], ["a.flow", "b.flow"], ["a.flow", "--format", "svg"]])
def test_mistakes_of_the_caller(flowlang: Command, here: Path, args: list[str]) -> None:
    write(here, "a.flow", CLEAN)
    assert flowlang("plan", *args).code == 2

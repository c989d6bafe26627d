"""What holds around calls, in hovers and hints: also while something in the file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.compiler.lower import lower
from flowlang.lsp.policies import InForce, steps
from flowlang.plan.walk import place_key
from flowlang.plan.walk import steps as plan_steps
from flowlang.render.policies import policy_lines
from flowlang.syntax import ast
from tests.lsp.asking import MARK, Asked

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/**/*.flow"))
FILE = """\
import http

let tries = 3

@retry('fixed', attempts=4)
service api { base_url = "https://a.example/😀" }

@timeout(1m)
@concurrency(3)
@retry('linear', attempts=2)
flow all(ids: list[string]) -> any {
  @timeout(20s)
  @concurrency(4)
  step receipts = for id in ids {
    @timeout(5s)
    step one = api.get("/{{ id }}").text
    yield one
  }
    catch http { yield [] }
  step wide = for id in ids { yield id }
  @retry('fixed', attempts=tries)
  @rate_limit(10, 1m, key="{{ ids[0] }}")
  step last = http.get("https://b.example").text
  @timeout(7s)
  step inner = other()
  return { receipts, last, wide, inner }
}

@timeout(2m)
flow other() -> string {
  step got = api.get("/").text
  return got
}
"""


def hover(piece: str, text: str = FILE) -> str:
    plain = piece.replace(MARK, "")
    assert text.count(plain) == 1, plain
    return Asked(text.replace(plain, piece)).ask(types.TEXT_DOCUMENT_HOVER).contents.value


def test_a_service_says_what_holds_in_its_calls() -> None:
    found = hover("service a‸pi {").partition("In force in its calls:\n")[2].partition("\n\n")[0].splitlines()
    assert found == [
        "- timeout: 30s an attempt (default)",
        "- retry: 4 attempts, waits of 1s, jitter 0.3, on network, timeout, 429, 5xx (service api)",
    ]


def test_a_service_of_another_file_says_what_it_says_there() -> None:
    lib = "@breaker(failures=9)\n@timeout(3s)\n@retry(nope=1)\nservice crm { base_url = 'https://a.example' }\n"
    asked = Asked('import "lib.flow" as lib\n\nfunction f() -> any = lib.cr‸m\n', {"lib.flow": lib})
    found = asked.ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert "- timeout: 3s an attempt (service crm)\n- breaker: opens after 9 failures" in found
    assert "retry" not in found


def test_what_holds_in_calls_of_a_service_of_another_file_says_where_that_is() -> None:
    lib = "@timeout(5s, total=1m)\n@retry('fixed', attempts=4)\nservice crm { base_url = 'https://a.example' }\n"
    asked = Asked(
        'import "sub/my lib.flow" as lib\n\nflow f() {\n  do lib.crm.g‸et("/")\n}\n', {"sub/my lib.flow": lib}
    )
    found = asked.ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert found.count("service crm of `sub/my lib.flow`") > 1
    assert ".flow:crm" not in found


def in_force(piece: str, text: str = FILE) -> list[str]:
    return [line[2:] for line in hover(piece, text).split("\n") if line.startswith("- ")]


def hints(text: str) -> list[str]:
    everything = types.Range(types.Position(0, 0), types.Position(99, 0))
    return [each.label for each in Asked(text).ask(types.TEXT_DOCUMENT_INLAY_HINT, range=everything)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return got", "return shippd"),
        ("return got", "return"),
        ("return { receipts, last, wide, inner }", "return { receipts, last, wide, inner, nope }"),
        ("@timeout(2m)", "@timeout(2mm)"),
    ],
)
def test_a_mistake_elsewhere_takes_no_policy_away(old: str, new: str) -> None:
    wrong = FILE.replace(old, new)
    assert in_force("step o‸ne = ", wrong) == in_force("step o‸ne = ") != []
    assert in_force("step la‸st = ", wrong) == in_force("step la‸st = ") != []
    policies = [each for each in hints(FILE) if not each.startswith(":")]
    assert [each for each in hints(wrong) if not each.startswith(":")] == policies != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("attempts=tries", "attempts=nope"),
        ("attempts=tries", "attempts='x'"),
        ("attempts=tries", "attmpts=3"),
        ("attempts=tries", "attempts="),
        ("let tries = 3", "let tries: int = '😀'"),
        ("let tries = 3", "let tries = tries"),
        ("let tries = 3", "let tries = 1 + nope"),
        ("let tries = 3\n", ""),
    ],
)
def test_an_annotation_with_a_mistake_counts_as_absent(old: str, new: str) -> None:
    lines = in_force("step la‸st = ", FILE.replace(old, new))
    assert any(line.startswith("rate limit: 10 calls per 1m") for line in lines)
    assert not any(line.startswith("retry: 3") for line in lines)


def test_bounds_of_flows_blocks_and_calls() -> None:
    assert in_force("flow al‸l(") == ["deadline 1m (flow)", "3 runs at once (flow)"]
    block = ["deadline 20s (block receipts)", "4 at once (block receipts)"]
    around = ["deadline 1m (flow)", "3 runs at once (flow)"]
    assert in_force("step rec‸eipts = ") == [*block, *around]
    assert in_force("step wi‸de = ") == ["10 at once (block wide, default)", *around]
    assert in_force("step o‸ne = ")[-4:] == [*block, *around]
    assert in_force("step inn‸er = ") == ["deadline 7s (step)", *around]
    assert in_force("= ot‸her()") == ["deadline 7s (step)", *around]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_policies_are_those_of_the_plan(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    asked = Asked(path.read_text(encoding="utf-8"))
    snapshot = asked.project.snapshot(asked.uri)
    assert snapshot.file is not None
    for flow in (item for item in snapshot.file.tree.items if isinstance(item, ast.FlowDecl)):
        plan = lower(snapshot.program, flow.name.name)
        planned = {
            (place.line, place.column): [(line.short, line.origin.rpartition(".")[2]) for line in lines]
            for key, step in plan_steps(plan.flows[plan.flow])
            if (lines := [line for line in policy_lines(step.policies) if line.origin])
            and (place := plan.places[place_key(plan.flow, key)])
        }
        told = InForce(snapshot)
        found = {}
        for chain in steps(flow):
            step = chain[-1]
            assert isinstance(step, (ast.Step, ast.Do))
            at = snapshot.file.source.position(step.name.start if isinstance(step, ast.Step) else step.value.start)
            lines = [(line.short, line.origin.rpartition(".")[2]) for line in told.of_call(chain)]
            if lines:
                found[at.line, at.column] = lines
        assert found == planned

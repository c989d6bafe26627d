"""`flowlang runs stats`, `failed` and `replay`: what runs came to, which failed, and running one again with changes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.engines.statistics import Ran, Tally, tally
from flowlang.engines.steps import StepReport
from flowlang.store.sqlite import Store
from tests.surfaces.conftest import CLEAN, ONE, Command, answer, write

FLOW = """\
config {
  base: url
  depth: int = 1
}

service work {
  base_url = config.base
}

flow ask(id: string, wait: duration = 10ms, times: int = 2) -> int {
  step items = for n in range(times) {
    @meter(tokens=result.json.n)
    step one: int = work.post("/one", json={ id, n, depth: config.depth }).json.n
    yield one
  }
  step last: int = work.post("/last", json={ id, items, wait }).json.n
  return last
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "ask.flow", FLOW)
    answer(services)
    return {"FLOW_BASE": services.url}


def ran(flow: str, status: str, duration: int | None, *steps: StepReport) -> Ran:
    return Ran(flow, status, 5, duration, list(steps))


def test_percentiles_are_nearest_ranks() -> None:
    each = Tally()
    assert (each.mean, each.percentile(0.5), each.success_rate) == (None, None, None)
    for n in range(1, 21):
        each.add("succeeded", n, n, ())
    assert (each.percentile(0.5), each.percentile(0.95), each.percentile(1)) == (10, 19, 20)
    each.add("failed", 1000, 21, ())
    assert each.percentile(0.95) == 20
    assert each.success_rate == 20 / 21
    assert each.last == 21


def test_steps_of_loops_count_together() -> None:
    steps = [StepReport(f"all[{n}].one", "succeeded", 1 + n, 10, 10 + n, None, {"tokens": 2}) for n in range(3)]
    steps += [StepReport("last", "failed", 1, 20, 25), StepReport("skipped", "skipped")]
    found = tally([ran("f", "failed", 30, *steps), ran("f", "running", None), ran("a", "succeeded", 1)])
    assert list(found) == ["a", "f"]
    flow = found["f"]
    assert (flow.runs.total, flow.runs.failed, flow.runs.durations) == (2, 1, [30])
    assert flow.runs.meter == {"tokens": 6}
    assert list(flow.steps) == ["all[].one", "last"]
    assert (flow.steps["all[].one"].total, flow.steps["all[].one"].attempts) == (3, 6)
    assert flow.steps["last"].failure_rate == 1


def test_stats_of_real_runs(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    assert flowlang("run", "ask.flow", "--input=id=a", **env).code == 0
    answer(services, "POST /last", {"status": 422, "times": "always"})
    assert flowlang("run", "ask.flow", "--input=id=b", "--run-id=bad", **env).code == 1
    document = flowlang("runs", "stats", "--format=json").json()
    assert document["window"] == "24h"
    (flow,) = document["flows"]
    numbers = {name: flow[name] for name in ("flow", "total", "succeeded", "failed", "success_rate", "meter")}
    assert numbers == {
        "flow": "ask", "total": 2, "succeeded": 1, "failed": 1, "success_rate": 0.5, "meter": {"tokens": 4},
    }  # fmt: skip
    steps = {step["step"]: step for step in flow["steps"]}
    assert (steps["items[].one"]["total"], steps["items[].one"]["meter"]) == (4, {"tokens": 4})
    assert (steps["last"]["failed"], steps["last"]["failure_rate"]) == (1, 0.5)
    assert flow["duration_ms"]["p95"] >= flow["duration_ms"]["p50"] > 0
    text = flowlang("runs", "stats").out
    assert text.splitlines()[1].split()[:6] == ["ask", "2", "1", "1", "0", "50.0%"]
    assert "4 tokens" in text
    assert flowlang("runs", "stats", "--flow=other", "--format=json").json()["flows"] == []


UNDONE = """\
import http

config {
  base: url
}

flow book(id: string) -> any {
  step held = http.post("{{ config.base }}/hold/{{ id }}")
    undo { do http.delete("{{ config.base }}/hold/{{ id }}") }
  do http.post("{{ config.base }}/pay", json=held.status)
  return held.status
}
"""


def test_a_step_that_was_undone_counts_as_what_its_call_was(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "book.flow", UNDONE)
    services.faults.clear()
    services.fail("POST /pay", {"status": 422, "times": "always"})
    services.fail("POST /hold/lost", {"drop": "response", "times": "always"})
    services.fail("*", ONE)
    assert "undone    held" in flowlang("run", "book.flow", "--input=id=a", **env).err
    assert "undone    held" in flowlang("run", "book.flow", "--input=id=lost", **env).err
    (flow,) = flowlang("runs", "stats", "--flow=book", "--format=json").json()["flows"]
    (held,) = [step for step in flow["steps"] if step["step"] == "held"]
    counted = {name: held[name] for name in ("total", "succeeded", "failed", "cancelled", "success_rate")}
    assert counted == {"total": 2, "succeeded": 1, "failed": 1, "cancelled": 0, "success_rate": 0.5}


def test_only_runs_of_the_window_count(flowlang: Command, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, "a.flow", CLEAN)
    flowlang("run", "a.flow", "--input=n=1")
    with Store(here / ".flowlang" / "runs.db") as store:
        now = time.time_ns() // 1000
        assert len(list(store.since(now - 60_000_000))) == 1
        assert list(store.since(now + 60_000_000)) == []
        assert list(store.since(0, "other")) == []


def test_many_runs_are_read_page_by_page(flowlang: Command, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, "a.flow", CLEAN)
    for n in range(5):
        flowlang("run", "a.flow", f"--input=n={n}", f"--run-id=r{n}")
    monkeypatch.setattr("flowlang.store.sqlite.PAGE", 2)
    with Store(here / ".flowlang" / "runs.db") as store:
        assert [record.id for record in store.since(0)] == ["r4", "r3", "r2", "r1", "r0"]


def test_dead_letters_say_why(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "POST /last", {"status": 422, "times": "always"})
    flowlang("run", "ask.flow", "--input=id=b", "--run-id=bad", **env)
    assert flowlang("runs", "retry", "bad", **env).code == 1
    line = flowlang("runs", "failed").out.splitlines()[1]
    assert line.startswith("bad  ask ")
    assert "422" in line
    (letter,) = flowlang("runs", "failed", "--format=json").json()["failed"]
    assert (letter["run"], letter["tries"], letter["inputs"]["id"]) == ("bad", 2, "b")
    assert (letter["error"]["step"], letter["error"]["kind"]) == ("last", "http")
    answer(services, "POST /last", ONE)
    assert flowlang("runs", "retry", "bad", **env).code == 0
    assert flowlang("runs", "failed", "--format=json").json() == {"failed": []}


def test_a_replay_changes_what_it_is_told(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    flowlang("run", "ask.flow", "--input=id=a", "--input=wait=90s", "--run-id=old", "--config=depth=3", **env)
    (here / "ask.flow").unlink()  # the plan is pinned
    before = len(services.calls)
    done = flowlang(
        "runs", "replay", "old", "--input=times=1", "--config=depth=4", "--run-id=new", "--format=json", **env
    )
    assert done.code == 0, done.err
    assert "ask.flow has changed since run old began; the new run has the plan that one began with" in done.err
    assert [call.json for call in services.calls[before:]] == [
        {"id": "a", "n": 0, "depth": 4}, {"id": "a", "items": [1], "wait": "PT1M30S"},
    ]  # fmt: skip
    shown = flowlang("runs", "show", "new", "--format=json").json()
    assert shown["inputs"] == {"id": "a", "wait": "PT1M30S", "times": 1}
    assert shown["config"]["depth"] == 4
    assert flowlang("runs", "show", "old", "--format=json").json()["inputs"]["times"] == 2


def test_what_is_wrong_with_a_replay_is_said_at_once(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    flowlang("run", "ask.flow", "--input=id=a", "--run-id=old", **env)
    done = flowlang("runs", "replay", "old", "--input=times=x", "--input=no=1", "--config=nope=2", **env)
    assert done.code == 2
    assert "`times`" in done.err
    assert "`no` is not known" in done.err
    assert "nope" in done.err
    assert flowlang("runs", "replay", "other", **env).code == 2
    calls = len(services.calls)
    done = flowlang("runs", "replay", "old", "--run-id=old", **env)
    assert done.code == 2
    assert "--run-id names the new run, and old is the earlier one" in done.err
    assert len(services.calls) == calls


def test_a_replay_that_is_told_twice_is_one_new_run(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    flowlang("run", "ask.flow", "--input=id=a", "--run-id=old", **env)
    again = ("runs", "replay", "old", "--run-id=new")
    assert flowlang(*again, **env).code == 0
    calls = len(services.calls)
    assert flowlang(*again, **env).code == 0
    assert len(services.calls) == calls


BLOCK = """\
config {
  base: url
}

service work {
  base_url = config.base
}

flow built(id: string) -> int {
  step both = sequence {
    step one: int = work.post("/one").json.n
    step two: int = work.post("/two", json=one).json.n
    yield one + two
  }
  return both
}
"""


def test_the_time_of_a_block_is_that_of_the_retry_it_went_on_in(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "built.flow", BLOCK)
    answer(services, "POST /two", {"status": 422})
    assert flowlang("run", "built.flow", "--input=id=a", "--run-id=mine", **env).code == 1
    time.sleep(1.5)
    done = flowlang("runs", "retry", "mine", "--format=json", **env).json()
    steps = {step["key"]: step["duration_ms"] for step in done["steps"]}
    assert 0 < steps["both"] < 1500

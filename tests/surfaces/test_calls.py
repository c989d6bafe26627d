"""Calls that a killed process left under way: they are counted, and not forgotten when the run is ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from examples.services import Services
from tests.surfaces.conftest import ONE, Command, answer, start, wait_for_calls, write

FLOW = """\
config {
  base: url
}

@idempotent
service work {
  base_url = config.base
}

flow f() -> int {
  @retry('fixed', attempts=6, delay=100ms, jitter=0)
  step first: int = work.post("/first", json={ a: 1 }).json.n
    undo { do work.delete("/first") }
  @retry('fixed', attempts=2, delay=50ms, jitter=0)
  @timeout(total=1m)
  step polled: int = work.post("/polled", json={ first }).json.n
    until polled > 1 every 100ms
  step last: int = work.post("/last", json={ polled }).json.n
    undo { do work.delete("/last/{{ last }}") }
  return last
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "f.flow", FLOW)
    return {"FLOW_BASE": services.url}


def kill_after(calls: int, services: Services, here: Path, env: dict[str, str], resume: bool = False) -> None:
    command = ["run", "--resume", "mine"] if resume else ["run", "f.flow", "--run-id=mine"]
    with start(command, here, **env) as process:
        wait_for_calls(services, calls)
        process.kill()
        process.communicate()


def attempts(flowlang: Command) -> dict[str, Any]:
    steps = flowlang("runs", "show", "mine", "--format=json").json()["steps"]
    return {step["key"]: (step["status"], step["attempts"]) for step in steps}


def test_calls_are_counted_over_all_processes(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    bad, slow = {"status": 503}, {"delay": 8.0, "json": {"n": 1}}
    services.fail("POST /first", slow, bad, slow, {"json": {"n": 1}})
    services.fail("POST /polled", bad, {"json": {"n": 1}}, slow, bad, {"json": {"n": 2}})
    services.fail("POST /last", ONE)
    kill_after(1, services, here, env)
    assert attempts(flowlang) == {"first": ("running", 1)}
    kill_after(3, services, here, env, resume=True)
    assert attempts(flowlang) == {"first": ("running", 3)}
    kill_after(7, services, here, env, resume=True)
    assert attempts(flowlang) == {"first": ("succeeded", 4), "polled": ("running", 3)}
    done = flowlang("run", "--resume", "mine", "--format=json", **env)
    assert done.code == 0
    ended = {"first": ("succeeded", 4), "polled": ("succeeded", 5), "last": ("succeeded", 1)}
    assert {step["key"]: (step["status"], step["attempts"]) for step in done.json()["steps"]} == ended
    assert attempts(flowlang) == ended
    assert [len(services.calls_of(f"POST /{key}")) for key in ("first", "polled", "last")] == [4, 5, 1]


def test_a_call_left_under_way_is_undone_if_the_run_is_ended_instead(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    answer(services, "POST /first", {"delay": 8.0, **ONE})
    kill_after(1, services, here, env)
    assert flowlang("runs", "cancel", "mine", **env).code == 0
    assert [call.route for call in services.calls] == ["POST /first", "DELETE /first"]


def test_a_call_left_under_way_that_cannot_be_undone_is_told(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    services.fail("POST /polled", {"json": {"n": 2}})
    services.fail("POST /last", {"delay": 8.0, **ONE})
    services.fail("*", ONE)
    kill_after(3, services, here, env)
    done = flowlang("runs", "cancel", "mine", **env)
    assert done.code == 0
    assert "flowlang: outcome unknown: step `last` may have taken effect\n" in done.err
    assert [call.route for call in services.calls][3:] == ["DELETE /first"]
    assert flowlang("runs", "show", "mine", "--format=json").json()["outcome_unknown"] == ["last"]

"""Calls that a killed process left under way: they are counted, and not forgotten when the run is ended."""

from __future__ import annotations

import time
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


def kill_when(
    shown: dict[str, Any], calls: int, services: Services, flowlang: Command, here: Path, env: dict[str, str]
) -> None:
    """Kill the run's process once `runs show` tells so of its steps and so many calls have come."""
    resume = bool(services.calls)
    command = ["run", "--resume", "mine"] if resume else ["run", "f.flow", "--run-id=mine"]
    until = time.monotonic() + 30
    with start(command, here, **env) as process:
        while (told := attempts(flowlang)) != shown and time.monotonic() < until:
            time.sleep(0.01)
        wait_for_calls(services, calls)
        process.kill()
        process.communicate()
    assert told == shown
    assert attempts(flowlang) == shown


def attempts(flowlang: Command) -> dict[str, Any]:
    """The steps as `runs show` tells of them; none before the run is there."""
    done = flowlang("runs", "show", "mine", "--format=json")
    steps = done.json()["steps"] if done.code == 0 else []
    return {step["key"]: (step["status"], step["attempts"]) for step in steps}


def test_calls_are_counted_over_all_processes(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    bad, slow = {"status": 503}, {"delay": 8.0, "json": {"n": 1}}
    services.fail("POST /first", slow, bad, slow, {"json": {"n": 1}})
    services.fail("POST /polled", bad, {"json": {"n": 1}}, slow, bad, {"json": {"n": 2}})
    services.fail("POST /last", ONE)
    kill_when({"first": ("running", 1)}, 1, services, flowlang, here, env)
    kill_when({"first": ("running", 3)}, 3, services, flowlang, here, env)
    kill_when({"first": ("succeeded", 4), "polled": ("running", 3)}, 7, services, flowlang, here, env)
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
    kill_when({"first": ("running", 1)}, 1, services, flowlang, here, env)
    assert flowlang("runs", "cancel", "mine", **env).code == 0
    assert [call.route for call in services.calls] == ["POST /first", "DELETE /first"]


def test_a_call_left_under_way_that_cannot_be_undone_is_told(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    services.fail("POST /polled", {"json": {"n": 2}})
    services.fail("POST /last", {"delay": 8.0, **ONE})
    services.fail("*", ONE)
    ended = {"first": ("succeeded", 1), "polled": ("succeeded", 1)}
    kill_when({**ended, "last": ("running", 1)}, 3, services, flowlang, here, env)
    done = flowlang("runs", "cancel", "mine", **env)
    assert done.code == 0
    assert "flowlang: outcome unknown: step `last` may have taken effect\n" in done.err
    assert [call.route for call in services.calls][3:] == ["DELETE /first"]
    assert flowlang("runs", "show", "mine", "--format=json").json()["outcome_unknown"] == ["last"]


def test_a_call_left_in_a_round_is_made_again_where_another_round_fails_the_loop(
    flowlang: Command, here: Path, services: Services
) -> None:
    rounds = FLOW[: FLOW.index("flow f")] + (
        "flow f() -> any {\n"
        "  step items = for i in [0, 1] {\n"
        '    step token: secret = work.get("/token/{{ i }}").json.n\n'
        '    step call = work.post("/call/{{ i }}", json={ token })\n'
        '      undo { do work.delete("/call/{{ i }}") }\n'
        "    yield call.status\n"
        "  }\n"
        "  return items\n"
        "}\n"
    )
    write(here, "f.flow", rounds)
    env = {"FLOW_BASE": services.url}
    token = {"json": {"n": "t"}, "times": "always"}
    services.fail("GET /token/*", token)
    services.fail("*", {"delay": 8.0, **ONE})
    steps = (("token", "succeeded"), ("call", "running"))
    under_way = {f"items[{i}].{step}": (status, 1) for i in (0, 1) for step, status in steps}
    kill_when(under_way, 4, services, flowlang, here, env)
    services.faults.clear()
    services.fail("GET /token/1", {"delay": 1.0, **token})
    services.fail("GET /token/*", token)
    services.fail("POST /call/0", {"status": 400, "times": "always"})
    services.fail("*", ONE)
    assert flowlang("run", "--resume", "mine", **env).code == 1
    assert [call.route for call in services.calls][-2:] == ["POST /call/1", "DELETE /call/1"]

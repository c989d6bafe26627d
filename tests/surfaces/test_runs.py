"""`flowlang runs`: list, show, retry, cancel."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.cli.shown import duration
from flowlang.plan import codec
from flowlang.store.sqlite import Store
from tests.surfaces.conftest import CLEAN, ONE, Command, answer, start, wait_for_calls, write

FLOW = """\
config {
  base: url
}

@idempotent
service work {
  base_url = config.base
}

flow ship(id: string) -> int {
  step read: int = work.post("/read", json={ id }).json.n
  step pay: int = work.post("/pay", json={ read }).json.n
    undo { do work.delete("/pay") }
  step label: int = work.post("/label", json={ pay }).json.n
  return label
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "ship.flow", FLOW)
    answer(services)
    return {"FLOW_BASE": services.url}


def failed_run(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "POST /label", {"status": 422, "times": "always"})
    assert flowlang("run", "ship.flow", "--input=id=x", "--run-id=mine", **env).code == 1
    answer(services, "POST /label", ONE)


def routes(services: Services) -> list[str]:
    return [call.route for call in services.calls]


def test_a_corrupt_run_or_event_hides_no_other(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", CLEAN)
    for n in range(3):
        flowlang("run", "a.flow", f"--input=n={n}", f"--run-id=r{n}")
        flowlang("events", "emit", "paid", f"--id=e{n}")
    connection = sqlite3.connect(here / ".flowlang" / "runs.db")
    connection.execute("UPDATE runs SET flow = 'other', status = 'failed' WHERE id = 'r1'")
    connection.execute("UPDATE events SET at = at + 1 WHERE id = 'e1'")
    connection.commit()
    connection.close()
    for command, shown in (
        (("runs", "list"), {"r0", "r2"}),
        (("runs", "failed"), {"RUN"}),
        (("runs", "stats", "--window=all"), {"double"}),
        (("events", "list"), {"e0", "e2"}),
    ):
        done = flowlang(*command)
        named = "event e1 is corrupt" if command[0] == "events" else "the record of run r1 is corrupt"
        assert (done.code, named in done.err) == (2, True), command
        assert done.err.splitlines()[-1].startswith("put back a copy of the database from before"), command
        assert shown <= set(done.out.split()), command
        assert not {"r1", "e1"} & set(done.out.split()), command


def test_a_database_that_lacks_a_table_says_so(flowlang: Command, here: Path) -> None:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1", "--run-id=r")
    connection = sqlite3.connect(here / ".flowlang" / "runs.db")
    connection.execute("DROP TABLE events")
    connection.commit()
    connection.close()
    done = flowlang("events", "list")
    said = "flowlang: error: .flowlang/runs.db is damaged: there is no such table: events; put back what was there\n"
    assert (done.code, done.out, done.err) == (2, "", said)


def test_list_the_newest_first(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", CLEAN)
    for n in range(3):
        flowlang("run", "a.flow", f"--input=n={n}", f"--run-id=r{n}")
    lines = flowlang("runs", "list").out.splitlines()
    assert lines[0].split() == ["RUN", "FLOW", "STATUS", "STARTED", "TOOK"]
    assert [line.split()[:3] for line in lines[1:]] == [[f"r{n}", "double", "succeeded"] for n in (2, 1, 0)]
    assert len(flowlang("runs", "list", "--limit", "2").out.splitlines()) == 3
    document = flowlang("runs", "list", "--format", "json").json()
    assert [(run["run"], run["status"], run["output"]) for run in document["runs"]] == [
        ("r2", "succeeded", 4),
        ("r1", "succeeded", 2),
        ("r0", "succeeded", 0),
    ]


def test_list_filters(flowlang: Command, here: Path, services: Services, env: dict[str, str]) -> None:
    write(here, "a.flow", CLEAN)
    flowlang("run", "a.flow", "--input=n=1", "--run-id=good")
    failed_run(flowlang, services, env)

    def ids(*args: str) -> list[str]:
        return [run["run"] for run in flowlang("runs", "list", "--format=json", *args).json()["runs"]]

    assert ids("--status", "failed") == ["mine"]
    assert ids("--status", "succeeded") == ["good"]
    assert ids("--status", "interrupted") == []
    assert ids("--flow", "double") == ["good"]
    assert ids("--flow", "nothing") == []


def test_show(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    failed_run(flowlang, services, env)
    shown = flowlang("runs", "show", "mine").out
    for part in ("run      mine", "flow     ship", "status   failed", 'inputs   {"id": "x"}', "label", "answered 422"):
        assert part in shown
    document = flowlang("runs", "show", "mine", "--format", "json").json()
    assert {step["key"]: step["status"] for step in document["steps"]} == {
        "read": "succeeded",
        "pay": "undone",
        "label": "failed",
        "pay.undo.delete": "succeeded",
    }


def test_what_is_shown_of_a_run_cannot_steer_the_terminal(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", "flow f(x: string) -> string {\n  return x\n}\n")
    assert flowlang("run", "a.flow", "--input=x=\u202e\x9b31m", "--run-id=mine").out == '"\u202e\x9b31m"\n'
    shown = flowlang("runs", "show", "mine").out
    assert shown.count("\\u202e\\x9b31m") == 2
    assert "\u202e" not in shown


PAUSED = """\
type Pause { wait: duration, note: string? }

config { limit: duration = 1m }

flow rest(pause: Pause, all: list[duration] = []) -> duration {
  ensure pause.wait < config.limit
  return pause.wait
}
"""


def test_durations_are_shown_as_they_are_given(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", PAUSED)
    done = flowlang("run", "a.flow", '--input=pause={"wait": 90000000}')
    assert done.code == 2
    assert "input `pause.wait`: expected a duration such as 30s or PT1H30M, written as text, got 90000000" in done.err
    assert flowlang("run", "a.flow", '--input=pause={"wait": "90s"}', '--input=all=["1h"]', "--run-id=mine").code == 1
    inputs = {"pause": {"wait": "PT1M30S"}, "all": ["PT1H"]}
    assert f"inputs   {json.dumps(inputs)}" in flowlang("runs", "show", "mine").out
    document = flowlang("runs", "show", "mine", "--format=json").json()
    assert (document["inputs"], document["config"]) == (inputs, {"limit": "PT1M"})
    (letter,) = flowlang("runs", "failed", "--format=json").json()["failed"]
    assert letter["inputs"] == inputs
    again = ["--input-file=-", "--config=limit=2m", "--run-id=other"]
    assert flowlang("runs", "replay", "mine", *again, stdin=json.dumps(inputs)).out == '"PT1M30S"\n'


def test_what_is_shown_of_a_run_that_is_not_over_says_how_to_go_on(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    answer(services, "POST /label", {"delay": 20.0, **ONE})
    with start(["run", "ship.flow", "--input=id=x", "--run-id=mine"], here, **env) as process:
        wait_for_calls(services, 3)
        shown = flowlang("runs", "show", "mine").out
        retried = flowlang("runs", "retry", "mine")
        process.send_signal(signal.SIGKILL)
        process.communicate()
    resume = "flowlang run --resume mine"
    assert shown.endswith(f"\nit is under way in another process; wait for its end: {resume}\n")
    assert (retried.code, retried.err.count(f"go on with it, or wait for its end: {resume}\n")) == (2, 1)
    assert flowlang("runs", "show", "mine").out.endswith(f"\ngo on with it: {resume}\n")
    answer(services)
    assert flowlang(*resume.split()[1:], **env).code == 0


def test_who_lost_a_race_waits_no_more(flowlang: Command, here: Path, services: Services, env: dict[str, str]) -> None:
    race = """\
import time

flow ship() -> int? {
  step won = race {
    step fast: int = work.post("/fast").json.n
    step slow = sequence {
      do time.wait(1h)
      yield 2
    }
  }
  return won
}
"""
    write(here, "ship.flow", race + ONCE.partition("flow ship")[0])
    answer(services, "POST /fast", {"delay": 0.5, **ONE})  # so that the other waits by then
    assert flowlang("run", "ship.flow", "--run-id=mine", **env).code == 0
    steps = flowlang("runs", "show", "mine", "--format=json").json()["steps"]
    assert {step["key"]: step["status"] for step in steps} == {"won.fast": "succeeded", "won.slow.wait": "cancelled"}


def test_show_tells_what_the_run_told(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    failed_run(flowlang, services, env)
    shown = flowlang("runs", "show", "mine").out
    verdict = shown[shown.index("run mine failed") :].splitlines()
    assert verdict[0].startswith("run mine failed at step `label`, attempt 1: http: POST ")
    assert verdict[1].strip() == "--> ship.flow:14:8"
    assert verdict[-1] == "try again from where it failed: flowlang runs retry mine"


def test_a_flow_that_hands_its_failure_on_is_no_step(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    handler = "catch as err {\n  do work.post('/told', json={ why: err.message })\n}\n"
    write(here, "ship.flow", FLOW + handler)
    failed_run(flowlang, services, env)
    steps = flowlang("runs", "show", "mine", "--format", "json").json()["steps"]
    assert [step["key"] for step in steps] == ["read", "pay", "label", "pay.undo.delete", "catch0.post"]


def test_an_undo_adds_nothing_to_its_step_and_undoes_nothing_if_it_fails(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    services.faults.clear()
    services.fail("DELETE /pay", {"delay": 0.5, "status": 500, "times": "always"})
    services.fail("POST /label", {"status": 422, "times": "always"})
    services.fail("*", ONE)
    assert flowlang("run", "ship.flow", "--input=id=x", "--run-id=mine", **env).code == 1
    steps = {step["key"]: step for step in flowlang("runs", "show", "mine", "--format", "json").json()["steps"]}
    assert steps["pay"]["status"] == "succeeded"
    assert steps["pay"]["duration_ms"] < 500 <= steps["pay.undo.delete"]["duration_ms"]
    assert "error" not in steps["pay"]


UNKNOWN = """\
config {
  base: url
}

service work {
  base_url = config.base
}

flow ship() -> string {
  step pay = work.post("/pay").json.n
    undo { do work.delete("/pay/{{ pay | string }}") }
  return pay | string
}
catch network {
  return 'nobody knows'
}
"""


def test_an_unknown_outcome_is_told_though_the_run_succeeded(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    write(here, "ship.flow", UNKNOWN)
    answer(services, "POST /pay", {"drop": "response", "times": "always"})
    done = flowlang("run", "ship.flow", "--run-id=mine", **env)
    said = "outcome unknown: step `pay` may have taken effect"
    assert (done.code, done.out) == (0, '"nobody knows"\n')
    assert said in done.err
    assert said in flowlang("runs", "show", "mine").out
    for again in (["runs", "show", "mine"], ["run", "--resume=mine"]):
        assert flowlang(*again, "--format=json", **env).json()["outcome_unknown"] == ["pay"]


def test_an_undo_of_unknown_outcome_is_told_by_a_retry_too(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    services.faults.clear()
    services.fail("DELETE /pay", {"drop": "response", "times": "always"})
    services.fail("POST /label", {"status": 422}, ONE)
    services.fail("*", ONE)
    assert flowlang("run", "ship.flow", "--input=id=x", "--run-id=mine", **env).code == 1
    said = "outcome unknown: step `pay.undo.delete` may have taken effect"
    done = flowlang("runs", "retry", "mine", **env)
    assert (done.code, done.out) == (0, "1\n")
    assert said in done.err
    assert said in flowlang("runs", "show", "mine").out


def test_an_unknown_outcome_is_told_of_a_call_that_is_made_again_under_another_key(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    services.faults.clear()
    services.fail("POST /label", {"drop": "response", "times": 10}, ONE)
    services.fail("*", ONE)
    assert flowlang("run", "ship.flow", "--input=id=x", "--run-id=mine", **env).code == 1
    services.faults.clear()
    services.fail("*", ONE)
    done = flowlang("runs", "retry", "mine", **env)
    assert (done.code, done.out) == (0, "1\n")
    assert "outcome unknown: step `label` may have taken effect" in done.err


def test_retry_does_again_what_failed_and_what_was_undone(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    failed_run(flowlang, services, env)
    before = routes(services)
    assert before == ["POST /read", "POST /pay", "POST /label", "DELETE /pay"]
    done = flowlang("runs", "retry", "mine", **env)
    assert (done.code, done.out) == (0, "1\n")
    assert routes(services)[4:] == ["POST /pay", "POST /label"]
    keys = {(call.route, call.key) for call in services.calls if call.route.startswith("POST")}
    assert len({key for route, key in keys if route == "POST /pay"}) == 2  # undone: another effect
    assert len({key for route, key in keys if route == "POST /label"}) == 2  # it refers to what was undone
    shown = flowlang("runs", "show", "mine", "--format", "json").json()
    assert (shown["status"], shown["retries"]) == ("succeeded", 1)


ORDER = """\
config {
  base: url
}

@idempotent
service shop {
  base_url = config.base
}

type R {
  n: int
}

flow ship(id: string) -> list[int] {
  step order: R = shop.post("/order", json={ id }).json
    undo { do shop.delete("/order/{{ order.n }}") }
  step invoice: R = shop.post("/invoice", json={ order: order.n }).json
  step pay: R = shop.post("/pay", json={ order: order.n, invoice: invoice.n }).json
  return [order.n, invoice.n, pay.n]
}
"""


def number(n: int) -> dict[str, object]:
    return {"status": 200, "json": {"n": n}}


def test_what_refers_to_an_undone_step_is_done_again_under_a_new_key(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    write(here, "ship.flow", ORDER)
    services.faults.clear()
    services.fail("POST /order", number(1), number(2))
    services.fail("POST /invoice", number(10), number(20))
    services.fail("POST /pay", {"status": 402}, number(200))
    services.fail("*", ONE)
    assert flowlang("run", "ship.flow", "--input=id=x", "--run-id=mine", **env).code == 1
    done = flowlang("runs", "retry", "mine", "--format=json", **env).json()
    assert done["output"] == [2, 20, 200]
    for route in ("POST /order", "POST /invoice", "POST /pay"):
        assert len([call.key for call in services.calls if call.route == route]) == 2
        assert len({call.key for call in services.calls if call.route == route}) == 2


def test_attempts_are_counted_over_all_tries(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    failed_run(flowlang, services, env)
    told = flowlang("runs", "retry", "mine", "--format", "json", **env).json()
    shown = flowlang("runs", "show", "mine", "--format", "json").json()
    counted = flowlang("runs", "stats", "--format", "json").json()["flows"][0]
    for steps in (told["steps"], shown["steps"]):
        assert {step["key"]: step["attempts"] for step in steps if ".undo" not in step["key"]} == {
            "read": 1, "pay": 2, "label": 2,
        }  # fmt: skip
    assert {step["step"]: step["attempts"] for step in counted["steps"]}["label"] == 2


def test_retry_from_the_start(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    failed_run(flowlang, services, env)
    done = flowlang("runs", "retry", "mine", "--from-start", "--format", "json", **env)
    assert done.json()["output"] == 1
    assert routes(services)[4:] == ["POST /read", "POST /pay", "POST /label"]
    assert len({call.key for call in services.calls_of("POST /read")}) == 2


def test_a_retry_says_that_the_file_has_changed(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    failed_run(flowlang, services, env)
    answer(services, "POST /label", {"status": 422, "times": "always"})
    assert "has changed" not in flowlang("runs", "retry", "mine", **env).err
    write(here, "ship.flow", CLEAN)
    done = flowlang("runs", "retry", "mine", **env)
    assert "ship.flow has changed since run mine began; it goes on with the plan it began with" in done.err


def test_a_retry_may_fail_again(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    failed_run(flowlang, services, env)
    answer(services, "POST /label", {"status": 422, "times": "always"})
    done = flowlang("runs", "retry", "mine", **env)
    assert done.code == 1
    assert "failed at step `label`" in done.err
    answer(services, "POST /label", ONE)
    assert flowlang("runs", "retry", "mine", **env).code == 0


ONCE = """\
config {
  base: url
}

service work { base_url = config.base }

flow ship() -> int {
  step read: int = work.post("/read").json.n
  @once
  step pay: int = work.post("/pay", json={ read }).json.n
  return pay
}
"""


def test_what_is_offered_starts_a_step_again_that_is_once(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    write(here, "ship.flow", ONCE)
    answer(services, "POST /read", {"status": 422, "times": "always"})
    done = flowlang("run", "ship.flow", "--run-id=mine", **env)
    assert done.err.splitlines()[-1] == "try again from where it failed: flowlang runs retry mine"
    answer(services, "POST /pay", {"status": 422, "times": "always"})
    done = flowlang("runs", "retry", "mine", **env)
    offered = "flowlang runs retry mine --from-start"
    assert done.err.splitlines()[-1] == f"do everything again, also step `pay`, which is `@once`: {offered}"
    assert done.err.splitlines()[-1] in flowlang("runs", "show", "mine").out
    assert f"; {offered} tries it again" in flowlang("run", "--resume=mine").err
    answer(services)
    assert flowlang(*offered.split()[1:], **env).code == 0


def test_only_what_failed_is_retried(flowlang: Command, here: Path) -> None:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1", "--run-id=good")
    done = flowlang("runs", "retry", "good")
    assert done.code == 2
    assert "run good has succeeded; a new run that does its work again: flowlang runs replay good" in done.err


def test_cancel_a_run_in_another_process(
    flowlang: Command, here: Path, services: Services, env: dict[str, str]
) -> None:
    answer(services, "POST /label", {"delay": 20.0, **ONE})
    with start(["run", "ship.flow", "--input=id=x", "--run-id=mine"], here, **env) as process:
        wait_for_calls(services, 3)
        assert flowlang("runs", "list", "--status", "running").out.count("mine") == 1
        done = flowlang("runs", "cancel", "mine", **env)
        out, err = process.communicate()
    assert done.code == 0
    assert "run mine was cancelled" in done.err
    assert (process.returncode, out) == (1, "")
    assert "run mine was cancelled" in err
    assert routes(services) == ["POST /read", "POST /pay", "POST /label", "DELETE /pay"]
    assert flowlang("runs", "list", "--status", "cancelled").out.count("mine") == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["runs", "cancel", "mine"], "was asked to end, and is still under way in another process; wait for its end: "),
        (["run", "--resume", "mine"], "is still under way in another process; wait for its end: "),
    ],
)
def test_who_only_waited_for_a_run_has_not_interrupted_it(
    flowlang: Command, here: Path, services: Services, env: dict[str, str], command: list[str], said: str
) -> None:
    answer(services, "POST /label", {"delay": 20.0, **ONE})
    services.fail("DELETE /pay", {"delay": 20.0, **ONE})
    with start(["run", "ship.flow", "--input=id=x", "--run-id=mine"], here, **env) as process:
        wait_for_calls(services, 3)
        with start(command, here, **env) as waiting:
            assert waiting.stderr is not None
            first = waiting.stderr.readline()
            waiting.terminate()
            rest = waiting.stderr.read()
        process.kill()
    assert "waiting for it to end" in first
    assert rest == f"flowlang: run mine {said}flowlang {' '.join(command)}\n"
    assert waiting.returncode == 143


def test_cancel_a_run_that_nobody_is_at(flowlang: Command, here: Path, services: Services, env: dict[str, str]) -> None:
    answer(services, "POST /label", {"delay": 20.0, **ONE})
    with start(["run", "ship.flow", "--input=id=x", "--run-id=mine"], here, **env) as process:
        wait_for_calls(services, 3)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = flowlang("runs", "cancel", "mine", **env)
    assert done.code == 0
    assert routes(services)[3:] == ["DELETE /pay"]
    assert flowlang("runs", "cancel", "mine", **env).code == 0
    assert routes(services)[4:] == []


def test_what_is_over_cannot_be_cancelled(flowlang: Command, here: Path) -> None:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1", "--run-id=good")
    done = flowlang("runs", "cancel", "good")
    assert done.code == 2
    assert "run good is over: it succeeded" in done.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["list"], "there is no run database at .flowlang/runs.db"),
        (["list", "--db", "nowhere.db"], "there is no run database at nowhere.db"),
        (["show"], "Missing argument"),
        (["list", "--status", "odd"], "is not one of"),
    ],
)
def test_mistakes_of_the_caller(flowlang: Command, args: list[str], message: str) -> None:
    done = flowlang("runs", *args)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("command", [["runs", "list"], ["events", "list"], ["breakers", "list"]])
def test_a_database_that_is_gone_is_told_from_one_that_never_was(
    flowlang: Command, here: Path, command: list[str]
) -> None:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1")
    (here / ".flowlang" / "runs.db").unlink()
    done = flowlang(*command)
    assert done.code == 2
    assert ".flowlang/runs.db is gone, and .flowlang/runs.db.commits vouches for" in done.err
    assert "or delete .flowlang/runs.db.commits to begin anew" in done.err
    assert not (here / ".flowlang" / "runs.db").exists()


def test_mistakes_with_a_database(flowlang: Command, here: Path) -> None:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1")
    assert "takes a number" in flowlang("runs", "list", "--limit", "many").err
    assert "takes a number" in flowlang("runs", "list", "--limit", "9" * 30).err
    for command in ("show", "retry", "cancel"):
        done = flowlang("runs", command, "nobody")
        assert done.code == 2
        assert "there is no run 'nobody'" in done.err


@pytest.mark.parametrize(
    ("microseconds", "shown"),
    [
        (999_400, "999ms"), (999_600, "1.0s"), (59_940_000, "59.9s"), (59_960_000, "1m00s"),
        (3_599_400_000, "59m59s"), (3_599_600_000, "1h00m"), (7_620_000_000, "2h07m"),
    ],
)  # fmt: skip
def test_a_time_has_one_form(microseconds: int, shown: str) -> None:
    assert duration(microseconds) == shown


BRANCH = """\
config {
  base: url
}

service work {
  base_url = config.base
}

flow branch() -> any {
  step a = work.get("/a").json
    catch http as err {
      if err.status == 503 {
        do work.post("/later")
      } else {
        do work.post("/never")
      }
    }
  return a
}
"""


def branched(flowlang: Command, here: Path, services: Services) -> dict[str, str]:
    """A run whose handler took one branch, and that fails otherwise when it is retried."""
    env = {"FLOW_BASE": services.url}
    write(here, "branch.flow", BRANCH)
    answer(services, "GET /a", {"status": 503}, {"status": 404, "times": "always"})
    assert flowlang("run", "branch.flow", "--run-id=mine", **env).code == 1
    return env


def test_a_retry_that_fails_otherwise_goes_by_the_other_branch_of_its_handler(
    flowlang: Command, here: Path, services: Services
) -> None:
    env = branched(flowlang, here, services)
    for _ in range(2):
        done = flowlang("runs", "retry", "mine", **env)
        assert (done.code, "404 Not Found" in done.err) == (1, True), done.err
    assert routes(services) == ["GET /a", "POST /later", *["GET /a", "POST /never"] * 2]
    assert len({call.key for call in services.calls if call.route.startswith("POST")}) == 3


def test_a_run_that_an_earlier_flowlang_got_stuck_says_how_it_is_ended(
    flowlang: Command, here: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = branched(flowlang, here, services)
    with monkeypatch.context() as patched, Store(here / ".flowlang" / "runs.db") as store:
        patched.setattr("flowlang.store.sqlite.reset_steps", lambda *_: [])
        plan = codec.loads(store.plan_body(store.get("mine")))
        asyncio.run(store.retry("mine", plan))
    done = flowlang("run", "--resume", "mine", **env)
    assert done.code == 1
    assert done.err == (
        "flowlang: error: run mine stopped: `a.catch0.if_1` was decided otherwise before the run was resumed: "
        "branch then, and now branch else; it cannot go on; undo what was done: flowlang runs cancel mine\n"
    )
    done = flowlang("runs", "retry", "mine", "--from-start", **env)
    assert done.err.endswith("if it cannot go on, end it first: flowlang runs cancel mine\n")
    assert flowlang("runs", "cancel", "mine", **env).code == 1
    assert flowlang("runs", "retry", "mine", **env).code == 1
    assert routes(services)[-1] == "POST /never"

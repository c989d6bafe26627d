"""`flowlang events emit` and `flowlang work`: an approval that a run waits for, and runs that no process is at."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowlang.cli import main
from flowlang.engines.local import LocalEngine
from flowlang.runtime.events import Wanted
from flowlang.store.sqlite import Store
from tests.surfaces.conftest import Command, start, write

FLOW = """\
import events
import time

config { greeting: string = "hello" }

flow approve(order: string) -> string {
  @timeout(2d)
  step by: string = events.wait('order.approved', key=order).data.by
  return "{{ config.greeting }} {{ by }}"
}

flow late(order: string) -> string {
  step pause = time.wait(30d)
  return order
}

flow decide(order: string) -> string {
  step told = events.emit('order.approved', key=order, data={ by: 'bob' })
  return told
}
"""
SECRET = """\
import http
import time

config { key: secret }

flow late(order: string) -> string {
  step pause = time.wait(30d)
  do http.post("https://a.example/x", headers={ k: config.key })
    after pause
  return order
}
"""
DB = Path(".flowlang") / "runs.db"


@pytest.fixture
def flow(here: Path) -> str:
    return write(here, "approve.flow", FLOW)


def parked(flowlang: Command, flow: str, run_id: str, name: str = "approve") -> None:
    done = flowlang("run", flow, "--flow", name, "--input=order=o1", "--run-id", run_id, "--park")
    assert (done.code, done.out) == (4, "")
    assert f"run {run_id} is parked until " in done.err
    assert "flowlang work goes on with it then" in done.err


def wait_for(here: Path, run_id: str, *statuses: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (here / DB).exists():
            with Store(here / DB) as store:
                record = store.find(run_id)
                if record is not None and record.status in statuses:
                    return
        time.sleep(0.05)
    raise AssertionError(f"{run_id} never {statuses}")


def test_a_run_in_another_process_receives_it(flowlang: Command, here: Path, flow: str) -> None:
    with start(["run", flow, "--flow", "approve", "--input=order=o1", "--run-id=mine"], here) as process:
        wait_for(here, "mine", "running", "waiting")
        other = flowlang("events", "emit", "order.approved", "--key=o2", '--data={"by": "bob"}')
        done = flowlang(
            "events", "emit", "order.approved", "--key=o1", "--data-file=-", "--format=json", stdin='{"by": "ann"}'
        )
        out, err = process.communicate()
    assert (process.returncode, out) == (0, '"hello ann"\n'), err
    assert other.code == done.code == 0
    event = done.json()
    assert (event["type"], event["key"], event["data"]) == ("order.approved", "o1", {"by": "ann"})


def test_it_is_parked_and_a_worker_goes_on(flowlang: Command, here: Path, flow: str) -> None:
    parked(flowlang, flow, "mine")
    assert "waiting" in flowlang("runs", "list", "--status=waiting").out
    shown = flowlang("runs", "show", "mine")
    assert "status   waiting" in shown.out
    assert "waits    until " in shown.out
    document = flowlang("runs", "show", "mine", "--format=json").json()
    assert datetime.fromisoformat(document["until"]) > datetime.now(UTC) > datetime.fromisoformat(document["created"])
    assert (document["ended"], document["waits_for"]) == (None, [{"name": "order.approved", "key": "o1"}])
    (listed,) = flowlang("runs", "list", "--format=json").json()["runs"]
    assert {name: document[name] for name in listed} == listed
    assert {"until", "waits_for"} <= listed.keys()
    assert flowlang("work", "--once").err == ""
    flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
    done = flowlang("work", "--once", "--log=run.jsonl")
    assert (done.code, done.out) == (0, "")
    assert "run mine (approve) goes on" in done.err
    assert "run mine (approve) succeeded" in done.err
    assert json.loads(flowlang("run", "--resume=mine").out) == "hello ann"
    logged = [json.loads(line)["event"] for line in (here / "run.jsonl").read_text().splitlines()]
    assert (logged[0], logged[-1]) == ("run.started", "run.ended")


def test_a_replay_and_a_retry_are_parked_too(flowlang: Command, flow: str) -> None:
    parked(flowlang, flow, "mine")
    replayed = flowlang("runs", "replay", "mine", "--run-id=other", "--park")
    assert (replayed.code, replayed.out) == (4, "")
    flowlang("runs", "cancel", "other")
    assert flowlang("runs", "retry", "other", "--park").code == 4
    assert flowlang("runs", "list", "--status=waiting", "--format=json").json()["runs"][0]["run"] == "other"


def test_what_is_shown_of_a_waiting_run_says_how_to_go_on(flowlang: Command, here: Path, flow: str) -> None:
    done = flowlang("run", flow, "--flow=approve", "--input=order=o 1", "--run-id=my$run", "--park", "--db=my runs.db")
    assert "flowlang work --db 'my runs.db' goes on with it then" in done.err
    lines = flowlang("runs", "show", "my$run", "--db=my runs.db").out.splitlines()
    offered = [shlex.split(line.partition(": flowlang ")[2]) for line in lines[-3:]]
    emit, work, resume = offered
    assert (work, resume) == (["work", "--db", "my runs.db"], ["run", "--resume", "my$run", "--db", "my runs.db"])
    assert flowlang(*emit, '--data={"by": "ann"}').code == 0
    assert flowlang(*resume).out == '"hello ann"\n'


def test_a_bug_in_one_run_ends_no_other(
    flowlang: Command, here: Path, flow: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parked(flowlang, flow, "sick")
    parked(flowlang, flow, "sound")
    flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
    resume = LocalEngine.resume

    async def buggy(self: LocalEngine, run_id: str, plan: Any, config: Any) -> Any:
        if run_id == "sick":
            raise KeyError("n")
        return await resume(self, run_id, plan, config)

    monkeypatch.setattr(LocalEngine, "resume", buggy)
    monkeypatch.chdir(here)
    assert main(["work", "--once"]) == 3
    err = capsys.readouterr().err
    assert "run sick cannot go on: internal error: KeyError: 'n' (tests.surfaces.test_events, line " in err
    assert "run sound (approve) succeeded" in err
    monkeypatch.undo()
    flowlang("work", "--once")
    wait_for(here, "sick", "succeeded")


def test_a_worker_that_is_idle_hears_of_it(flowlang: Command, here: Path, flow: str) -> None:
    parked(flowlang, flow, "mine")
    with start(["work"], here) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first == (
            f"flowlang: goes on with parked runs of {DB} when their time or an event has come; Ctrl-C ends it\n"
        )
        flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
        wait_for(here, "mine", "succeeded")
        process.terminate()
        _, err = process.communicate()
    assert process.returncode == 0
    assert "run mine (approve) succeeded" in err


def test_a_worker_may_be_there_before_the_first_run(flowlang: Command, here: Path, flow: str) -> None:
    with start(["work"], here) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith(f"flowlang: goes on with parked runs of {DB}")
        parked(flowlang, flow, "mine")
        flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
        wait_for(here, "mine", "succeeded")
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def test_a_worker_finds_nothing_due_where_nothing_has_run(flowlang: Command, here: Path) -> None:
    done = flowlang("work", "--once")
    assert (done.code, done.err) == (0, "")
    assert flowlang("runs", "list").code == 0


def test_another_flow_emits_it(flowlang: Command, here: Path, flow: str) -> None:
    parked(flowlang, flow, "mine")
    done = flowlang("run", flow, "--flow=decide", "--input=order=o1", "--run-id=other")
    assert done.code == 0
    flowlang("work", "--once")
    assert json.loads(flowlang("run", "--resume=mine").out) == "hello bob"
    with Store(here / DB) as store:
        event = store.events_of(store.get("mine")).find(Wanted("order.approved", None), set(), None)
    assert event is not None
    assert event.id == json.loads(done.out)


def test_who_stays_takes_it_up_itself(flowlang: Command, here: Path, flow: str) -> None:
    with start(["run", flow, "--flow", "approve", "--input=order=o1", "--run-id=mine"], here) as process:
        wait_for(here, "mine", "waiting")
        flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
        out, err = process.communicate()
    assert (process.returncode, out) == (0, '"hello ann"\n'), err
    assert err.count("decision") <= 1


def test_one_that_is_parked_is_cancelled(flowlang: Command, here: Path, flow: str) -> None:
    parked(flowlang, flow, "mine", "late")
    done = flowlang("runs", "cancel", "mine")
    assert done.code == 0
    assert "run mine was cancelled" in done.err
    assert flowlang("work", "--once").err == ""
    assert "cancelled" in flowlang("runs", "list").out


def test_one_that_cannot_go_on_is_named_and_left(flowlang: Command, here: Path, flow: str) -> None:
    secret = write(here, "secret.flow", SECRET)
    done = flowlang("run", secret, "--flow=late", "--input=order=o1", "--run-id=mine", "--park", "--config=key=abcd")
    assert done.code == 4, done.err
    with Store(here / DB) as store:
        store._writer().call(lambda connection: connection.execute("UPDATE parked SET wake = 0"))
    done = flowlang("work", "--once")
    assert done.code == 0
    assert "flowlang: run mine cannot go on: config `key` is missing" in done.err
    assert "waiting" in flowlang("runs", "list").out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--data={"], "--data is not JSON"),
        (["--data=1", "--data-file=x"], "--data and --data-file do not go together"),
        (["--data-file=none.json"], "none.json cannot be read"),
        (["--key="], "--key takes 1 to 1,000 printable characters"),
        (["--data=NaN"], "NaN is not JSON"),
    ],
)
def test_what_cannot_be_emitted(flowlang: Command, here: Path, flow: str, args: list[str], said: str) -> None:
    Store(here / "runs.db").close()
    done = flowlang("events", "emit", "order.approved", "--db=runs.db", *args)
    assert done.code == 2
    assert said in done.err


def test_an_id_is_one_event(flowlang: Command, here: Path) -> None:
    Store(here / "runs.db").close()
    emit = ["events", "emit", "paid", "--db=runs.db", "--id=mine", "--data=1"]
    assert flowlang(*emit).out == flowlang(*emit).out == "mine\n"
    assert "another event 'mine'" in flowlang(*emit[:-1], "--data=2").err


def test_there_must_be_a_database(flowlang: Command) -> None:
    assert flowlang("events", "emit", "paid").code == 2


def test_a_width_is_a_number(flowlang: Command, here: Path) -> None:
    Store(here / "runs.db").close()
    assert "--width takes a number from 1" in flowlang("work", "--db=runs.db", "--width=0").err


def test_what_was_emitted_is_listed(flowlang: Command, here: Path) -> None:
    Store(here / "runs.db").close()
    for n, key in enumerate(("o1", "o2", "o1")):
        flowlang("events", "emit", "paid", "--db=runs.db", f"--id=e{n}", f"--key={key}", f"--data={n}")
    flowlang("events", "emit", "sent", "--db=runs.db", "--id=e3")
    lines = flowlang("events", "list", "--db=runs.db").out.splitlines()
    assert lines[0].split() == ["EVENT", "NAME", "KEY", "CAME"]
    assert [line.split()[:2] for line in lines[1:]] == [["e3", "sent"], ["e2", "paid"], ["e1", "paid"], ["e0", "paid"]]
    shown = flowlang("events", "list", "--db=runs.db", "--name=paid", "--key=o1", "--limit=1", "--format=json").json()
    assert [(event["id"], event["key"], event["data"]) for event in shown["events"]] == [("e2", "o1", 2)]


def test_what_is_over_and_old_is_removed(flowlang: Command, here: Path, flow: str) -> None:
    parked(flowlang, flow, "mine")
    with Store(here / DB) as store:
        for n in range(3):
            asyncio.run(store.emit(f"e{n}", "other", None, None, 5))
    assert flowlang("events", "prune").out == "removed 0 events\n"  # the run may wait for them
    assert flowlang("runs", "prune").out == "removed 0 runs\n"
    flowlang("events", "emit", "order.approved", "--key=o1", '--data={"by": "ann"}')
    flowlang("work", "--once")
    assert flowlang("events", "prune", "--format=json").json() == {"removed": 3}
    for args in (["runs"], ["events"]):
        done = flowlang(*args, "prune", "--older-than=1s")
        assert (done.code, "--older-than takes a duration from 1m, such as 30d" in done.err) == (2, True)

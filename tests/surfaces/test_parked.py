"""What is told of a run that was parked: each end once, whichever part of the run it fell into, with its time."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flowlang.cli import main
from flowlang.engines.local import LocalEngine
from flowlang.runtime.interpreter.activity import Patience
from tests.surfaces.conftest import Command, logged, write

FLOW = """\
import events
import time

flow receive(a: string) -> string {
  step one = "x {{ a }}"
  @timeout(90s)
  step got: string? = events.wait('ev', key=a).data
    catch timeout { yield none }
  return one if got is none else got
}

flow late(a: string) -> string {
  step one = "x {{ a }}"
  @timeout(200ms)
  step got: string? = events.wait('ev', key=a).data
    catch timeout {
      step pause = time.wait(200ms)
      yield none
    }
  step block: string = sequence {
    step pause = time.wait(200ms)
    yield one
  }
    after got
  return block if got is none else got
}

flow lost() -> string {
  step block = sequence {
    step inner = 'x'
    yield inner
  }
  step first: any = race {
    @timeout(90s)
    step fast = events.wait('ev', key='go').id
    @timeout(80s)
    step slow = events.wait('ev', key='never').id
  }
  @timeout(90s)
  step last = events.wait('ev', key='done').id
    after first
  return "{{ block }} {{ first }} {{ last }}"
}

flow ended() -> string {
  step block = sequence {
    step pause = time.wait(40ms)
  }
  @timeout(90s)
  step got: string = events.wait('ev', key='q').data
    after block
  return got
}

flow answered() -> string {
  step done = time.wait(40ms)
    ensure 1 > 2
    catch validation { yield none }
  step block = sequence {
    step back = time.wait(20ms)
      undo { do events.emit('undone') }
    step bad = time.wait(20ms)
      ensure 1 > 2
    yield bad
  }
    after done
    catch validation {
      step marked = events.emit('marked')
        undo { do events.emit('unmarked') }
      yield none
    }
  @timeout(90s)
  step got: string = events.wait('ev', key='q').data
    after block
  return got
}

flow plain(a: string) -> string {
  @timeout(90s)
  step got: string = events.wait('ev', key=a).data
  return got
}
"""


@pytest.fixture
def flow(here: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The flows, in a folder where runs are parked at once."""
    monkeypatch.chdir(here)
    monkeypatch.setattr(LocalEngine, "patience", Patience(after=0.01, least=0.05))
    return write(here, "e.flow", FLOW)


def log_of(here: Path) -> tuple[list[str], Counter[tuple[str, str]]]:
    """The events of the log, and how often each step ended how."""
    lines = logged((here / "log").read_text())
    ended = Counter((line["step"], line["status"]) for line in lines if line["event"] == "step.ended")
    return [line["event"] for line in lines], ended


def test_each_end_is_told_once(here: Path, flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", flow, "--flow=late", "--input=a=q", "--log=log"]) == 0
    events, ended = log_of(here)
    assert events.count("run.parked") == 3
    assert ended == {
        ("one", "succeeded"): 1, ("got", "handled"): 1, ("got.catch0.pause", "succeeded"): 1,
        ("block", "succeeded"): 1, ("block.pause", "succeeded"): 1,
    }  # fmt: skip
    told = [line.split()[:2] for line in capsys.readouterr().err.splitlines()]
    assert sorted(told) == [
        ["handled", "got"], ["ok", "block"], ["ok", "block.pause"], ["ok", "got.catch0.pause"], ["ok", "one"],
    ]  # fmt: skip


def test_a_block_took_its_time_over_all_its_parts(here: Path, flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", flow, "--flow=late", "--input=a=q", "--log=log", "--format=json"]) == 0
    lines = logged((here / "log").read_text())
    (block,) = (line for line in lines if line["event"] == "step.ended" and line["step"] == "block")
    document = json.loads(capsys.readouterr().out)
    (shown,) = (step for step in document["steps"] if step["key"] == "block")
    assert 200 <= block["duration_ms"] < 10_000
    assert shown["duration_ms"] == block["duration_ms"]


def test_a_block_that_had_ended_took_no_longer_for_a_resumption(
    here: Path, flow: str, flowlang: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", flow, "--flow=ended", "--run-id=mine", "--park"]) == 4
    time.sleep(0.5)
    flowlang("events", "emit", "ev", "--key=q", '--data="yes"')
    capsys.readouterr()
    assert main(["run", "--resume=mine", "--format=json"]) == 0
    document = json.loads(capsys.readouterr().out)
    lasted = {step["key"]: step["duration_ms"] for step in document["steps"]}
    assert 40 <= lasted["block"] < 400
    assert lasted["got"] >= 500


def test_a_step_that_had_failed_took_no_longer_for_a_resumption(
    here: Path, flow: str, flowlang: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", flow, "--flow=answered", "--run-id=mine", "--park"]) == 4
    time.sleep(0.5)
    flowlang("events", "emit", "ev", "--key=q", '--data="yes"')
    capsys.readouterr()
    assert main(["run", "--resume=mine", "--format=json"]) == 0
    document = json.loads(capsys.readouterr().out)
    ended = {step["key"]: (step["status"], step["duration_ms"] < 400) for step in document["steps"]}
    assert (ended["done"], ended["block"]) == (("handled", True), ("handled", True))
    assert document["steps"][-1]["key"] == "got"
    assert document["steps"][-1]["duration_ms"] >= 500


@pytest.mark.parametrize("go_on", [["run", "--resume=mine"], ["work", "--once"]])
def test_what_waited_is_told_by_who_goes_on(here: Path, flow: str, flowlang: Command, go_on: list[str]) -> None:
    assert main(["run", flow, "--flow=receive", "--input=a=q", "--run-id=mine", "--park"]) == 4
    flowlang("events", "emit", "ev", "--key=q", '--data="yes"')
    assert main([*go_on, "--log=log"]) == 0
    events, ended = log_of(here)
    assert ended == {("got", "succeeded"): 1}
    assert "step.started" not in events


def test_what_was_over_when_it_was_parked_is_not_told_again(here: Path, flow: str, flowlang: Command) -> None:
    assert main(["run", flow, "--flow=lost", "--run-id=mine", "--park", "--log=before"]) == 4
    flowlang("events", "emit", "ev", "--key=go")
    assert main(["work", "--once", "--log=first"]) == 0
    flowlang("events", "emit", "ev", "--key=done")
    assert main(["work", "--once", "--log=log"]) == 0
    events, ended = log_of(here)
    assert ended == {("last", "succeeded"): 1}
    assert "step.started" not in events


def test_the_loser_of_a_race_took_until_it_lost(here: Path, flow: str, flowlang: Command) -> None:
    assert main(["run", flow, "--flow=lost", "--run-id=mine", "--park"]) == 4
    before = steps(flowlang)["first.slow"]
    time.sleep(0.2)
    now = steps(flowlang)["first.slow"]
    assert (before["status"], now["status"]) == ("waiting", "waiting")
    assert now["duration_ms"] >= before["duration_ms"] + 200  # what is under way has taken so long by now
    flowlang("events", "emit", "ev", "--key=go")
    assert main(["work", "--once"]) == 0
    later = steps(flowlang)
    assert (later["first.slow"]["status"], later["last"]["status"]) == ("cancelled", "waiting")
    lasted = later["first.slow"]["duration_ms"]
    assert abs(lasted - later["first.fast"]["duration_ms"]) < 100 < 200 < lasted
    assert steps(flowlang)["first.slow"]["duration_ms"] == lasted


def test_a_run_that_is_left_waiting_tells_how_long_its_steps_took_so_far(
    here: Path, flow: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", flow, "--flow=plain", "--input=a=q", "--park", "--format=json"]) == 4
    document = json.loads(capsys.readouterr().out)
    (step,) = document["steps"]
    assert (document["status"], step["status"]) == ("waiting", "waiting")
    assert step["duration_ms"] >= 10  # after which it was parked


def steps(flowlang: Command) -> dict[str, dict[str, Any]]:
    """The steps that `runs show` tells of, by their keys."""
    return {step["key"]: step for step in flowlang("runs", "show", "mine", "--format=json").json()["steps"]}


@pytest.mark.parametrize("name", ["receive", "plain"])
def test_a_cancelled_wait_is_told_as_that_with_its_time(here: Path, flow: str, flowlang: Command, name: str) -> None:
    assert main(["run", flow, "--flow", name, "--input=a=q", "--run-id=mine", "--park"]) == 4
    time.sleep(0.1)
    assert main(["runs", "cancel", "mine", "--log=log"]) == 0
    lines = logged((here / "log").read_text())
    (ended,) = [line for line in lines if line["event"] == "step.ended" and line["step"] == "got"]
    (shown,) = flowlang("runs", "show", "mine", "--format=json").json()["steps"]
    assert ended["status"] == shown["status"] == "cancelled"
    assert min(ended["duration_ms"], shown["duration_ms"]) >= 100
    (counted,) = flowlang("runs", "stats", "--format=json").json()["flows"]
    (step,) = counted["steps"]
    assert (step["step"], step["failed"], step["cancelled"]) == ("got", 0, 1)
    assert step["duration_ms"]["p50"] >= 100

"""`flowlang run`: inputs, configuration, result, failure, interruption, the run's name, the record."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from examples.services import Services
from flowlang.store.sqlite import Store
from tests.surfaces.conftest import (
    CLEAN,
    ONE,
    WRONG,
    Command,
    answer,
    environment,
    start,
    wait_for_calls,
    write,
)

CALLS = """\
config {
  base: url
  key: secret = "none"
  greeting: string = "hello"
}

@timeout(10s)
@idempotent
service work {
  base_url = config.base
  headers = { Authorization: "Bearer {{ config.key }}" }
}

type Kind = 'small' | 'large'

type Order { name: string, sum: int, text: string }

flow order(
  name: string(min_length=1), count: int(ge=1) = 1, kind: Kind = 'small', tags: list[string] = [], rush: bool = false
) -> Order {
  step first: int = work.post("/first", json={ name, count, tags }).json.n
  step second: int = work.post("/second", json={ first }).json.n
  return { name, sum: first + second, text: "{{ config.greeting }} {{ kind }} {{ rush }}" }
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "order.flow", CALLS)
    answer(services)
    return {"FLOW_BASE": services.url}


def test_the_result_is_json_on_stdout_and_nothing_else(flowlang: Command, here: Path) -> None:
    done = flowlang("run", write(here, "a.flow", CLEAN), "--input", "n=21")
    assert (done.code, done.out) == (0, "42\n")


def test_a_flow_without_result_prints_nothing(flowlang: Command, here: Path) -> None:
    done = flowlang("run", write(here, "a.flow", "flow nothing() {\n  let x = 1\n}\n"))
    assert (done.code, done.out) == (0, "")


def test_in_a_pipe_progress_is_a_line_for_each_step(flowlang: Command, env: dict[str, str]) -> None:
    done = flowlang("run", "order.flow", "--input", "name=x", **env)
    assert done.code == 0
    lines = done.err.splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", "first"], ["ok", "second"]]
    assert "\x1b" not in done.err


def test_json_for_machines(flowlang: Command, env: dict[str, str]) -> None:
    done = flowlang("run", "order.flow", "--input", "name=x", "--format", "json", "--run-id", "mine", **env)
    document = done.json()
    assert list(document) == ["run", "flow", "status", "output", "error", "steps"]
    assert document["run"] == "mine"
    assert document["flow"] == "order"
    assert document["status"] == "succeeded"
    assert document["output"] == {"name": "x", "sum": 2, "text": "hello small false"}
    assert document["error"] is None
    assert [(s["key"], s["status"], s["attempts"]) for s in document["steps"]] == [
        ("first", "succeeded", 1),
        ("second", "succeeded", 1),
    ]
    assert all(step["duration_ms"] > 0 for step in document["steps"])


def test_inputs_are_read_as_their_parameters_want_them(
    flowlang: Command, env: dict[str, str], services: Services
) -> None:
    inputs = ["name=12", "count=3", "kind=large", 'tags=["a","b=c"]', "rush=true"]
    done = flowlang("run", "order.flow", *[f"--input={text}" for text in inputs], **env)
    assert done.json()["text"] == "hello large true"
    assert services.calls[0].json == {"name": "12", "count": 3, "tags": ["a", "b=c"]}


def test_inputs_from_a_file_and_from_stdin(flowlang: Command, env: dict[str, str], here: Path) -> None:
    write(here, "in.json", json.dumps({"name": "file", "count": 2}))
    assert flowlang("run", "order.flow", "--input-file", "in.json", **env).json()["name"] == "file"
    given = flowlang("run", "order.flow", "--input-file", "in.json", "--input", "name=flag", **env)
    assert given.json()["name"] == "flag"
    piped = flowlang("run", "order.flow", "--input-file", "-", stdin='{"name": "piped"}', **env)
    assert piped.json()["name"] == "piped"


def test_everything_wrong_is_told_at_once_and_nothing_runs(
    flowlang: Command, env: dict[str, str], services: Services, here: Path
) -> None:
    done = flowlang(
        "run", "order.flow", "--input=count=0", "--input=kind=huge", "--input=rush=yes", "--input=nmae=x",
        "--input=odd", "--config=grating=x", "--config=greeting",
    )  # fmt: skip
    assert done.code == 2
    assert done.out == ""
    for problem in (
        "input `rush`: expected true or false, got 'yes'",
        "input `name` is missing: pass --input name=…",
        "input `nmae` is not known; the flow takes name, count, kind, tags, rush",
        "input `count`: 0 is less than 1",
        "input `kind`",
        "--input takes name=value, not 'odd'",
        "--config grating: the flow has no such value; it has ",
        "--config takes name=value",
        "config `base` is missing: set FLOW_BASE or pass --config base=…",
    ):
        assert problem in done.err
    assert "input `rush` is missing" not in done.err
    assert services.calls == []
    assert not (here / ".flowlang").exists()


def test_lines_of_a_dotenv_file_that_say_nothing(flowlang: Command, here: Path, env: dict[str, str]) -> None:
    write(here, ".env", "# the base\n\nhunter2\nA=1\nFLOW_KEY: hunter2\n")
    err = flowlang("run", write(here, "a.flow", 'flow f() -> string { return "x" }\n'), **env).err
    assert [line for line in err.splitlines() if ".env" in line] == [
        "flowlang: .env:3: this is no NAME=value, and passed over",
        "flowlang: .env:5: this is no NAME=value, and passed over",
    ]
    assert "hunter2" not in err


def test_configuration_and_secrets(flowlang: Command, env: dict[str, str], services: Services, here: Path) -> None:
    write(here, "key.txt", "hunter2\n")
    done = flowlang(
        "run", "order.flow", "--input=name=x", "--config=greeting=hi", "--run-id=r", FLOW_KEY_FILE="key.txt", **env
    )
    assert done.json()["text"] == "hi small false"
    assert services.calls[0].headers["authorization"] == "Bearer hunter2"
    stored = b"".join(path.read_bytes() for path in (here / ".flowlang").glob("runs.db*") if path.is_file())
    assert b"hunter2" not in stored
    shown = flowlang("runs", "show", "r", "--format", "json")
    assert "hunter2" not in shown.out
    assert shown.json()["config"] == {"base": services.url, "greeting": "hi"}


def test_a_failed_run_names_step_attempt_cause_and_what_to_do(
    flowlang: Command, env: dict[str, str], services: Services
) -> None:
    answer(services, "POST /second", {"status": 422, "times": "always"})
    done = flowlang("run", "order.flow", "--input", "name=x", "--run-id", "mine", **env)
    assert done.code == 1
    assert done.out == ""
    verdict = done.err.partition("flowlang: ")[2].splitlines()
    assert verdict[0].startswith("run mine failed at step `second`, attempt 1: http: ")
    assert "422" in verdict[0]
    assert verdict[1].strip() == "--> order.flow:22:8"
    assert verdict[3].startswith('22 |   step second: int = work.post("/second"')
    assert "^^^^" in verdict[4]
    assert verdict[-1] == "try again from where it failed: flowlang runs retry mine"


@pytest.mark.parametrize(
    ("n", "cause", "line"),
    [
        (0, "validation: n is too small", '2 |   ensure n > 0 else "n is too small"'),
        (1, "fault: division by zero", "5 |   return 10 // m"),
    ],
)
def test_a_failure_outside_of_every_step_has_its_source_line_too(
    flowlang: Command, here: Path, n: int, cause: str, line: str
) -> None:
    text = (
        'flow f(n: int) -> int {\n  ensure n > 0 else "n is too small"\n'
        "  ensure n < 9\n  let m = n - 1\n  return 10 // m\n}\n"
    )
    done = flowlang("run", write(here, "a.flow", text), f"--input=n={n}", "--run-id=mine")
    assert done.code == 1
    verdict = done.err.splitlines()
    assert verdict[0] == f"flowlang: run mine failed: {cause}"
    assert verdict[1] == f"  --> a.flow:{line[0]}:3"
    assert verdict[3] == line
    replay = "the inputs do not hold, a new run with others: flowlang runs replay mine --input NAME=VALUE"
    retry = "try again from where it failed: flowlang runs retry mine"
    assert verdict[-1] == (replay if n == 0 else retry)


def test_a_value_that_only_a_trigger_reads_is_named_as_such(flowlang: Command, here: Path) -> None:
    text = (
        "config {\n  s: secret\n}\n\nflow f() -> int {\n"
        "  on webhook('/hooks/f', secret=config.s) with { }\n\n  return 1\n}\n"
    )
    done = flowlang("run", write(here, "a.flow", text), "--config=s=x")
    assert done.code == 2
    assert "--config s: only a trigger reads it, and `flowlang run` fires none" in done.err
    assert "no such value" not in done.err
    assert flowlang("run", "a.flow").code == 0


def test_json_of_a_failed_run(flowlang: Command, env: dict[str, str], services: Services) -> None:
    answer(services, "POST /second", {"status": 503, "times": "always"})
    done = flowlang("run", "order.flow", "--input", "name=x", "--format", "json", **env)
    assert done.code == 1
    document = done.json()
    assert document["status"] == "failed"
    assert document["output"] is None
    assert document["error"]["kind"] == "http"
    assert document["error"]["step"] == "second"
    assert [step["status"] for step in document["steps"]] == ["succeeded", "failed"]


def test_the_same_name_again_is_the_same_run(flowlang: Command, env: dict[str, str], services: Services) -> None:
    first = flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env)
    again = flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env)
    assert (again.code, again.out) == (0, first.out)
    assert len(services.calls) == 2
    other = flowlang("run", "order.flow", "--input=name=y", "--run-id=mine", **env)
    assert other.code == 2
    assert "run mine exists already, with other inputs; leave out --run-id, or name a new run (flow" in other.err


def test_the_same_name_with_another_plan(flowlang: Command, env: dict[str, str], here: Path) -> None:
    flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env)
    write(here, "order.flow", CALLS.replace("/second", "/third"))
    done = flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env)
    assert done.code == 2
    assert "run mine exists already, with another plan" in done.err
    write(here, "order.flow", "# a comment changes no plan\n" + CALLS)
    assert flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env).code == 0


def test_the_same_name_in_a_second_process_joins(here: Path, env: dict[str, str], services: Services) -> None:
    answer(services, "POST /second", {"delay": 4.0, **ONE})
    args = ["run", "order.flow", "--input=name=x", "--run-id=mine"]
    with start(args, here, **env) as first:
        wait_for_calls(services, 2)
        with start(args, here, **env) as second:
            joined, told = second.communicate()
        out, _ = first.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    assert json.loads(joined) == json.loads(out)
    assert "under way in another process" in told
    assert len(services.calls) == 2


def test_a_joined_run_whose_process_dies_is_taken_over(here: Path, env: dict[str, str], services: Services) -> None:
    answer(services, "POST /second", {"delay": 8.0, **ONE})
    args = ["run", "order.flow", "--input=name=x", "--run-id=mine"]
    with start(args, here, **env) as first:
        wait_for_calls(services, 2)
        with start(args, here, **env) as second:
            assert second.stderr is not None
            assert "under way" in second.stderr.readline()
            answer(services, "POST /second", ONE)
            first.kill()
            out, _ = second.communicate()
        first.communicate()
    assert second.returncode == 0
    assert json.loads(out)["sum"] == 2
    assert [call.route for call in services.calls] == ["POST /first", "POST /second", "POST /second"]
    assert services.calls[1].key == services.calls[2].key


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_can_be_resumed(
    flowlang: Command, here: Path, env: dict[str, str], services: Services, number: int, code: int
) -> None:
    answer(services, "POST /second", {"delay": 5.0, **ONE})
    with start(["run", "order.flow", "--input=name=x", "--run-id=mine", "--db=own.db"], here, **env) as process:
        wait_for_calls(services, 2)
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == code
    assert out == ""
    assert err.splitlines()[-1] == (
        "flowlang: run mine was interrupted; go on with it: flowlang run --resume mine --db own.db"
    )
    assert "interrupted" in flowlang("runs", "list", "--db", "own.db").out
    answer(services, "POST /second", ONE)
    done = flowlang("run", "--resume", "mine", "--db", "own.db", **env)
    assert done.code == 0
    assert [call.route for call in services.calls] == ["POST /first", "POST /second", "POST /second"]
    assert "before" in done.err.splitlines()[0]


def test_a_resumed_run_keeps_its_plan_and_says_so(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    answer(services, "POST /second", {"delay": 5.0, **ONE})
    with start(["run", "order.flow", "--input=name=x", "--run-id=mine", "--config=key=old"], here, **env) as process:
        wait_for_calls(services, 2)
        process.kill()
        process.communicate()
    answer(services, "POST /second", ONE)
    write(here, "order.flow", CALLS.replace("/second", "/third"))
    done = flowlang("run", "--resume", "mine", FLOW_KEY="new", **{**env, "FLOW_BASE": "http://127.0.0.1:1"})
    assert done.code == 0
    assert "order.flow has changed since run mine began; it goes on with the plan it began with" in done.err
    assert services.calls[-1].route == "POST /second"
    assert services.calls[-1].headers["authorization"] == "Bearer new"


DECIDED = """\
config {
  base: url
  key: secret
}

@timeout(10s)
service work { base_url = config.base }

flow f() -> string {
  if config.key == 'old' {
    step first = work.post("/first").json
      undo { do work.delete("/first") }
  }
  step second = work.post("/second").json
    when config.key == 'old'
    undo { do work.delete("/second") }
  match "{{ config.key == 'old' }}" {
    case 'true' {
      step third = work.post("/third").json
        undo { do work.delete("/third") }
      do work.post("/fourth")
        after third
    }
  }
  return 'ok'
}
"""


def test_a_run_that_hangs_on_a_changed_secret_can_be_cancelled(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    write(here, "decided.flow", DECIDED)
    answer(services, "POST /fourth", {"delay": 8.0, **ONE})
    with start(["run", "decided.flow", "--run-id=mine"], here, **env, FLOW_KEY="old") as process:
        wait_for_calls(services, 4)
        process.kill()
        process.communicate()
    done = flowlang("run", "--resume", "mine", FLOW_KEY="new", **env)
    assert done.code == 1
    assert done.err.rpartition("; ")[2] == (
        "has a secret changed? Set it to what it was and go on with it: flowlang run --resume mine, "
        "or undo what was done: flowlang runs cancel mine\n"
    )
    assert flowlang("runs", "cancel", "mine", FLOW_KEY="new", **env).code == 0
    undone = [call.route for call in services.calls if call.route.startswith("DELETE")]
    assert sorted(undone) == ["DELETE /first", "DELETE /second", "DELETE /third"]


LOOPED = """\
config {
  base: url
  key: secret
}

@timeout(10s)
service work { base_url = config.base }

flow ship(names: list[string]) -> int {
  ensure config.key == 'old'
  step paid: int = work.post("/paid", json={ names }).json.n
    undo { do work.delete("/paid") }
  @concurrency(1)
  step loop = for name in names if config.key == 'old' else [] {
    step sent: int = work.post("/sent", json={ name }).json.n
      undo { do work.delete("/sent") }
  }
  step rounds = repeat left: int = 2 {
    step counted: int = work.post("/counted", json={ left }).json.n
      undo { do work.delete("/counted") }
    yield counted next left - 1 if left > 1 and config.key == 'old' else none
  }
  return paid
}

flow f() -> int {
  step shipped = ship(names=['a', 'b'])
  step last: int = work.post("/last").json.n
    after shipped
  return last
}
"""


def test_what_a_cancelled_run_cannot_come_to_again_is_named(
    flowlang: Command, here: Path, env: dict[str, str], services: Services
) -> None:
    write(here, "looped.flow", LOOPED)
    answer(services, "POST /last", {"delay": 8.0, **ONE})
    with start(["run", "looped.flow", "--flow=f", "--run-id=mine"], here, **env, FLOW_KEY="old") as process:
        wait_for_calls(services, 6)
        process.kill()
        process.communicate()
    done = flowlang("run", "--resume", "mine", FLOW_KEY="new", **env)
    assert "flow `ship` had begun before the run was resumed, and may not now" in done.err
    done = flowlang("runs", "cancel", "mine", FLOW_KEY="new", **env)
    assert done.code == 0
    assert done.err.splitlines()[-5:] == [
        "flowlang: run mine was cancelled",
        "flowlang: outcome unknown: step `last` may have taken effect",
        *(
            f"flowlang: not undone: step `shipped/{step}`: the run did not come to it again; has a secret changed?"
            for step in ("loop[0].sent", "loop[1].sent", "rounds[1].counted")
        ),
    ]
    assert [call.route for call in services.calls][6:] == ["DELETE /counted", "DELETE /paid"]
    shown = flowlang("runs", "show", "mine", "--format=json").json()
    assert [failure["step"] for failure in shown["undo_failures"]] == [
        "shipped/loop[0].sent",
        "shipped/loop[1].sent",
        "shipped/rounds[1].counted",
    ]


PICKED = """\
config {
  base: url
  key: secret
}

@timeout(10s)
service work { base_url = config.base }

flow f() -> list[int] {
  @concurrency(1)
  step loop = for name in ['a', 'b'] if config.key == 'old' else ['c', 'd'] {
    step sent: int = work.post("/sent", json={ name }).json.n
      undo { do work.delete("/sent/{{ name }}") }
    yield sent
  }
  step last: int = work.post("/last").json.n
    after loop
  return loop
}
"""


PICKED_FROM = "for name in ['a', 'b'] if config.key == 'old' else ['c', 'd'] {"
ROUNDS = (
    (PICKED_FROM, "repeat name: string = 'a' if config.key == 'old' else 'c' {"),
    ("  @concurrency(1)\n", ""),
    ("yield sent", "yield sent next 'b' if name == 'a' or name == 'c' else none"),
)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ((), "`loop` went over other items before the run was resumed, though of the same number"),
        (ROUNDS, "`loop[0]` began with another value before the run was resumed"),
    ],
    ids=["for", "repeat"],
)
def test_other_items_after_a_changed_secret_are_told_and_nobody_is_undone_in_their_stead(
    flowlang: Command,
    here: Path,
    env: dict[str, str],
    services: Services,
    changes: tuple[tuple[str, str], ...],
    why: str,
) -> None:
    text = PICKED
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    write(here, "picked.flow", text)
    answer(services, "POST /last", {"delay": 8.0, **ONE})
    with start(["run", "picked.flow", "--run-id=mine"], here, **env, FLOW_KEY="old") as process:
        wait_for_calls(services, 3)
        process.kill()
        process.communicate()
    done = flowlang("run", "--resume", "mine", FLOW_KEY="new", **env)
    assert done.code == 1
    assert done.err.startswith(
        f"flowlang: error: run mine stopped: {why}; has a secret changed? Set it to what it was and go on with it: "
    )
    done = flowlang("runs", "cancel", "mine", FLOW_KEY="new", **env)
    assert done.code == 0
    assert done.err.splitlines()[-2:] == [
        f"flowlang: not undone: step `loop[{n}].sent`: the run did not come to it again; has a secret changed?"
        for n in (0, 1)
    ]
    assert len(services.calls) == 3


@pytest.mark.parametrize("change", ["", WRONG, None])
def test_a_file_that_is_broken_or_gone_does_not_matter_to_a_resumed_run(
    flowlang: Command, here: Path, env: dict[str, str], services: Services, change: str | None
) -> None:
    answer(services, "POST /second", {"delay": 5.0, **ONE})
    with start(["run", "order.flow", "--input=name=x", "--run-id=mine"], here, **env) as process:
        wait_for_calls(services, 2)
        process.kill()
        process.communicate()
    answer(services, "POST /second", ONE)
    (here / "order.flow").unlink() if change is None else write(here, "order.flow", change)
    done = flowlang("run", "--resume", "mine", **env)
    assert done.code == 0
    assert "has changed since run mine began" in done.err


def test_resuming_what_is_over_returns_it(flowlang: Command, env: dict[str, str], services: Services) -> None:
    first = flowlang("run", "order.flow", "--input=name=x", "--run-id=mine", **env)
    again = flowlang("run", "--resume", "mine", **env)
    assert (again.code, again.out) == (0, first.out)
    assert "is over: it succeeded" in again.err
    assert len(services.calls) == 2


def test_where_the_record_goes(flowlang: Command, env: dict[str, str], here: Path) -> None:
    assert flowlang("run", "order.flow", "--input=name=x", **env).code == 0
    assert (here / ".flowlang" / "runs.db").exists()
    assert (here / ".flowlang" / ".gitignore").read_text() == "*\n"
    done = flowlang("run", "order.flow", "--input=name=x", "--db=mine.db", "--durability=process", **env)
    assert done.code == 0
    with Store(here / "mine.db") as store:
        (record,) = store.newest()
        assert record.inputs == {"name": "x", "count": 1, "kind": "small", "tags": [], "rush": False}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "name a FILE to run"),
        (["nowhere.flow"], "no such file: nowhere.flow"),
        (["."], "is a folder"),
        (["order.flow", "--flow", "nothing"], "no flow `nothing`"),
        (
            ["order.flow", "--resume", "r", "--db=my.db"],
            "goes on with the plan it began with, leave out the file: flowlang run --resume r --db my.db\n",
        ),
        (
            ["--resume=r", "--input=a=b"],
            "the run has its own; a new run with another: flowlang runs replay --input … r",
        ),
        (
            ["--resume", "r"],
            "no run database at .flowlang/runs.db: a run makes it, and --db FILE names another",
        ),
        (["--resume", "r", "--input", "a=1"], "--input does not go with --resume"),
        (["order.flow", "--run-id", "a b"], "--run-id takes"),
        (["order.flow", "--run-id", ""], "--run-id takes"),
        (["order.flow", "--durability", "none"], "'none' is not one of"),
        (["order.flow", "--format", "xml"], "'xml' is not one of"),
        (["order.flow", "--input-file", "nowhere.json"], "nowhere.json cannot be read"),
        (["order.flow", "--input-file", "order.flow"], "is not JSON"),
        (["order.flow", "--input-file", "list.json"], "holds no JSON object"),
        (
            ["order.flow", "--input-file", "long.json"],
            "long.json is not JSON: a whole number of 6,000 digits, at line 2 column 8; the most is 4,300\n",
        ),
        (["order.flow", "--input=name=x", "--db", "order.flow/x.db"], "order.flow is a file, not a folder"),
        (["order.flow", "--input=name=x", "--db", "no/such/folder.db"], "the folder no/such does not exist"),
        (["order.flow", "--input=name=x", "--db", "order.flow"], "order.flow is not a database"),
    ],
)
def test_mistakes_of_the_caller(
    flowlang: Command, env: dict[str, str], here: Path, args: list[str], message: str
) -> None:
    write(here, "list.json", "[1]")
    write(here, "long.json", '{"a": "' + "1" * 5000 + '",\n  "b": ' + "1" * 6000 + "}")
    done = flowlang("run", *args, **env)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err


def test_a_run_that_nobody_knows(flowlang: Command, env: dict[str, str]) -> None:
    flowlang("run", "order.flow", "--input=name=x", **env)
    done = flowlang("run", "--resume", "nobody", **env)
    assert done.code == 2
    assert "there is no run 'nobody' in .flowlang/runs.db; those that there are: flowlang runs list\n" in done.err


def test_a_file_with_errors_is_not_run(flowlang: Command, here: Path) -> None:
    done = flowlang("run", write(here, "a.flow", WRONG), "--input=n=1")
    assert (done.code, done.out) == (1, "")
    assert "error[unknown-name]" in done.err
    assert not (here / ".flowlang").exists()


def test_a_python_function_that_is_not_there(flowlang: Command, here: Path) -> None:
    text = "action act() -> int = python('nowhere:act')\n\nflow f() -> int {\n  step a = act()\n  return a\n}\n"
    done = flowlang("run", write(here, "a.flow", text))
    assert done.code == 2
    assert "`nowhere` cannot be imported" in done.err


CHATTY = """\
import asyncio, sys

print("imported")


def talk():
    print("called")
    return 1


def leave():
    sys.exit(3)


async def leave_the_loop():
    sys.exit(3)
"""


def test_what_python_prints_is_no_part_of_the_result(flowlang: Command, here: Path) -> None:
    write(here, "chatty.py", CHATTY)
    text = "action act() -> int = python('chatty:talk')\n\nflow f() -> int {\n  step a = act()\n  return a\n}\n"
    done = flowlang("run", write(here, "a.flow", text), "--format=json")
    assert done.json()["output"] == 1
    assert "imported\n" in done.err
    assert "called\n" in done.err


@pytest.mark.parametrize("name", ["leave", "leave_the_loop"])
def test_python_that_exits_fails_its_step_and_not_the_process(flowlang: Command, here: Path, name: str) -> None:
    write(here, "chatty.py", CHATTY)
    text = f"action act() -> int = python('chatty:{name}')\n\nflow f() -> int {{\n  step a = act()\n  return a\n}}\n"
    done = flowlang("run", write(here, "a.flow", text))
    assert done.code == 1
    assert f"failed at step `a`, attempt 1: failed: chatty:{name} raised RuntimeError: SystemExit: 3" in done.err


def test_a_function_that_exits_fails_where_it_is_called(flowlang: Command, here: Path) -> None:
    write(here, "chatty.py", CHATTY)
    text = "function act() -> int = python('chatty:leave')\n\nflow f() -> int {\n  step a = act()\n  return a\n}\n"
    done = flowlang("run", write(here, "a.flow", text))
    assert done.code == 1
    assert "failed at step `a`: failed: chatty:leave raised SystemExit: 3" in done.err


def test_a_module_that_exits_is_named(flowlang: Command, here: Path) -> None:
    write(here, "chatty.py", "import sys\n\nsys.exit(0)\n")
    text = "action act() -> int = python('chatty:talk')\n\nflow f() -> int {\n  step a = act()\n  return a\n}\n"
    done = flowlang("run", write(here, "a.flow", text))
    assert done.code == 2
    assert "`chatty` cannot be imported: SystemExit: 0" in done.err


def on_a_terminal(args: list[str], here: Path, env: dict[str, str]) -> tuple[int, str]:
    """Run with stderr on a terminal; gives the code and what the terminal got."""
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "flowlang", *args],
        stdout=subprocess.PIPE, stderr=follower, cwd=here, env={**environment(), "TERM": "xterm", **env},
    ) as process:  # fmt: skip
        os.close(follower)
        shown = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        assert process.stdout is not None
        process.stdout.read()
    os.close(leader)
    return process.returncode, shown.decode()


def test_on_a_terminal_steps_under_way_are_live(here: Path, env: dict[str, str], services: Services) -> None:
    answer(services, "POST /second", {"delay": 0.5, **ONE})
    code, shown = on_a_terminal(["run", "order.flow", "--input=name=x"], here, env)
    assert code == 0
    assert "✓ first" in shown
    assert "· second" in shown
    assert "✓ second" in shown
    assert "\x1b[32m" in shown
    _, plain = on_a_terminal(["run", "order.flow", "--input=name=x"], here, {**env, "NO_COLOR": "1"})
    assert "✓ second" in plain
    assert "\x1b[32m" not in plain


def test_a_closed_stderr_does_not_fail_a_run(here: Path, env: dict[str, str]) -> None:
    with start(["run", "order.flow", "--input=name=x", "--format=json"], here, **env) as process:
        assert process.stderr is not None
        process.stderr.close()
        process.stderr = None
        out, _ = process.communicate()
    assert process.returncode == 0
    document: dict[str, Any] = json.loads(out)
    assert document["status"] == "succeeded"


def test_pure_steps_of_loops_are_not_listed(flowlang: Command, here: Path) -> None:
    text = (
        "flow f(n: int) -> int {\n  step xs = for i in range(n) {\n"
        "    step y: int = i * 2\n    yield y\n  }\n  return xs | length\n}\n"
    )
    done = flowlang("run", write(here, "a.flow", text), "--input=n=1000")
    assert done.out == "1000\n"
    assert [line.split()[:2] for line in done.err.splitlines()] == [["ok", "xs"]]


def test_what_a_module_says_cannot_steer_the_terminal(flowlang: Command, here: Path) -> None:
    write(here, "mine.py", "raise ValueError('\\x1b[31mred\\u202e')\n")
    write(
        here,
        "a.flow",
        "action act() -> int = python('mine:act')\n\nflow f() -> int {\n  step a = act()\n  return a\n}\n",
    )
    done = flowlang("run", "a.flow")
    assert done.code == 2
    assert "`mine` cannot be imported: ValueError: \\x1b[31mred\\u202e" in done.err

"""`[http]` of `flowlang.toml`: whom a run may call, from the command line."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.services import Services
from tests.surfaces.conftest import ONE, Command, start, write

FLOW = """\
import http

config {
  base: url
}

@retry('fixed', attempts=3, delay=10ms, jitter=0)
flow ask() -> int {
  step n: int = http.get("{{ config.base }}/n").json.n
  return n
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "ask.flow", FLOW)
    services.fail("*", ONE)
    return {"FLOW_BASE": services.url}


def test_private_addresses_are_denied_where_the_settings_say_so(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    assert flowlang("run", "ask.flow", **env).code == 0
    write(here, "flowlang.toml", "[http]\ndeny_private = true\n")
    calls = len(services.calls)
    done = flowlang("run", "ask.flow", "--run-id=one", "--format=json", **env)
    assert done.code == 1
    error = json.loads(done.out)["error"]
    assert (error["kind"], error["code"], error["attempt"]) == ("fault", "private_address", 1)
    assert flowlang("runs", "retry", "one", **env).code == 1
    assert len(services.calls) == calls
    write(here, "flowlang.toml", "[http]\ndeny_private = false\n")
    assert flowlang("runs", "retry", "one", **env).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\ndeny = true\n", "there is no setting 'deny' in [http]; there is deny_private"),
        ('[http]\ndeny_private = "yes"\n', "deny_private is true or false"),
        ("http = 1\n", "[http] is not a table"),
        ("x = " + "[" * 5000, "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_stop_the_run(
    flowlang: Command, services: Services, env: dict[str, str], here: Path, text: str, said: str
) -> None:
    write(here, "flowlang.toml", text)
    done = flowlang("run", "ask.flow", **env)
    assert (done.code, services.calls) == (2, [])
    assert said in done.err


def test_a_worker_keeps_to_the_settings_of_the_run(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    """It takes up runs of any project, each with its own settings."""
    waiting = FLOW.replace("import http", "import events\nimport http")
    waiting = waiting.replace("{\n  step n", "{\n  @timeout(2d)\n  step go = events.wait('go')\n  step n")
    write(here, "ask.flow", waiting.replace(".json.n\n", ".json.n\n    after go\n"))
    parked = flowlang("run", "ask.flow", "--park", "--run-id=one", **env)
    assert parked.code == 4, parked.err
    write(here, "flowlang.toml", "[http]\ndeny_private = true\n")
    flowlang("events", "emit", "go")
    calls = len(services.calls)
    assert "run one (ask) failed" in flowlang("work", "--once", **env).err
    assert len(services.calls) == calls
    assert flowlang("runs", "show", "one", "--format=json").json()["error"]["code"] == "private_address"


PAYING = """\
import http

config {{
  base: url
}}

{deadline}
flow pay() -> int {{
  {timeout}
  step paid = http.post("{{{{ config.base }}}}/pay")
  return paid.status
}}
"""


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a server that accepts no connection: its backlog is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    ("deadline", "timeout", "message"),
    [
        ("", "@timeout(300ms)", "there was no answer within 300ms"),
        ("", "@timeout(1m, total=300ms)", "the total of 300ms is over"),
        ("@timeout(1s)", "", "the deadline around it has passed"),
    ],
)
def test_what_was_never_sent_is_not_unknown(
    flowlang: Command, here: Path, deaf: str, deadline: str, timeout: str, message: str
) -> None:
    write(here, "pay.flow", PAYING.format(deadline=deadline, timeout=timeout))
    done = flowlang("run", "pay.flow", FLOW_BASE=deaf)
    assert f"timeout: {message}; this attempt sent nothing, for there was no connection" in done.err
    assert "unknown" not in done.err


def test_what_was_never_sent_before_the_run_was_cancelled_is_not_unknown(
    flowlang: Command, here: Path, deaf: str
) -> None:
    write(here, "pay.flow", PAYING.format(deadline="", timeout="@timeout(1m)"))
    run = start(["run", "pay.flow", "--run-id=one", "--log=log"], here, FLOW_BASE=deaf)
    until = time.monotonic() + 20
    while not (here / "log").exists() or "attempt.started" not in (here / "log").read_text():
        assert time.monotonic() < until, "the call never began"
        time.sleep(0.01)
    assert flowlang("runs", "cancel", "one", FLOW_BASE=deaf).code == 0
    _, said = run.communicate(timeout=20)
    assert "run one was cancelled" in said
    assert "unknown" not in said

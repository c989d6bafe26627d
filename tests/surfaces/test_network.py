"""`[http]` of `flowlang.toml`: whom a run may call, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from examples.services import Services
from tests.surfaces.conftest import ONE, Command, write

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

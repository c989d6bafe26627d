"""`flowlang breakers`: what runs have seen, and what a person decides, in one database for all processes."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from examples.services import Services
from tests.surfaces.conftest import Command, answer, write

FLOW = """\
config { base: url }

@breaker(failures=2, window=60s, cooldown=60s)
service fragile {
  base_url = config.base
}

@breaker(failure_rate=0.5, minimum_calls=4, window=60s, cooldown=60s, slow=50ms)
service lazy {
  base_url = config.base
}

flow call() -> any {
  step found = fragile.get("/fragile").json
  return found
}

flow wait_for_it() -> any {
  step found = lazy.get("/lazy").json
  return found
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "calls.flow", FLOW)
    answer(services, "GET /fragile", {"status": 503, "times": "always"})
    return {"FLOW_BASE": services.url}


def call(flowlang: Command, env: dict[str, str], flow: str = "call") -> str:
    done = flowlang("run", "calls.flow", f"--flow={flow}", **env)
    assert done.code in (0, 1)
    return done.err


def test_a_breaker_is_seen_opening(flowlang: Command, env: dict[str, str]) -> None:
    call(flowlang, env)
    (one,) = flowlang("breakers", "list", "--format=json").json()["breakers"]
    assert (one["breaker"], one["state"], one["failures"], one["held"]) == ("fragile", "closed", 1, False)
    call(flowlang, env)
    (one,) = flowlang("breakers", "show", "fragile", "--format=json").json()["breakers"]
    opened, until = (datetime.fromisoformat(one[name]) for name in ("opened", "until"))
    assert (one["state"], one["trips"], until - opened) == ("open", 1, timedelta(seconds=60))
    line = flowlang("breakers", "list").out.splitlines()[1]
    assert line.split()[:2] == ["fragile", "open"]
    assert "(in " in line
    assert "breaker_open" in call(flowlang, env)


def test_a_breaker_is_reset(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    call(flowlang, env)
    call(flowlang, env)
    (one,) = flowlang("breakers", "reset", "fragile", "--format=json").json()["breakers"]
    assert (one["state"], one["failures"], one["trips"]) == ("closed", 0, 0)
    answer(services)
    assert flowlang("run", "calls.flow", "--flow=call", **env).code == 0


def test_a_breaker_is_held_open_and_released(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services)
    assert flowlang("breakers", "hold", "fragile").code == 0  # before its first call
    assert "the breaker of fragile is held open" in call(flowlang, env)
    assert services.calls == []
    assert flowlang("breakers", "release", "fragile").code == 0
    assert flowlang("run", "calls.flow", "--flow=call", **env).code == 0
    assert flowlang("breakers", "release", "fragile").code == 2


def test_a_breaker_is_held_closed(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    (one,) = flowlang("breakers", "hold", "fragile", "--as=closed", "--format=json").json()["breakers"]
    assert (one["state"], one["held"]) == ("closed", True)
    for _ in range(4):
        assert "503" in call(flowlang, env)
    assert len(services.calls) == 4


def test_slow_calls_count_as_failed(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "GET /lazy", {"delay": 0.1, "json": {"ok": True}, "times": "always"})
    for _ in range(4):
        call(flowlang, env, "wait_for_it")
    (one,) = flowlang("breakers", "list", "--format=json").json()["breakers"]
    assert (one["breaker"], one["state"]) == ("lazy", "open")


def test_what_is_not_there(flowlang: Command, env: dict[str, str]) -> None:
    assert flowlang("breakers", "list").code == 2  # no database yet
    call(flowlang, env)
    done = flowlang("breakers", "show", "other")
    assert done.code == 2
    assert "there are fragile" in done.err
    assert flowlang("breakers").code == 2
    assert flowlang("breakers", "hold", "fragile", "--as=ajar").code == 2
    for name in ("", "a\nb"):
        done = flowlang("breakers", "hold", name)
        assert done.code == 2
        assert "1 to 1,000 printable characters" in done.err


def test_a_corrupt_breaker_is_told_and_hides_no_other(flowlang: Command, here: Path, env: dict[str, str]) -> None:
    call(flowlang, env)
    flowlang("breakers", "hold", "other")
    connection = sqlite3.connect(here / ".flowlang" / "runs.db")
    connection.execute("UPDATE shared SET crc = crc + 1 WHERE key = 'breaker:fragile'")
    connection.commit()
    connection.close()
    listed = flowlang("breakers", "list")
    assert listed.code == 2
    assert listed.out.splitlines()[1].split()[:3] == ["other", "held", "open"]
    assert "the state of breaker:fragile is corrupt: it does not match its checksum" in listed.err
    for what in ("show", "release"):
        done = flowlang("breakers", what, "fragile")
        assert done.code == 2
        assert "is corrupt" in done.err
        assert done.err.endswith("this begins it anew: flowlang breakers reset fragile\n")
    assert flowlang("breakers", "show", "other").code == 0
    assert flowlang("breakers", "reset", "fragile").code == 0
    assert flowlang("breakers", "list").code == 0

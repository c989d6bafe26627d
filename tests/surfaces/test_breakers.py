"""`flowlang breakers`: what runs have seen, and what a person decides, in one database for all processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.store.rows import checksum
from flowlang.store.sqlite import DEFAULT_PATH
from tests.surfaces.conftest import Command, answer, write, write_imports

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


def at(service: str, env: dict[str, str]) -> str:
    """What the breaker of a service is called."""
    return f"{service}@{env['FLOW_BASE'].partition('://')[2]}"


def call(flowlang: Command, env: dict[str, str], flow: str = "call") -> str:
    done = flowlang("run", "calls.flow", f"--flow={flow}", **env)
    assert done.code in (0, 1)
    return done.err


def test_a_breaker_is_seen_opening(flowlang: Command, env: dict[str, str]) -> None:
    call(flowlang, env)
    (one,) = flowlang("breakers", "list", "--format=json").json()["breakers"]
    assert (one["breaker"], one["state"], one["failures"], one["held"]) == (at("fragile", env), "closed", 1, False)
    call(flowlang, env)
    (one,) = flowlang("breakers", "show", "fragile", "--format=json").json()["breakers"]
    opened, until = (datetime.fromisoformat(one[name]) for name in ("opened", "until"))
    assert (one["state"], one["trips"], until - opened) == ("open", 1, timedelta(seconds=60))
    line = flowlang("breakers", "list").out.splitlines()[1]
    assert line.split()[:2] == [at("fragile", env), "open"]
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
    call(flowlang, env)
    answer(services)
    made = len(services.calls)
    assert flowlang("breakers", "hold", "fragile").code == 0
    assert f"the breaker of {at('fragile', env)} is held open" in call(flowlang, env)
    assert len(services.calls) == made
    assert flowlang("breakers", "release", "fragile").code == 0
    assert flowlang("run", "calls.flow", "--flow=call", **env).code == 0
    assert flowlang("breakers", "release", "fragile").code == 2


def test_a_breaker_that_was_held_knows_how_often_it_has_opened(flowlang: Command, env: dict[str, str]) -> None:
    call(flowlang, env)
    call(flowlang, env)
    for what in (("hold", "fragile"), ("release", "fragile")):
        (one,) = flowlang("breakers", *what, "--format=json").json()["breakers"]
        assert one["trips"] == 1
    assert one["state"] == "closed"
    call(flowlang, env)
    call(flowlang, env)
    (one,) = flowlang("breakers", "show", "fragile", "--format=json").json()["breakers"]
    opened, until = (datetime.fromisoformat(one[name]) for name in ("opened", "until"))
    assert (one["trips"], until - opened) == (2, timedelta(seconds=120))


def test_a_breaker_is_held_closed(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    call(flowlang, env)
    (one,) = flowlang("breakers", "hold", "fragile", "--as=closed", "--format=json").json()["breakers"]
    assert (one["state"], one["held"]) == ("closed", True)
    for _ in range(4):
        assert "503" in call(flowlang, env)
    assert len(services.calls) == 5


def test_slow_calls_count_as_failed(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "GET /lazy", {"delay": 0.1, "json": {"ok": True}, "times": "always"})
    for _ in range(4):
        call(flowlang, env, "wait_for_it")
    (one,) = flowlang("breakers", "list", "--format=json").json()["breakers"]
    assert (one["breaker"], one["state"]) == (at("lazy", env), "open")


def test_what_is_not_there(flowlang: Command, env: dict[str, str]) -> None:
    assert flowlang("breakers", "list").code == 2  # no database yet
    call(flowlang, env)
    done = flowlang("breakers", "show", "other")
    assert done.code == 2
    assert f"there are {at('fragile', env)}" in done.err
    assert flowlang("breakers").code == 2
    assert flowlang("breakers", "hold", "fragile", "--as=ajar").code == 2


@pytest.mark.parametrize("command", ["hold", "reset", "show", "release"])
def test_a_name_that_no_breaker_has_is_refused(flowlang: Command, env: dict[str, str], command: str) -> None:
    assert "there is no run database" in flowlang("breakers", command, "fragile").err
    call(flowlang, env)
    done = flowlang("breakers", command, "fragil")
    assert done.code == 2
    assert "no call has used a breaker 'fragil'" in done.err
    assert "did you mean `fragile`?" in done.err
    assert len(flowlang("breakers", "list", "--format=json").json()["breakers"]) == 1
    assert flowlang("breakers", command, "a\nb").code == 2


SHOP = """\
config {{ base: url }}

@breaker(failures=2, window=60s, cooldown=60s)
service shop {{
  base_url = config.base
}}

flow {name}() -> any {{
  step found = shop.get("/fragile").json
  return found
}}
"""
VIA = """\
import "{lib}" as lib

config {{ base: url }}

flow main() -> any {{
  step found = lib.ask()
  return found
}}
"""


def test_a_service_has_one_breaker_from_wherever_it_is_imported(
    flowlang: Command, env: dict[str, str], here: Path
) -> None:
    write_imports(here, SHOP.format(name="ask"), VIA)
    flowlang("run", "beside.flow", **env)
    flowlang("run", "sub/beneath.flow", **env)
    assert "breaker_open" in flowlang("run", "lib.flow", **env).err
    (one,) = flowlang("breakers", "list", "--format=json").json()["breakers"]
    assert (one["breaker"], one["state"]) == (at("shop", env), "open")


def test_services_of_one_name_and_two_addresses_have_a_breaker_each(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "a.flow", SHOP.format(name="main"))
    write(here, "b.flow", SHOP.format(name="main"))
    other = {"FLOW_BASE": services.url + "/other/"}
    answer(services, "GET /fragile", {"status": 503, "times": "always"})
    for _ in range(2):
        flowlang("run", "a.flow", **env)
    answer(services)
    assert "breaker_open" not in flowlang("run", "b.flow", **other).err
    assert "breaker_open" in flowlang("run", "a.flow", **env).err
    done = flowlang("breakers", "reset", "shop")
    assert done.code == 2
    assert f"say which: {at('shop', env)}, {at('shop', env)}/other" in done.err
    assert flowlang("breakers", "reset", f"{at('shop', env)}/other").code == 0


def test_a_breaker_from_before_is_only_listed(flowlang: Command, env: dict[str, str], here: Path) -> None:
    call(flowlang, env)
    with sqlite3.connect(here / DEFAULT_PATH) as database:
        state = '{"buckets":[],"failures":1,"last_failure":0,"mode":"closed","round":0}'
        row = ("breaker:./lib.flow:shop", state)
        database.execute("INSERT INTO shared (key, state, crc) VALUES (?, ?, ?)", (*row, checksum(row)))
    assert "./lib.flow:shop" in flowlang("breakers", "list").out
    assert flowlang("breakers", "reset", "./lib.flow:shop").code == 0


def test_a_corrupt_breaker_is_told_and_hides_no_other(flowlang: Command, here: Path, env: dict[str, str]) -> None:
    call(flowlang, env)
    fragile = at("fragile", env)
    with closing(sqlite3.connect(here / DEFAULT_PATH)) as database:
        (state,) = database.execute("SELECT state FROM shared WHERE key = ?", (f"breaker:{fragile}",)).fetchone()
        row = ("breaker:other", state)
        database.execute("INSERT INTO shared (key, state, crc) VALUES (?, ?, ?)", (*row, checksum(row)))
        database.execute("UPDATE shared SET crc = crc + 1 WHERE key = ?", (f"breaker:{fragile}",))
        database.commit()
    listed = flowlang("breakers", "list")
    assert listed.code == 2
    assert listed.out.splitlines()[1].split()[:3] == ["other", "closed", "1"]
    assert f"the state of breaker:{fragile} is corrupt: it does not match its checksum" in listed.err
    for what in ("show", "release"):
        done = flowlang("breakers", what, "fragile")
        assert done.code == 2
        assert "is corrupt" in done.err
        assert done.err.endswith(f"this begins it anew: flowlang breakers reset {fragile}\n")
    assert flowlang("breakers", "show", "other").code == 0
    assert flowlang("breakers", "reset", fragile).code == 0
    assert flowlang("breakers", "list").code == 0

"""The rate limit, the places and the retry budget of a service are one in all processes, from whichever file it is
imported; a service of that name at another address has its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.services import Services
from tests.surfaces.conftest import Command, answer, start, wait_for_calls, write, write_imports

SHOP = """\
config {{ base: url }}

{policy}
service shop {{
  base_url = config.base
}}

flow slow() -> any {{
  @timeout(20s)
  step found = shop.get("/slow").json
  return found
}}

flow quick() -> any {{
  @timeout(500ms, total=500ms)
  step found = shop.get("/quick").json
  return found
}}
"""
VIA = """\
import "{lib}" as lib

config {{ base: url }}

flow slow() -> any {{
  step found = lib.slow()
  return found
}}

flow quick() -> any {{
  step found = lib.quick()
  return found
}}
"""


@pytest.fixture
def env(services: Services) -> dict[str, str]:
    return {"FLOW_BASE": services.url}


def elsewhere(env: dict[str, str]) -> dict[str, str]:
    return {"FLOW_BASE": f"{env['FLOW_BASE']}/other"}


def test_a_service_has_one_rate_limit(flowlang: Command, services: Services, env: dict[str, str], here: Path) -> None:
    write_imports(here, SHOP.format(policy="@rate_limit(calls=1, per=60s)"), VIA)
    answer(services)
    assert flowlang("run", "beside.flow", "--flow=quick", **env).code == 0
    for path in ("sub/beneath.flow", "lib.flow"):
        assert "rate_limited: the rate limit of shop@" in flowlang("run", path, "--flow=quick", **env).err
    assert len(services.calls) == 1
    assert flowlang("run", "lib.flow", "--flow=quick", **elsewhere(env)).code == 0


MANY = """\
config {{ base: url }}

@rate_limit(1, per=1s)
@timeout(1s, total={total})
service shop {{
  base_url = config.base
}}

flow main(n: int) -> int {{
  step all = for i in range(n) {{
    do shop.get("/{{{{ i }}}}")
    yield i
  }}
  return all | length
}}
"""


def test_the_turns_of_a_failed_run_are_free(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "many.flow", MANY.format(total="60s"))
    write(here, "few.flow", MANY.format(total="4s"))
    answer(services, "GET /0", {"status": 500}, {"json": {}})
    assert "500" in flowlang("run", "many.flow", "--input=n=10", **env).err
    assert flowlang("run", "few.flow", "--input=n=1", **env).code == 0
    assert len(services.calls) == 2


def test_the_turns_of_a_killed_run_are_free(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "many.flow", MANY.format(total="60s"))
    write(here, "few.flow", MANY.format(total="4s"))
    answer(services, "GET /0", {"json": {}})
    holder = start(["run", "many.flow", "--input=n=10"], here, **env)
    try:
        wait_for_calls(services, 1)
    finally:
        holder.kill()
        holder.communicate()
    before = len(services.calls)
    assert flowlang("run", "few.flow", "--input=n=1", **env).code == 0
    assert len(services.calls) == before + 1


def test_a_service_has_its_places_once(flowlang: Command, services: Services, env: dict[str, str], here: Path) -> None:
    write_imports(here, SHOP.format(policy="@concurrency(1)"), VIA)
    answer(services, "GET /slow", {"delay": 30, "json": {}})
    holder = start(["run", "beside.flow", "--flow=slow"], here, **env)
    try:
        wait_for_calls(services, 1)
        for path in ("sub/beneath.flow", "lib.flow"):
            assert "timeout: " in flowlang("run", path, "--flow=quick", **env).err
        assert len(services.calls) == 1
        assert flowlang("run", "lib.flow", "--flow=quick", **elsewhere(env)).code == 0
    finally:
        holder.kill()
        holder.communicate()
    assert flowlang("run", "lib.flow", "--flow=quick", **env).code == 0


def test_a_service_has_one_retry_budget(flowlang: Command, services: Services, env: dict[str, str], here: Path) -> None:
    write_imports(here, SHOP.format(policy="@retry('fixed', attempts=20, delay=1ms, jitter=0)"), VIA)
    answer(services, "GET /slow", {"status": 503, "times": "always"})
    said = "not tried again, for too many calls of shop@"
    assert said in flowlang("run", "beside.flow", "--flow=slow", **env).err
    first = len(services.calls)
    assert 10 < first < 20
    for path in ("sub/beneath.flow", "lib.flow"):
        assert said in flowlang("run", path, "--flow=slow", **env).err
    assert len(services.calls) == first + 2
    answer(services, "GET /other/slow", {"status": 503}, {"status": 503}, {"json": {}})
    assert flowlang("run", "lib.flow", "--flow=slow", **elsewhere(env)).code == 0

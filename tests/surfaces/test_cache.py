"""`@cache` over runs and processes: one database remembers, another does not, and stale values go."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.store.sqlite import Store
from tests.surfaces.conftest import Command, answer, write

FLOW = """\
config {
  base: url
}

@cache(ttl=700ms)
service rates {
  base_url = config.base
}

flow rate(of: string) -> int {
  step found: int = rates.get("/rates/{{ of }}").json.n
  return found
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "rate.flow", FLOW)
    answer(services)
    return {"FLOW_BASE": services.url}


def run(flowlang: Command, env: dict[str, str], of: str, *args: str) -> None:
    done = flowlang("run", "rate.flow", f"--input=of={of}", *args, **env)
    assert (done.code, done.out) == (0, "1\n"), done.err


def kept(here: Path) -> int:
    with Store(here / ".flowlang" / "runs.db") as store:
        return sum(key.startswith("cache:") for key in store.shared_states())


def test_another_run_reuses_a_value_while_it_is_fresh(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    write(here, "rate.flow", FLOW.replace("700ms", "1h"))
    for of in ("eur", "eur", "usd", "eur"):
        run(flowlang, env, of)
    assert [call.route for call in services.calls] == ["GET /rates/eur", "GET /rates/usd"]
    run(flowlang, env, "eur", "--db=other.db")
    assert len(services.calls) == 3
    shown = flowlang("plan", "rate.flow").out
    assert "reused for 1h" in shown


def test_stale_values_are_asked_for_anew_and_dropped(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    run(flowlang, env, "eur")
    assert kept(here) == 1
    time.sleep(0.8)
    run(flowlang, env, "usd")
    assert kept(here) == 1  # the one of eur is gone
    run(flowlang, env, "eur")
    assert len(services.calls) == 3


def test_failures_are_not_kept(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "GET /rates/eur", {"status": 422, "times": "always"})
    for _ in range(2):
        assert flowlang("run", "rate.flow", "--input=of=eur", **env).code == 1
    assert len(services.calls) == 2

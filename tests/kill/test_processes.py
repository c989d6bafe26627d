"""Several processes on one database: a breaker opened by one is met by another, a frozen owner is fenced off."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.store import runs
from flowlang.store.sqlite import Store
from tests.kill.conftest import Spawner

FLOWS = """\
config {
  base: url
}

@breaker(failures=3, window=60s, cooldown=60s)
service fragile {
  base_url = config.base
}

@rate_limit(3, per=60s)
@timeout(300ms)
service slow_lane {
  base_url = config.base
}

@timeout(20s)
@idempotent
service work {
  base_url = config.base
}

flow call(n: int) -> any {
  step answer = fragile.get("/fragile").json
  return answer
}

flow limited(n: int) -> any {
  @timeout(300ms, total=400ms)
  step answer = slow_lane.get("/limited").json
  return answer
}

flow two(n: int) -> int {
  step a: int = work.post("/a", json={ n }).json.n
  step b: int = work.post("/b", json={ a }).json.n
  return a + b
}
"""


@pytest.fixture
def env(spawner: Spawner, services: Services) -> dict[str, str]:
    services.reset()
    (spawner.folder / "processes.flow").write_text(FLOWS)
    return {"FLOW_BASE": services.url}


def run(spawner: Spawner, env: dict[str, str], flow: str, db: str) -> tuple[int, str]:
    args = ["run", "processes.flow", "--flow", flow, "--input", "n=1", "--db", db]
    _, out = spawner.start(args, env)
    return spawner.wait(), out.with_suffix(".err").read_text()


def test_a_breaker_opened_in_one_process_is_met_in_another(
    spawner: Spawner, services: Services, env: dict[str, str]
) -> None:
    services.fail("GET /fragile", {"status": 503, "times": "always"})
    for _ in range(3):
        code, err = run(spawner, env, "call", "breaker.db")
        assert code == 1
        assert "503" in err
    services.fail("GET /fragile", {"json": {"ok": True}, "times": "always"})
    code, err = run(spawner, env, "call", "breaker.db")
    assert code == 1
    assert "breaker_open" in err
    assert len(services.calls) == 3
    code, err = run(spawner, env, "call", "another.db")  # another database, another world
    assert code == 0, err


def test_a_rate_limit_holds_over_processes(spawner: Spawner, services: Services, env: dict[str, str]) -> None:
    services.fail("*", {"json": {"ok": True}, "times": "always"})
    codes = [run(spawner, env, "limited", "limits.db")[0] for _ in range(4)]
    assert codes[:3] == [0, 0, 0]
    assert codes[3] == 1
    assert len(services.calls) == 3


def test_a_frozen_owner_is_fenced(spawner: Spawner, services: Services, env: dict[str, str], tmp_path: Path) -> None:
    """Taken over by force while it sleeps, it wakes up, is refused, and what the new owner did stands."""
    services.fail("POST /b", {"delay": 1.5, "json": {"n": 2}}, {"json": {"n": 5}, "times": "always"})
    services.fail("*", {"json": {"n": 1}, "times": "always"})
    db = spawner.folder / "frozen.db"
    args = ["run", "processes.flow", "--flow", "two", "--input", "n=1", "--db", str(db), "--run-id", "mine"]
    pid, out = spawner.start(args, env)
    deadline = time.monotonic() + 20
    while len(services.calls) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(pid, signal.SIGSTOP)
    with Store(db) as store:
        record = store.get("mine")
        claim = store._writer().call(lambda connection: runs.read_claim(connection, record.n, "mine"))
        assert store.is_running(record)
        store._writer().call(
            lambda connection: runs.replace(claim, epoch=claim.epoch + 1, owner=None).store(connection)
        )
    os.kill(pid, signal.SIGCONT)
    assert spawner.wait() == 1
    assert "run mine stopped: run mine is owned by another process now" in out.with_suffix(".err").read_text()
    with Store(db) as store:
        entries = [row.entry for row in store.history(store.get("mine"))]
        assert [(entry.key, entry.kind) for entry in entries] == [("a", "begun"), ("a", "value"), ("b", "begun")]
    _, out = spawner.start(["run", "--resume", "mine", "--db", str(db)], env)
    assert spawner.wait() == 0
    assert out.read_text() == "6\n"
    assert [call.route for call in services.calls] == ["POST /a", "POST /b", "POST /b"]
    assert services.calls[1].key == services.calls[2].key

"""A process is killed in the middle of a write, and the call cannot be made again when the run is resumed: what the
write may have done is undone, or reported.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from examples.services import Services
from flowlang.store.sqlite import Store
from tests.kill.conftest import Spawner

pytestmark = pytest.mark.slow

FLOWS = """\
import http

config {
  base: url
}

@breaker(failures=3)
service book {
  base_url = config.base
}

@timeout(1500ms)
flow late(n: int) -> any {
  step a = book.post("/hold").json
    undo { do book.delete("/hold") }
  return a.n
}

@timeout(1500ms)
flow named(n: int) -> any {
  step a = book.post("/hold").json
    undo { do book.delete("/hold/{{ a.n }}") }
  return a.n
}

flow total(n: int) -> any {
  @timeout(1s, total=1500ms)
  step a = book.post("/hold").json
    undo { do book.delete("/hold") }
  return a.n
}

flow held(n: int) -> any {
  step a = book.post("/hold").json
    undo { do http.delete("{{ config.base }}/hold") }
  return a.n
}
"""
KILLED = 0.3
"""Seconds from the call to the kill: by then it is on the disk that the call was made."""


@pytest.mark.parametrize(
    ("flow", "away", "error", "undone"),
    [
        ("late", 2.0, "the time of flow `late` is over", True),
        ("named", 2.0, "outcome unknown: step `a` may have taken effect", False),
        ("total", 2.0, "the total of 1s500ms is over", True),
        ("held", 0.0, "is held open", True),
    ],
)
def test_a_call_that_is_not_made_again(
    spawner: Spawner, services: Services, flow: str, away: float, error: str, undone: bool
) -> None:
    services.reset()
    services.fail("POST /hold", {"delay": 1.0, "json": {"n": 1}, "times": "always"})
    services.fail("*", {"json": {"n": 1}, "times": "always"})
    code, said = kill_and_resume(spawner, services, flow, away)
    assert code == 1
    assert error in said
    assert ("undone    a" in said) == undone
    assert [call.route for call in services.calls] == ["POST /hold", *["DELETE /hold"] * undone]


def test_a_call_that_meets_no_connection(spawner: Spawner) -> None:
    with Services() as services:
        services.fail("*", {"delay": 1.0, "json": {"n": 1}, "times": "always"})
        code, said = kill_and_resume(spawner, services, "named", 0.0, stop=True)
    assert code == 1
    assert "failed    a  2 attempts" in said
    assert "failed at step `a`, attempt 2: network: " in said
    assert "outcome unknown: step `a` may have taken effect" in said


def kill_and_resume(
    spawner: Spawner, services: Services, flow: str, away: float, stop: bool = False
) -> tuple[int, str]:
    """Start a run, kill it in the middle of its call, resume it after a while; gives the code and what is said."""
    (spawner.folder / "left.flow").write_text(FLOWS)
    env, run_id = {"FLOW_BASE": services.url}, f"{flow}-{stop}"
    db = spawner.folder / f"{run_id}.db"
    where = ["--db", str(db)]
    pid, _ = spawner.start(["run", "left.flow", "--flow", flow, "--input", "n=1", "--run-id", run_id, *where], env)
    deadline = time.monotonic() + 20
    while not services.calls and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(KILLED)
    os.kill(pid, signal.SIGKILL)
    assert spawner.wait() == -9
    with Store(db) as store:
        assert [row.entry.kind for row in store.history(store.get(run_id)) if row.entry.key == "a"] == ["begun"]
    time.sleep(away)
    if stop:
        services.stop()
    if flow == "held":
        spawner.start(["breakers", "hold", "book", *where], env)
        assert spawner.wait() == 0
    _, out = spawner.start(["run", "--resume", run_id, *where], env)
    return spawner.wait(), out.with_suffix(".err").read_text()

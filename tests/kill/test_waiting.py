"""kill -9 around waits and events: what was emitted reaches its step once, and what waits goes on in its time."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.store.sqlite import Store
from tests.kill.conftest import Spawner, kill_after

pytestmark = pytest.mark.slow

FLOWS = """\
import events
import time

config { base: url }

@retry('fixed', attempts=2, delay=300ms, jitter=0)
@timeout(10s)
@idempotent
service work {
  base_url = config.base
}

flow answers(id: string) -> list[int] {
  step asked: int = work.post("/ask", json={ id }).json.n
  step found = repeat round: int = 0 {
    @timeout(1h)
    step answer: int = events.wait('answer', key=id).data.n
    step noted: int = work.post("/note/{{ answer }}", json={ round }).json.n
    yield answer next round + noted if round < 2 else none
  }
  step done: int = work.post("/done", json={ found }).json.n
  return found + [asked + done]
}

flow pauses(id: string) -> int {
  step first: int = work.post("/first", json={ id }).json.n
  step pause = time.wait(400ms) after first
  step second: int = work.post("/second", json={ first }).json.n after pause
  step again = time.wait(400ms) after second
  step third: int = work.post("/third", json={ second }).json.n after again
  return first + second + third
}
"""
RESULT = {"answers": [7, 8, 9, 2], "pauses": 3}
ROUTES = {
    "answers": ["POST /ask", "POST /note/7", "POST /note/8", "POST /note/9", "POST /done"],
    "pauses": ["POST /first", "POST /second", "POST /third"],
}
IMPATIENT = (0.05, 0.1)


class Waiting:
    """One run that waits, started, killed and taken up again by workers, while somebody emits what it waits for."""

    def __init__(self, spawner: Spawner, services: Services, flow: str, run_id: str) -> None:
        self.spawner, self.services, self.flow, self.run_id = spawner, services, flow, run_id
        services.reset()
        services.fail("*", {"json": {"n": 1}, "times": "always"})
        (spawner.folder / "waiting.flow").write_text(FLOWS)
        self.db = spawner.folder / f"{run_id}.db"
        self.env = {"FLOW_BASE": services.url}

    def start(self, die: tuple[str, int] | None = None) -> int:
        """Begin the run in a process that leaves when it is parked; gives the pid."""
        args = ["run", "waiting.flow", "--flow", self.flow, "--input", "id=i", "--run-id", self.run_id, "--park"]
        pid, out = self.spawner.start([*args, "--db", str(self.db)], self.env, die, IMPATIENT)
        self.err = out.with_suffix(".err")
        return pid

    def work(self, die: tuple[str, int] | None = None) -> int:
        return self.spawner.start(["work", "--db", str(self.db)], self.env, die, IMPATIENT)[0]

    @contextmanager
    def emitting(self) -> Iterator[None]:
        """Emit three events as soon as the run has begun, each twice."""
        stop = threading.Event()

        def emit() -> None:
            while not stop.is_set() and not (self.db.exists() and self.is_begun()):
                time.sleep(0.01)
            for n in (7, 8, 9):
                for _ in range(2):
                    with Store(self.db) as store:
                        asyncio.run(store.emit(f"answer-{n}", "answer", "i", {"n": n}, time.time_ns() // 1000))
                time.sleep(random.uniform(0, 0.15))

        thread = threading.Thread(target=emit)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def is_begun(self) -> bool:
        with Store(self.db) as store:
            return store.find(self.run_id) is not None

    def finish(self) -> None:
        """Let go on with the run whoever must, until it is over; then hold what happened against the promise."""
        assert self.is_begun(), self.err.read_text()
        with Store(self.db) as store:
            if store.get(self.run_id).status == "running":  # killed before it was parked for the first time
                args = ["run", "--resume", self.run_id, "--db", str(self.db), "--park"]
                self.spawner.start(args, self.env, None, IMPATIENT)
                self.spawner.wait()
            if not store.get(self.run_id).is_over:
                pid = self.work()
                deadline = time.monotonic() + 30
                while not store.get(self.run_id).is_over and time.monotonic() < deadline:
                    time.sleep(0.02)
                os.kill(pid, signal.SIGTERM)
                assert self.spawner.wait() == 0
            record = store.get(self.run_id)
            assert (record.status, record.output) == ("succeeded", RESULT[self.flow]), record.error
            assert store.wake_of(record) is None
            keys = [row.entry.key for row in store.history(record) if row.entry.kind == "event"]
        assert len(keys) == len(set(keys)) == (3 if self.flow == "answers" else 0)
        keyed = {(call.route, call.key) for call in self.services.calls}
        assert sorted(route for route, _ in keyed) == sorted(ROUTES[self.flow])


@pytest.mark.parametrize(
    ("flow", "when", "entries"),
    [
        ("answers", "entry", range(1, 14, 2)),
        ("answers", "commit", range(2, 14, 2)),
        ("pauses", "entry", range(1, 8, 2)),
        ("pauses", "commit", range(2, 8, 2)),
    ],
)
def test_killed_around_journal_entries(
    spawner: Spawner, services: Services, flow: str, when: str, entries: range
) -> None:
    for n in entries:
        run = Waiting(spawner, services, flow, f"{flow}-waiting-{when}-{n}")
        with run.emitting() if flow == "answers" else _nothing():
            run.start((when, n))
            run.spawner.wait()
        run.finish()


@pytest.mark.parametrize("flow", sorted(RESULT))
def test_workers_killed_at_random_instants(spawner: Spawner, services: Services, flow: str) -> None:
    dice = random.Random(flow)
    for n in range(5):
        run = Waiting(spawner, services, flow, f"{flow}-worker-{n}")
        with run.emitting() if flow == "answers" else _nothing():
            run.start()
            run.spawner.wait()
        for _ in range(2):
            pid = run.work()
            kill_after(pid, dice.uniform(0.05, 0.5))
            run.spawner.wait()
        run.finish()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _until(has_come: Callable[[], bool]) -> float:
    """Wait for something; gives when it had come."""
    deadline = time.monotonic() + 20
    while not has_come():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return time.monotonic()


def test_a_parked_run_is_ended_within_a_second_and_once(spawner: Spawner, services: Services, tmp_path: Path) -> None:
    """A worker and the command that cancels are both there: one of them ends the run, and its undo runs once."""
    text = FLOWS + (
        "flow booked(id: string) -> int {\n"
        '  step book: int = work.post("/book", json={ id }).json.n\n'
        '    undo { do work.delete("/book/{{ book }}") }\n'
        "  do time.wait(30d) after book\n"
        "  return book\n"
        "}\n"
    )
    services.reset()
    services.fail("*", {"json": {"n": 1}, "times": "always"})
    (spawner.folder / "booked.flow").write_text(text)
    db, env = str(tmp_path / "booked.db"), {"FLOW_BASE": services.url}
    args = ["run", "booked.flow", "--flow", "booked", "--input", "id=i", "--run-id", "mine", "--park", "--db", db]
    spawner.start(args, env, None, IMPATIENT)
    assert spawner.wait() == 4
    with Store(Path(db)) as store:
        asyncio.run(store.ask_to_cancel("mine"))
        pid, _ = spawner.start(["work", "--db", db], env, None, IMPATIENT)
        began = _until(lambda: store.get("mine").status != "waiting")  # the worker runs, and has taken it up
        took = _until(lambda: store.get("mine").is_over) - began
        os.kill(pid, signal.SIGTERM)
        assert spawner.wait() == 0
        assert store.get("mine").status == "cancelled"
    assert took < 1.0
    assert [call.route for call in services.calls] == ["POST /book", "DELETE /book/1"]

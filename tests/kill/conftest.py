"""Processes to kill, the services they call, and what is asked of every run that was killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from examples.services import Services
from flowlang.store.sqlite import Store
from tests.conftest import ROOT

FLOWS = Path(__file__).with_name("flows.flow")
ONE = {"json": {"n": 1}, "times": "always"}
FAULTS: dict[str, list[dict[str, Any]]] = {
    "POST /b": [{"status": 503}, {"drop": "response"}, ONE],
    "POST /y/2": [{"status": 500}, {"delay": 0.02, "drop": "request"}, ONE],
    "POST /y/5": [{"drop": "response"}, ONE],
    "POST /slow": [{"delay": 0.15, **ONE}],
    "POST /label": [{"status": 422, "times": "always"}],
    "POST /broken": [{"status": 404, "times": "always"}],
    "*": [ONE],
}
STEP_OF_ROUTE = {
    "retries": {"POST /a": "a", "POST /b": "b", "POST /c": "c"},
    "loops": {
        **{f"POST /x/{i + 1}": f"sums[{i}].x" for i in range(6)},
        **{f"POST /y/{i + 1}": f"sums[{i}].y" for i in range(6)},
        "POST /done": "done",
    },
    "races": {"POST /slow": "first.slow", "POST /fast": "first.fast", "POST /after": "after_it"},
    "undoes": {
        "POST /pay": "pay",
        "DELETE /pay/1": "pay.undo.delete",
        "POST /book": "book",
        "DELETE /book/1": "book.undo.delete",
        "POST /label": "label",
    },
    "branches": {
        "POST /kind": "kind",
        "POST /one": "chosen.then.one",
        "POST /two": "chosen.then.two",
        "POST /broken": "safe",
        "POST /instead": "safe.catch0.instead",
        "POST /last": "last",
    },
}
RESULT = {
    "retries": (0, 3),
    "loops": (0, [3, 4, 5, 6, 7, 8, 1]),
    "races": (0, 2),
    "undoes": (1, None),
    "branches": (0, [1, 2, 1, 1]),
}


@dataclass
class Spawner:
    """Forks `flowlang` processes on order."""

    folder: Path
    process: subprocess.Popen[str]
    count: int = 0

    def start(
        self,
        args: list[str],
        env: dict[str, str],
        die: tuple[str, int] | None = None,
        patience: tuple[float, float] | None = None,
    ) -> tuple[int, Path]:
        """Fork a process; gives its pid and the file of its stdout."""
        self.count += 1
        out = self.folder / f"{self.count}.out"
        order = {
            "args": args, "env": env, "cwd": str(self.folder), "out": str(out), "err": str(out.with_suffix(".err")),
            "die": die, "patience": patience,
        }  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._answer(), out

    def wait(self) -> int:
        """The return code of the process under way."""
        return self._answer()

    def _answer(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def spawner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spawner]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kill.spawner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    yield Spawner(tmp_path_factory.mktemp("kill"), process)
    process.communicate()


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


@dataclass
class Victim:
    """One run of one flow, killed and resumed as often as it takes."""

    spawner: Spawner
    services: Services
    flow: str
    run_id: str
    journaled: set[str] = field(default_factory=set)
    accepted: bool = False
    dies_at: str | None = None
    seen: int = 0

    def __post_init__(self) -> None:
        self.services.reset()
        for route, outcomes in FAULTS.items():
            self.services.fail(route, *outcomes)
        self.db = self.spawner.folder / f"{self.run_id}.db"

    @property
    def env(self) -> dict[str, str]:
        return {"FLOW_BASE": self.services.url}

    def start(self, die: tuple[str, int] | None = None) -> tuple[int, Path]:
        self.dies_at = None if die is None else die[0]
        common = ["--db", str(self.db), "--format", "json"]
        if self.is_begun():
            return self.spawner.start(["run", "--resume", self.run_id, *common], self.env, die)
        args = ["run", str(FLOWS), "--flow", self.flow, "--input", "id=i", "--run-id", self.run_id, *common]
        return self.spawner.start(args, self.env, die)

    def is_begun(self) -> bool:
        """Whether there is a record of the run. Once there was one, or a call was made, the run has been accepted, and
        no kill may lose it.
        """
        found = False
        if self.db.exists():
            with Store(self.db) as store:
                found = store.find(self.run_id) is not None
        assert found or not (self.accepted or self.services.calls), f"run {self.run_id} is lost"
        self.accepted = found
        return found

    def killed(self) -> None:
        """Hold what has happened since against what was journaled before, then note what is journaled now."""
        self.hold_promise()
        if self.dies_at in ("entry", "ask", "answer"):  # what comes behind the run's record
            self.accepted = True
        if not self.is_begun():
            return
        with Store(self.db) as store:
            rows = store.history(store.get(self.run_id))
            self.journaled = {row.entry.key for row in rows if row.entry.kind in ("value", "handled", "skipped")}
        self.seen = len(self.services.calls)

    def hold_promise(self) -> None:
        """No step that was journaled has been called again, and every try of a step carried one key."""
        steps = STEP_OF_ROUTE[self.flow]
        again = Counter(steps[call.route] for call in self.services.calls[self.seen :])
        assert {step: n for step, n in again.items() if step in self.journaled} == {}
        keys: dict[str, set[str | None]] = defaultdict(set)
        for call in self.services.calls:
            if call.route.startswith("POST"):
                keys[call.route].add(call.key)
        assert {route: found for route, found in keys.items() if len(found) != 1 or None in found} == {}
        assert len({key for found in keys.values() for key in found}) == len(keys), "two steps share a key"

    def finish(self) -> dict[str, Any]:
        """Resume to the end, and hold the outcome against that of a run that nobody killed."""
        _, out = self.start()
        code = self.spawner.wait()
        error = out.with_suffix(".err").read_text()
        expected_code, expected = RESULT[self.flow]
        assert code == expected_code, error
        assert "Traceback" not in error
        result: dict[str, Any] = json.loads(out.read_text())
        assert result["output"] == expected
        self.hold_promise()
        self.hold_attempts()
        return result

    def hold_attempts(self) -> None:
        """The attempts of a step are numbered on over every kill: none is missing, none is there twice. So are its
        calls, with those that a kill cut off.
        """
        with Store(self.db) as store:
            rows = store.history(store.get(self.run_id))
        attempts: dict[str, list[int]] = defaultdict(list)
        calls: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if row.entry.kind in ("attempt", "begun"):
                (attempts if row.entry.kind == "attempt" else calls)[row.entry.key].append(row.entry.attempt)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in attempts.values()), attempts
        ends = {row.entry.key: row.entry.attempt for row in rows if row.entry.kind in ("value", "failed")}
        assert all(numbers == list(range(1, ends.get(key, len(numbers)) + 1)) for key, numbers in calls.items()), calls
        assert all(ends[key] > len(numbers) for key, numbers in attempts.items()), attempts


def kill_after(pid: int, seconds: float) -> None:
    """SIGKILL a process after a while, unless it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(0.005, max(0, deadline - time.monotonic())))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


__all__ = ["RESULT", "Spawner", "Victim", "kill_after"]

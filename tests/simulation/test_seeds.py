"""Five thousand runs, each as its number says: flow, failures, crashes, cancellation, deadline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang.runtime.interpreter.cut import Cut
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.steps import run_node
from tests.simulation.crashes import crash_by_seed, crash_somewhere

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("first", range(0, 5000, 250))
def test_seeds(first: int) -> None:
    for seed in range(first, first + 250):
        try:
            crash_by_seed(seed)
        except Exception as error:
            error.add_note(f"again with: .venv/bin/python -m tests.simulation --seed {seed}")
            raise


def test_a_deadline_that_is_met_a_tick_early_has_passed() -> None:
    """41706: a handler that stood apart only on resumption answered what had gone outward before."""
    crash_somewhere(41706, 41706, rough=False)


def test_what_a_block_did_is_undone_though_its_ensure_failed_before_a_crash() -> None:
    """66052: a block that had failed its `ensure` was not gone through again, and its undos were forgotten."""
    crash_somewhere(66052, 66052, rough=False)


def test_errors_never_stand_beside_themselves() -> None:
    """12953: two failures in one another's scopes were each among the others of the other."""
    crash_somewhere(12953, 12953, rough=False)


@pytest.mark.parametrize(("seed", "flow"), [(8397, 8392), (8619, 8616)])
def test_what_a_flow_handler_did_that_passed_its_error_on_is_undone_after_a_crash(seed: int, flow: int) -> None:
    """The handlers of a called flow were not gone through again once the step that called had failed."""
    crash_somewhere(seed, flow, rough=True)


def test_a_seed_has_one_trace() -> None:
    command = [sys.executable, "-m", "tests.simulation", "60", "--traces", "--jobs", "1"]
    said = {
        subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(said) == 1
    assert len(said.pop().splitlines()) > 60


def test_an_unsound_run_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.crashes.ended_before", lambda rows: {row.entry.key for row in rows})
    with pytest.raises(AssertionError, match="executed again"):
        list(map(crash_by_seed, range(200)))


def test_bare_steps_are_run_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = 0

    async def run_as_any_other(frame: Frame, i: int, cut: Cut, left: int) -> tuple[int, int]:
        nonlocal ran
        ran += 1
        assert frame.program is not None
        await run_node(frame, frame.program.nodes[i])
        return frame.next(), left

    for seed in range(300):
        trace = crash_by_seed(seed)
        with monkeypatch.context() as patched:
            patched.setattr("flowlang.runtime.interpreter.run.run_bare", run_as_any_other)
            assert crash_by_seed(seed) == trace, seed
    assert ran > 300

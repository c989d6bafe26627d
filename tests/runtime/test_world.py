"""The real seam: Python of the project's folder, threads that cannot be interrupted, slots that they hold."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowlang.plan import nodes
from flowlang.plan.nodes import Call, Flow, Limits, Plan, Policies, Pure, Scope, Step
from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.memory import MemoryJournal, MemoryShared
from flowlang.runtime.seam import NetworkError, Seam
from flowlang.runtime.world import ProjectPython, check_python, real_seam

SOURCE = """
import asyncio, threading
gate = threading.Event()
def double(x): return x * 2
async def later(x):
    await asyncio.sleep(0)
    return x + 1
def stuck(x):
    gate.wait(5)
    return x
def broken(x): raise KeyError('gone')
class Mute(Exception):
    def __str__(self): raise ValueError
class Bare(BaseException): pass
def raises(x): raise x
async def raises_later(x): raise x
"""


@pytest.fixture
def seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Seam:
    name = f"actions_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.setattr("sys.path", [str(tmp_path), *__import__("sys").path])
    made = real_seam(tmp_path)
    request.node.module_name = name
    return made


@pytest.fixture
def module(seam: Seam, request: pytest.FixtureRequest) -> str:
    return str(request.node.module_name)


def step(key: str, target: str, **policies: Any) -> Step:
    call = Call("python", target, (("x", ["lit", 3]),), None, "write", False, None, None)
    return Step(key, key, call, policies=Policies(**policies), has_effect=True)


def plan(*steps: Step, value: Any = None) -> Plan:
    flow = Flow("main", (), (), Scope(steps, (), value), (), None)
    return Plan(nodes.FORMAT, nodes.EVALUATOR, "main", {"main": flow}, ("any",), (), {}, {}, {}, Limits(), {}, {})


async def execute(plan: Plan, seam: Seam, shared: MemoryShared | None = None) -> Outcome:
    shared = shared or MemoryShared()
    run = Run(plan, "r", {}, {}, seam=seam, journal=MemoryJournal("r"), shared=shared, natives={}, actions={})
    return await run.execute()


def test_python_runs_in_a_thread_or_in_the_loop(seam: Seam, module: str) -> None:
    steps = (step("a", f"{module}:double"), step("b", f"{module}:later"))
    outcome = asyncio.run(execute(plan(*steps, value=["list", [["ref", "a"], ["ref", "b"]]]), seam))
    assert outcome.output == [6, 4]


def test_an_exception_fails_with_its_name(seam: Seam, module: str) -> None:
    error = asyncio.run(execute(plan(step("a", f"{module}:broken")), seam)).error
    assert error is not None
    assert (error.kind, error.code, error.step) == ("failed", "KeyError", "a")


@pytest.mark.parametrize("name", ["raises", "raises_later"])
@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda of: RunError("http", "no", response=object(), final=True), "RuntimeError: RunError: no"),
        (lambda of: NetworkError("no", False), "RuntimeError: NetworkError: no"),
        (lambda of: asyncio.CancelledError(), "RuntimeError: CancelledError"),
        (lambda of: SystemExit(3), "RuntimeError: SystemExit: 3"),
        (lambda of: of["Bare"]("no"), "RuntimeError: Bare: no"),
        (lambda of: of["Mute"](), "Mute: no message"),
    ],
)
def test_whatever_python_raises_ends_its_step_alone(
    seam: Seam, module: str, name: str, made: Callable[[Any], BaseException], message: str
) -> None:
    target = f"{module}:{name}"
    raised = made(seam.find_python(target).__globals__)
    call = seam.call_python
    changed = replace(seam, call_python=lambda target, _: call(target, {"x": raised}))
    error = asyncio.run(execute(plan(step("a", target)), changed)).error
    assert error is not None
    assert (error.kind, error.message) == ("failed", f"{target} raised {message}")


def test_an_abandoned_thread_holds_its_slot_until_it_returns(seam: Seam, module: str) -> None:
    async def main() -> tuple[Outcome, Outcome, float]:
        slow = plan(step("a", f"{module}:stuck", timeout=50_000, concurrency=1, concurrency_key=["lit", "one"]))
        quick = plan(step("a", f"{module}:double", concurrency=1, concurrency_key=["lit", "one"]))
        shared = MemoryShared()
        first = await execute(slow, seam, shared)
        gate: threading.Event = seam.find_python(f"{module}:stuck").__globals__["gate"]
        asyncio.get_running_loop().call_later(0.2, gate.set)
        began = time.monotonic()
        return first, await execute(quick, seam, shared), time.monotonic() - began

    first, second, waited = asyncio.run(main())
    assert first.error is not None
    assert (first.error.kind, first.error.unknown_outcome, first.unknown) == ("timeout", True, ["a"])
    assert second.status == "succeeded"
    assert waited >= 0.15


def test_what_is_wrong_with_targets_is_said_before_the_run(seam: Seam, module: str) -> None:
    calls = ["python", f"{module}:gone", [], 0]
    made = plan(step("a", "no_such_module:x"), step("b", f"{module}:double"), Step("c", "c", Pure(calls, True)))
    problems = check_python(made, seam)
    assert len(problems) == 2
    assert "`no_such_module` cannot be imported" in problems[0]
    assert problems[1] == f"`{module}` has no function `gone`"


def test_a_target_has_a_form(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="module:attribute"):
        ProjectPython(tmp_path).find("os.system")

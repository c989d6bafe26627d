"""Flows that grow beyond all bounds in a few lines: each ends with a fault that says which limit it met.

Nobody waits for the end of one that no limit stops.
"""

# ruff: noqa: E501

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from flowlang.compiler.lower import lower
from flowlang.compiler.pipeline import check_text
from flowlang.plan.nodes import Limits
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.functions import FUNCTIONS
from flowlang.runtime.interpreter import Run
from flowlang.runtime.memory import MemoryJournal, MemoryShared
from flowlang.runtime.seam import Seam


def lets(count: int, value: str) -> str:
    """Lets that each use the one before."""
    return "".join(f"  let a{i} = {value.replace('a0', f'a{i - 1}')}\n" for i in range(1, count + 1))


FUNCTION_CHAIN = "".join(
    f"function f{i}(x: int) -> int = f{i - 1}(x) - f{i - 1}(x) + f{i - 1}(x)\n" for i in range(1, 31)
)
HOLES = "".join("{{ x }}" for _ in range(200))
GROWING = {
    "a template of a value that doubles": f"flow f() -> string {{\n  let a0 = ['x']\n{lets(40, '[a0, a0]')}  step s = \"{{{{ a40 }}}}\"\n  return s\n}}",
    "JSON of a value that doubles": f"flow f() -> string {{\n  let a0 = ['x']\n{lets(40, '[a0, a0]')}  step s = a40 | tojson\n  return s\n}}",
    "a result that doubles": f"flow f() -> any {{\n  let a0 = ['x']\n{lets(40, '[a0, a0]')}  return a40\n}}",
    "functions that call each other": f"function f0(x: int) -> int = x + 1\n{FUNCTION_CHAIN}flow f() -> int {{\n  step s = f30(1)\n  return s\n}}",
    "a long row of lets": f"flow f() -> int {{\n  let a0 = 1\n{lets(2000, 'a0 + 1')}  step s = a2000\n  return s\n}}",
    "a deep value": "flow f() -> any {\n  step r = repeat x: any = 1 {\n    yield 1 next [x]\n  }\n  return r\n}",
    "many ranges": "flow f() -> int {\n  let n = 100000\n  step s = [n, n, n, n, n, n, n, n, n, n, n, n] | map('range')\n  return s | length\n}",
    "a long text in many holes": f"flow f() -> string {{\n  let x = 'abcdefgh' * 30000\n  step s = \"{HOLES}\"\n  return s\n}}",
    "every item looked for in all": "flow f() -> int {\n  let xs = range(100000)\n  step s = xs | select('in', xs)\n  return s | length\n}",
    "a pattern of many states": "flow f() -> bool {\n  let x = 'ab' * 100000\n  step s = x | matches('\\\\w{200}c')\n  return s\n}",
}  # fmt: skip


LIMITS = Limits(value_bytes=1 << 20, text_bytes=1 << 18, list_items=100_000, units=1_000_000)
"""Small ones are met as large ones are, only sooner."""


async def _unused(*_: Any) -> Any:
    raise AssertionError


def run(text: str) -> Any:
    program = check_text(text + "\n", "f.flow")
    assert [found.message for found in program.diagnostics if found.severity == "error"] == []
    seam = Seam(lambda: 0, time.monotonic, asyncio.sleep, lambda: 0.5, None, _unused, lambda target: _unused)  # type: ignore[arg-type]
    made = Run(
        lower(program, None, LIMITS), "r", {}, {},
        seam=seam, journal=MemoryJournal("r"), shared=MemoryShared(), natives=FUNCTIONS, actions=ACTIONS,
    )  # fmt: skip
    return asyncio.run(made.execute())


@pytest.mark.parametrize("name", GROWING)
def test_growth_ends_with_a_fault(name: str) -> None:
    outcome = run(GROWING[name])
    assert (outcome.status, outcome.error.kind, outcome.error.code) == ("failed", "fault", "limit"), outcome.error

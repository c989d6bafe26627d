"""A store in a temporary folder, and runs to put into it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from flowlang.runtime.journal import Entry, EntryKind
from flowlang.store.runs import NewRun
from flowlang.store.sqlite import Held, Store
from tests.conftest import ROOT
from tests.plan.plans import make_plan

T = TypeVar("T")

PLAN = make_plan()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that is in memory where the machine has one: for tests that open thousands of databases."""
    if not Path("/dev/shm").is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, busy_s=0.2) as opened:
        yield opened


@pytest.fixture
def reopen(path: Path) -> Iterator[Callable[[], Store]]:
    """Open the same database as another process would."""
    opened: list[Store] = []

    def again() -> Store:
        opened.append(Store(path, busy_s=0.2))
        return opened[-1]

    yield again
    for one in opened:
        one.close()


def go(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def run_script(script: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def new_run(run_id: str = "r1", **changes: Any) -> NewRun:
    values: dict[str, Any] = {
        "flow": "f",
        "file": "f.flow",
        "plan": "hash",
        "body": '{"plan": 1}',
        "inputs": {"lead": "l1"},
        "config": {},
        "created": 1,
    }
    return NewRun(run_id, **{**values, **changes})


def value(key: str, data: object = 1, kind: EntryKind = "value", attempt: int = 1) -> Entry:
    return Entry(key, kind, data, attempt, 10, 20)


async def begin(store: Store, run_id: str = "r1", *entries: Entry) -> Held:
    """Create a run and commit some entries."""
    held = await store.create(new_run(run_id))
    assert isinstance(held, Held)
    for entry in entries:
        held.journal.write(entry)
    await held.journal.committed()
    return held


async def take(store: Store, run_id: str = "r1") -> Held:
    held = await store.take(run_id)
    assert isinstance(held, Held)
    return held

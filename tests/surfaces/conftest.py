"""The command line as a user meets it: a process, its exit code, its two streams."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examples.services import Services
from tests.forked import Forked

CLEAN = """\
flow double(n: int(ge=0)) -> int {
  return n * 2
}
"""
WRONG = """\
flow double(n: int) -> int {
  return m * 2
}
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Done]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder that commands run in."""
    return tmp_path


@pytest.fixture
def flowlang(here: Path) -> Command:
    """Run `flowlang` in a folder of its own; whatever happens, there is no traceback."""

    def call(*args: str, stdin: str | bytes = b"", **env: str) -> Done:
        written = stdin.encode() if isinstance(stdin, str) else stdin
        start = fresh if any(name.startswith(("PYTHON", "LC_")) for name in env) else Forked
        process = start(list(args), here, {**environment(), **env})
        out, err = process.communicate(written, timeout=100)
        assert process.returncode is not None
        found = Done(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in found.err
        assert "internal error" not in found.err
        return found

    return call


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder as the first command leaves it, but for what files were found to hold."""
    folder = tmp_path_factory.mktemp("cache")
    process = Forked(
        ["check", write(folder, "a.flow", CLEAN)], folder, {**environment(), "XDG_CACHE_HOME": str(folder)}
    )
    process.communicate(b"", timeout=100)
    assert process.returncode == 0
    assert list(folder.glob("flowlang/table-*.json"))
    for path in folder.glob("flowlang/checks-*.json"):
        path.unlink()
    return folder


@pytest.fixture
def cache(here: Path, filled: Path) -> str:
    """A cache folder of its own, for `XDG_CACHE_HOME`: the parse table is in it, whose making is the dear part."""
    return str(shutil.copytree(filled, here / "cache", ignore=shutil.ignore_patterns("*.flow")))


def fresh(args: list[str], here: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """`python -m flowlang` from its start: Python reads some of the environment only then."""
    command = [sys.executable, "-m", "flowlang", *args]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=here, env=env)


def environment() -> dict[str, str]:
    """Our environment without what would steer the program."""
    steering = ("FLOW", "_FLOW", "NO_COLOR", "FORCE_COLOR", "PYTHONUNBUFFERED")
    return {k: v for k, v in os.environ.items() if not k.startswith(steering)}


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return name


def write_imports(here: Path, lib: str, via: str) -> None:
    """A service in `lib.flow`, and files beside and beneath it that import it: `via` has a place for its path."""
    write(here, "lib.flow", lib)
    write(here, "beside.flow", via.format(lib="./lib.flow"))
    (here / "sub").mkdir()
    write(here, "sub/beneath.flow", via.format(lib="../lib.flow"))
    write(here, "flowlang.toml", "")


def logged(text: str) -> list[dict[str, Any]]:
    """The lines of a structured log."""
    return [json.loads(line) for line in text.splitlines()]


ONE = {"json": {"n": 1}, "times": "always"}


def answer(services: Services, route: str = "", *outcomes: dict[str, Any]) -> None:
    """Let a route answer so, and every other with `{"n": 1}`."""
    services.faults.clear()
    if route:
        services.fail(route, *outcomes)
    services.fail("*", ONE)


def start(args: list[str], here: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flowlang", *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=here, env={**environment(), **env},
    )  # fmt: skip


def wait_for_calls(services: Services, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(services.calls) < count:
        assert time.monotonic() < deadline, "the call never came"
        time.sleep(0.01)

"""Streams that the caller closed, or that take nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.surfaces.conftest import CLEAN, WRONG, Done, environment, write

FOUND = "error[unknown-name]: nothing here is called `m`"


def shell(line: str, here: Path) -> Done:
    """Run a line of the shell in which `flowlang` is ours."""
    program = f'flowlang() {{ "{sys.executable}" -m flowlang "$@"; }}\n'
    done = subprocess.run(["sh", "-c", program + line], cwd=here, capture_output=True, text=True, env=environment())
    assert "Traceback" not in done.stderr + done.stdout
    assert "internal error" not in done.stderr + done.stdout
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(autouse=True)
def files(here: Path) -> None:
    write(here, "clean.flow", CLEAN)
    write(here, "wrong.flow", WRONG)


def test_without_stderr_findings_and_exit_code_stay(here: Path) -> None:
    for stderr in ("2>&-", "2>/dev/full"):
        done = shell(f"flowlang check wrong.flow {stderr}", here)
        assert (done.code, done.out.splitlines()[0]) == (1, FOUND)
        assert shell(f"flowlang check nowhere.flow {stderr}", here).code == 2
        assert shell(f"flowlang run clean.flow --input=n=2 {stderr}", here).out == "4\n"


@pytest.mark.parametrize("line", ["check wrong.flow", "check --format=json wrong.flow", "explain unknown-name",
                                  "plan clean.flow", "fmt - < clean.flow", "--help", "--version",
                                  "run clean.flow --input=n=2"])  # fmt: skip
def test_what_stdout_cannot_take_is_told(here: Path, line: str) -> None:
    full = shell(f"flowlang {line} > /dev/full", here)
    assert full.code == 1
    assert "flowlang: error: stdout cannot be written: No space left on device\n" in full.err
    assert shell(f"PYTHONUNBUFFERED=1 flowlang {line} > /dev/full", here) == full
    closed = shell(f"flowlang {line} >&-", here)
    assert closed.code == 1
    assert "flowlang: error: stdout cannot be written: Bad file descriptor\n" in closed.err


def test_a_long_result_that_stdout_cannot_take_is_told(here: Path) -> None:
    write(here, "long.flow", "flow long(n: int) -> list[int] {\n  return range(0, n)\n}\n")
    for before in ("", "PYTHONUNBUFFERED=1 "):
        done = shell(f"{before}flowlang run long.flow --input=n=20000 > /dev/full", here)
        assert (done.code, done.err) == (1, "flowlang: error: stdout cannot be written: No space left on device\n")


def test_a_log_on_a_full_disk_costs_no_result(here: Path) -> None:
    done = shell("flowlang run clean.flow --input=n=2 --log=/dev/full", here)
    assert (done.code, done.out) == (0, "4\n")
    assert done.err == "flowlang: the log /dev/full lacks 2 lines: No space left on device\n"


def test_nothing_to_say_needs_no_stdout(here: Path) -> None:
    assert shell("flowlang check clean.flow >&-", here) == Done(0, "", "")
    assert shell("flowlang check clean.flow <&- >&- 2>&-", here) == Done(0, "", "")


@pytest.mark.parametrize("line", ["check -", "fmt -", "run clean.flow --input-file -"])
def test_a_closed_stdin_is_told(here: Path, line: str) -> None:
    done = shell(f"flowlang {line} <&-", here)
    assert done.code == 2
    assert "Bad file descriptor" in done.err

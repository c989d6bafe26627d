"""The targets that README and CONTRIBUTING name exist, and `.ci/run` is what they say it is."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

TARGETS = [
    "setup",
    "run",
    "test",
    "test-fast",
    "check",
    "bench",
    "peers",
    "bench-peers",
    "mutation",
    "fuzz",
    "simulate",
    "soak",
    "format",
    "format-check",
    "lint",
    "types",
    "contracts",
    "editors",
    "vscode",
    "tree-sitter",
]


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(root: Path, target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_check_runs_every_gate(root: Path) -> None:
    done = subprocess.run(["make", "--dry-run", "check"], cwd=root, capture_output=True, text=True, check=True)
    for gate in ("ruff format --check", "ruff check", "mypy", "lint-imports", "pytest"):
        assert gate in done.stdout


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_pages_name_only_targets_that_exist(root: Path, page: str) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", (root / page).read_text(encoding="utf-8")))
    assert named
    assert named <= set(TARGETS)


def test_ci_is_an_executable_bash_script(root: Path) -> None:
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "make check" in script.read_text(encoding="utf-8")


def test_code_server_is_installed_into_a_folder_with_a_dot(root: Path, tmp_path: Path) -> None:
    """npm takes no such folder's name for a package. Its stand-in tells what it was given and ends the script."""
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text('#!/bin/sh\ncat package.json; echo "$1"; exit 9\n', encoding="utf-8")
    npm.chmod(0o755)
    done = subprocess.run(
        ["bash", str(root / "tests" / "vscode" / "install.sh"), ".vscode-server"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{npm.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == '{ "name": "vscode-server", "private": true }\ninstall\n', done.stderr

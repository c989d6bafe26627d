"""The pre-commit hooks and the GitHub action name commands and options that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang.cli.commands import check, fmt
from flowlang.cli.options import parse_plain
from tests.surfaces.conftest import WRONG, Command, environment, write

COMMANDS = {"check": check.COMMAND, "fmt": fmt.COMMAND}


def test_hooks_are_command_lines(root: Path) -> None:
    text = (root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"^  entry: flowlang (.*)$", text, re.MULTILINE)
    assert len(entries) == text.count("- id: ") == text.count(r"files: \.flow$") == text.count("require_serial: true")
    for entry in entries:
        name, *options = entry.split()
        assert parse_plain(COMMANDS[name], [*options, "a.flow"]) is not None, entry


def _script(root: Path) -> str:
    text = (root / "action.yml").read_text(encoding="utf-8")
    script = text.rpartition("      run: |\n")[2]
    return "\n".join(line.removeprefix("        ") for line in script.splitlines())


def test_no_input_of_the_action_is_pasted_into_a_script(root: Path) -> None:
    text = (root / "action.yml").read_text(encoding="utf-8")
    assert "${{" not in "".join(text.split("      run: |\n")[1:]).replace("env:", "").split("    - name:")[0]
    assert "${{" not in _script(root)


@pytest.mark.parametrize(("sarif", "args"), [("", ""), ("out.sarif", "--fail-on warning\n--exit-zero\n")])
def test_the_action_checks(flowlang: Command, here: Path, root: Path, sarif: str, args: str) -> None:
    """Its script runs with our own program in the place where it installs one."""
    write(here, "a.flow", WRONG)
    program = here / "temp" / "flowlang" / "bin" / "flowlang"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m flowlang "$@"\n')
    program.chmod(0o755)
    env = {**environment(), "RUNNER_TEMP": str(here / "temp"), "PATHS": "a.flow", "ARGS": args, "SARIF": sarif}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", _script(root)], cwd=here, env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("::error file=a.flow,line=2,"), done.stderr
    assert done.returncode == (0 if args else 1)
    assert (here / "out.sarif").exists() == bool(sarif)

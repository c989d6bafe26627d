"""The commands of the README do what it says, typed as they stand there; the command-line page names what there is."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.services import Services
from flowlang.cli import commands
from flowlang.cli.options import Command


def tour(root: Path, number: int) -> str:
    """The indented commands of one numbered part of the tour."""
    text = (root / "README.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"^\*\*{number}\. .*?(?=^\*\*|^## )", text, re.MULTILINE | re.DOTALL)
    return "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="the tour uses curl")
def test_the_tour_runs_kills_and_resumes(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "examples", tmp_path / "examples")
    with Services() as services:
        script = "\n".join(
            ["set -u", *(tour(root, n).replace("127.0.0.1:8099", f"127.0.0.1:{services.port}") for n in (5, 6))]
        )
        script = re.sub(r"^\.venv/bin/python -m examples\.services.*$", "", script, flags=re.MULTILINE)
        bash = shutil.which("bash")
        assert bash is not None
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            [bash, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "succeeded" in done.stdout
        assert '"desk": "home_senior_desk"' in done.stdout
        # Before the tour's sixth part and in it: one run each, and one repeated call with the same key.
        counts = {route: len(services.calls_of(route)) for route in ("GET /crm/leads/l5", "PATCH /crm/leads/l5")}
        assert counts == {"GET /crm/leads/l5": 2, "PATCH /crm/leads/l5": 3}
        killed, resumed = services.calls_of("PATCH /crm/leads/l5")[1:]
        assert killed.key == resumed.key


def every_command() -> Iterator[Command]:
    for module in pkgutil.iter_modules(commands.__path__):
        command: Command = importlib.import_module(f"flowlang.cli.commands.{module.name}").COMMAND
        yield command
        yield from command.subcommands


def test_the_page_of_the_command_line_names_every_option_and_no_other(root: Path) -> None:
    page = (root / "docs" / "language" / "cli.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page)) - {"--version", "--help"}
    assert named == {option.flag for command in every_command() for option in command.options}


def test_the_page_of_the_command_line_names_every_command(root: Path) -> None:
    page = (root / "docs" / "language" / "cli.md").read_text(encoding="utf-8")
    top = {module.name for module in pkgutil.iter_modules(commands.__path__)}
    assert set(re.findall(r"`flowlang ([a-z]+)", page)) == top

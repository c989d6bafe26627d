"""Tests that need an editor: skipped where it is missing, and failing where somebody says that it is here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest


def missing(editor: str, reason: str) -> NoReturn:
    """There is no such editor. `FLOWLANG_EDITORS` names those that must be there; `.ci/run` sets it."""
    if editor in os.environ.get("FLOWLANG_EDITORS", "").split():
        pytest.fail(f"{reason}, and FLOWLANG_EDITORS names {editor}")
    pytest.skip(reason)


def need_neovim() -> str:
    """A Neovim that the plug-in works in: the one beside Python, else the one on PATH."""
    program = shutil.which("nvim", path=str(Path(sys.executable).parent)) or shutil.which("nvim")
    if program is None or not is_new(program):
        missing("neovim", "there is no Neovim 0.10 or newer")
    return program


def is_new(neovim: str) -> bool:
    """Whether a Neovim is one that the plug-in works in."""
    said = subprocess.run([neovim, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"v(\d+)\.(\d+)", said)
    return version is not None and (int(version[1]), int(version[2])) >= (0, 10)


def need_emacs() -> None:
    """Emacs with eglot."""
    if shutil.which("emacs") is None:
        missing("emacs", "there is no Emacs")
    if subprocess.run(["emacs", "--batch", "-l", "eglot"], capture_output=True, check=False).returncode != 0:
        missing("emacs", "there is no eglot")


def run(place: Path, *command: str, **environment: str) -> str:
    """What an editor says on both its outputs, at home in a folder; it must end well."""
    everything = {**os.environ, "HOME": str(place), "LC_ALL": "C.UTF-8", **environment}
    done = subprocess.run(command, cwd=place, env=everything, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr

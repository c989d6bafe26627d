"""Tests that need an editor: skipped where it is missing, and failing where somebody says that it is here."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def missing(editor: str, reason: str) -> None:
    """There is no such editor. `FLOWLANG_EDITORS` names those that must be there; `.ci/run` sets it."""
    if editor in os.environ.get("FLOWLANG_EDITORS", "").split():
        pytest.fail(f"{reason}, and FLOWLANG_EDITORS names {editor}")
    pytest.skip(reason)


def need_emacs() -> None:
    """Emacs with eglot."""
    if shutil.which("emacs") is None:
        missing("emacs", "there is no Emacs")
    if subprocess.run(["emacs", "--batch", "-l", "eglot"], capture_output=True, check=False).returncode != 0:
        missing("emacs", "there is no eglot")

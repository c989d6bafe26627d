"""`check --watch`: a round at the start and one for each change, until interrupted."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from flowlang.cli import watching
from tests.surfaces.conftest import CLEAN, WRONG, Command, start, write


def test_watch(here: Path) -> None:
    write(here, "a.flow", WRONG)
    out = here / "out.txt"
    process = start(["check", "--watch", "--format", "concise", "--output", f"concise={out.name}", "."], here)

    def wait_for(text: str) -> None:
        deadline = time.monotonic() + 30
        while not out.exists() or out.read_text() != text:
            assert time.monotonic() < deadline, "the round never came"
            time.sleep(0.05)

    try:
        found = "error[unknown-name] nothing here is called `m`\n"
        wait_for(f"a.flow:2:10: {found}")
        write(here, "b.flow", WRONG)
        wait_for(f"a.flow:2:10: {found}b.flow:2:10: {found}")
        write(here, "a.flow", CLEAN)
        os.unlink(here / "b.flow")
        wait_for("")
    finally:
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert shown.count("a.flow:2:10") >= 2
    assert "Traceback" not in errors
    assert "--- changed, checking again" in errors


def test_settings_and_imports_outside_of_the_folder_are_watched(here: Path) -> None:
    (here / "w").mkdir()
    (here / "lib").mkdir()
    write(here / "lib", "x.flow", "function twice(n: int) -> int = n * 2\n")
    write(here / "w", "a.flow", 'import "../lib/x.flow" as x\nlet a = x.twice(1)\n')
    state = watching._state([str(here / "w")])
    write(here, "flowlang.toml", "[check]\nstrict = true\n")
    with_settings = watching._state([str(here / "w")])
    assert with_settings != state
    write(here / "lib", "x.flow", "function thrice(n: int) -> int = n * 3\n")
    assert watching._state([str(here / "w")]) != with_settings


def test_what_cannot_be_watched(flowlang: Command, here: Path) -> None:
    assert flowlang("check", "--watch", "-").code == 2
    assert flowlang("check", "--watch", "--fix", write(here, "a.flow", CLEAN)).code == 2

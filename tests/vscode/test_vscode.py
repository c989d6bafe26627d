"""Visual Studio Code itself, with the extension as it is packaged, driven in a browser: `make vscode`.

What it looks like is kept in `.vscode-server/`, to be looked at.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / ".vscode-server"
PROGRAM = SERVER / "node_modules" / ".bin" / "code-server"
EXTENSION = ROOT / "editors" / "vscode" / "dist" / "flowlang.vsix"
TEXT = """\
import http

config {
  crm: url = "https://crm.example.com"
}

## 😀 Reads a lead.
flow lead(id: string) -> any {
  step found = http.get("{{ config.crm }}/leads/{{ id }}").json
  step note = http.post("{{ config.crm }}/😀", json={ of: fuond })
  return note.status
}
"""
SETTINGS = {"workbench.startupEditor": "none", "telemetry.telemetryLevel": "off"}

pytestmark = [pytest.mark.vscode, pytest.mark.timeout(300)]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A workspace with one file, open to a browser."""
    if not PROGRAM.exists() or not EXTENSION.exists():
        pytest.skip("it is not installed: `make vscode` does that")
    (tmp_path / "work" / "flows").mkdir(parents=True)
    (tmp_path / "work" / "flows" / "lead.flow").write_text(TEXT, encoding="utf-8")
    environment = tmp_path / "work" / ".venv" / "bin"
    environment.mkdir(parents=True)
    (environment / "flowlang").symlink_to(Path(sys.executable).with_name("flowlang"))
    (tmp_path / "extensions").mkdir()
    (tmp_path / "data" / "User").mkdir(parents=True)
    (tmp_path / "data" / "User" / "settings.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    command = [
        str(PROGRAM),
        "--user-data-dir",
        str(tmp_path / "data"),
        "--extensions-dir",
        str(tmp_path / "extensions"),
    ]
    subprocess.run([*command, "--install-extension", str(EXTENSION)], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command += ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry", "--disable-update-check"]
    process = subprocess.Popen(
        [*command, "--disable-workspace-trust", str(tmp_path / "work")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/?folder={tmp_path / 'work'}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {address}")


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """The file, open in the editor, once it has been checked."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("there is no chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        window = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = window.new_page(viewport={"width": 1500, "height": 850})
        page.goto(address)
        page.wait_for_selector(".explorer-folders-view", timeout=60_000)
        page.keyboard.press("Control+P")
        page.wait_for_selector(".quick-input-widget input")
        page.keyboard.type("lead.flow")
        page.wait_for_selector(".quick-input-list .monaco-list-row")
        time.sleep(1)
        page.keyboard.press("Enter")
        page.wait_for_selector(".squiggly-error", timeout=60_000)
        yield page
        window.close()


def test_one_problem_a_quick_fix_and_the_graph(page: Any) -> None:
    page.keyboard.press("Control+Shift+M")
    page.wait_for_selector(".markers-panel .monaco-list-row")
    time.sleep(2)  # a second one, if there were one, would be here now
    _keep(page, "problem")
    rows = page.locator(".markers-panel .monaco-list-row").all_inner_texts()
    assert len(rows) == 2, rows  # the file and its one finding
    assert "nothing here is called `fuond`" in rows[1]

    page.locator(".markers-panel .monaco-list-row").nth(1).dblclick()
    time.sleep(1)
    page.keyboard.press("Control+.")
    page.wait_for_selector(".action-widget .monaco-list-row")
    _keep(page, "quick-fix")
    assert "Write `found`" in page.locator(".action-widget .monaco-list-row.focused").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector(".squiggly-error", state="detached", timeout=30_000)

    page.locator(".codelens-decoration a", has_text="Show graph").click()
    drawn = _drawing(page)
    _keep(page, "graph")
    assert "found: http.get" in drawn
    assert "note: http.post" in drawn


def test_a_text_without_a_name_is_checked(page: Any) -> None:
    for command, answer in (("Create: New File...", "Text File"), ("Change Language Mode", "flow")):
        page.keyboard.press("F1")
        for typed in (f">{command}", answer):
            page.wait_for_selector(".quick-input-widget input")
            page.keyboard.press("Control+A")
            page.keyboard.type(typed)
            time.sleep(1)
            page.keyboard.press("Enter")
    page.wait_for_selector(".tab.active[aria-label*=Untitled]")
    page.locator(".editor-instance .monaco-editor").first.click()
    page.keyboard.type("let a = nothing")
    page.keyboard.press("Control+Shift+M")
    rows = page.locator(".markers-panel .monaco-list-row")
    rows.filter(has_text="nothing here is called `nothing`").wait_for(timeout=30_000)
    _keep(page, "untitled")
    assert rows.filter(has_text="nothing here is called `nothing`").count() == 1


def _drawing(page: Any) -> str:
    """The texts of the graph, once it is drawn; meanwhile a frame may be replaced by another."""
    from playwright.sync_api import Error

    for _ in range(150):
        for frame in page.frames[1:]:
            texts: list[str] = []
            with suppress(Error):
                texts = frame.locator("svg text").all_text_contents()
            if any("http.get" in text for text in texts):
                return "\n".join(texts).replace("\u00a0", " ")
        time.sleep(0.2)
    raise AssertionError("no graph is drawn")


def _keep(page: Any, name: str) -> None:
    page.screenshot(path=str(SERVER / f"{name}.png"))

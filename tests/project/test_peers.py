"""What `make bench-peers` does without the peers: their scripts are Python, one that is missing or broken is named."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import peer_environments, peer_runs, peers

SCRIPTS = sorted(peer_runs.RUNNERS.glob("*.py"))
CHECKERS = [
    "miniwdl check",
    "cfn-lint",
    "zizmor (Rust)",
    "yamllint",
    "asl-validator (node)",
    "ty (Rust, Python's types)",
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_of_peers_parse(script: Path) -> None:
    ast.parse(script.read_text(encoding="utf-8"))


def test_every_runner_has_a_script_and_an_environment() -> None:
    assert {peer.script for peer in peer_runs.PEERS} == {script.name for script in SCRIPTS} - {"serving.py"}
    assert {peer.environment for peer in peer_runs.PEERS} < set(peer_environments.ENVIRONMENTS)


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_environments, "PEERS", tmp_path)


@pytest.mark.usefixtures("nothing_installed")
def test_runners_that_are_missing_are_said_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(peer_runs.figures(1)) == []
    assert capsys.readouterr().err.splitlines() == [
        f"  {peer.name} is not installed: make peers" for peer in peer_runs.PEERS
    ]


@pytest.mark.usefixtures("nothing_installed")
def test_checkers_that_are_missing_are_said_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert [peer.name for peer in peers.installed()] == ["flowlang check"]
    assert capsys.readouterr().err.splitlines() == [f"  {name} is not installed: make peers" for name in CHECKERS]


def test_a_runner_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_runs, "program", lambda environment: sys.executable)
    with pytest.raises(SystemExit, match=r"(?s)Hamilton failed: .*No module named 'hamilton'"):
        peer_runs.Asked(peer_runs.PEERS[0], tmp_path / "peer")


def test_a_peer_answers_with_seconds_whatever_it_prints() -> None:
    program = "from serving import serve; serve('us 1', {'chain': lambda *numbers: lambda: print(numbers)})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=peer_runs.RUNNERS, input="chain 3 4\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    name, seconds = done.stdout.splitlines()
    assert name == "us 1"
    assert float(seconds) > 0

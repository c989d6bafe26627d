"""Every golden flow here runs as it says, ends alike after any crash, and is the same under any hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang.runtime.interpreter.activity import Patience
from tests.golden.run.play import compare, crash_everywhere, play
from tests.golden.run.script import read

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
GOLDENS = sorted(HERE.rglob("*.flow"))
CRASHING = [path for path in GOLDENS if read(path).crash]
"""All but those whose outcome depends on how often the world was asked."""
PARKING = [path for path in GOLDENS if read(path).stop is None and read(path).cancel is None]
"""All but those whose process is told to end."""


def name_of(path: Path) -> str:
    return str(path.relative_to(HERE).with_suffix(""))


@pytest.mark.parametrize("path", GOLDENS, ids=map(name_of, GOLDENS))
def test_a_golden_runs_as_it_says(path: Path) -> None:
    script = read(path)
    wrong = compare(script, play(script))
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("path", CRASHING, ids=map(name_of, CRASHING))
def test_a_golden_survives_a_crash_at_every_entry(path: Path) -> None:
    wrong = crash_everywhere(read(path))
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("path", PARKING, ids=map(name_of, PARKING))
def test_a_golden_is_the_same_if_it_leaves_whenever_it_waits(path: Path) -> None:
    script = read(path)
    wrong = compare(script, play(script, patience=Patience(0.05, 0.5)))
    assert not wrong, "\n".join(["", *wrong])


def test_goldens_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import sys, hashlib; from pathlib import Path; from tests.golden.run.play import trace;"
        "from tests.golden.run.script import read;"
        "[print(p, hashlib.sha256(trace(read(Path(p))).encode()).hexdigest()) for p in sys.argv[1:]]"
    )
    seen = []
    for seed in ("0", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, *map(str, GOLDENS)]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        seen.append(done.stdout.splitlines())
    assert seen[0] == seen[1]

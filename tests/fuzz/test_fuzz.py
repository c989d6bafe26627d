"""No input gives a traceback, a place outside the file, or a second of silence; `make fuzz` tries 100,000."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.depth import depth
from tests.fuzz.batches import BATCH, run
from tests.fuzz.inputs import ROOT
from tests.fuzz.judge import Wrong, judge

COUNT = 3000


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_nonsense_is_told_and_nothing_else(first: int) -> None:
    assert run(range(first, first + BATCH)).failures == []


@depth("inputs", usual=250, soak=5000)
def test_what_is_said_does_not_depend_on_the_hash_seed(inputs: int) -> None:
    said = [_fuzz(seed, inputs) for seed in ("1", "4242")]
    assert said[0] == said[1]


def _fuzz(seed: str, inputs: int) -> list[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "tests.fuzz", str(inputs), "--first", "50000", "--jobs", "1"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "digest" in done.stdout, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("digest")]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\xef\xbb\xbf", b"\xff", b"#", b"'", b'"{{', b"{", b"\x00", b"flow f() {"]
)
def test_the_smallest_inputs(data: bytes) -> None:
    judge(data)


def test_the_judge_bites() -> None:
    """A finding with an empty place is refused."""
    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source, Span
    from tests.fuzz.judge import PATH, judge_finding

    found = Diagnostic("unknown-name", "error", "nothing here is called `x`", Span(PATH, 3, 3))
    with pytest.raises(Wrong, match="points at"):
        judge_finding(found, {PATH: Source(PATH, "let x = y")})

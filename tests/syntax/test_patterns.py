"""Stored patterns: the same as those that `re` makes, and used without it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang import bundled, patterns
from flowlang.syntax import hints, lexing, recovery, texts, tokens

WANTED = [
    value if isinstance(value, re.Pattern) else value.__self__
    for module in (lexing, texts, tokens, recovery, hints)
    for value in vars(module).values()
    if isinstance(value, re.Pattern) or isinstance(getattr(value, "__self__", None), re.Pattern)
]
SAMPLE = 'step a: T = http.get("/x/{{ y }}") # c\r\n  when not b | f(1.5e3, 30s) \'\\u{1F600}\' "😀" {% end %} @retry\n'


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(patterns, "_stored", None)
    return tmp_path / "flowlang"


def answers(pattern: re.Pattern[str]) -> list[object]:
    found = [pattern.match(SAMPLE, at) for at in range(len(SAMPLE) + 1)]
    return [None if each is None else (each.span(), each.groups(), each.lastindex) for each in found]


@pytest.mark.parametrize("wanted", WANTED, ids=lambda each: each.pattern[:30])
def test_a_stored_pattern_is_the_pattern(cache: Path, monkeypatch: pytest.MonkeyPatch, wanted: re.Pattern[str]) -> None:
    flags = wanted.flags & ~re.UNICODE
    patterns.compile(wanted.pattern, flags)
    monkeypatch.setattr(patterns, "_stored", None)
    monkeypatch.setattr(patterns, "_compiled", None)  # not asked a second time
    made = patterns.compile(wanted.pattern, flags)
    assert (made.pattern, made.flags, made.groups) == (wanted.pattern, wanted.flags, wanted.groups)
    assert answers(made) == answers(re.compile(wanted.pattern, flags))


@pytest.mark.parametrize("damage", [b"", b"x", b"k d\n{}"])
def test_a_damaged_cache_is_written_anew(cache: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    patterns.compile("a+b")
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)
    monkeypatch.setattr(patterns, "_stored", None)
    assert patterns.compile("a+b").match("aab")
    assert file.read_bytes() == whole


def test_another_engine_has_a_cache_of_its_own(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patterns.compile("a+b")
    (file,) = cache.iterdir()
    assert bundled.unpack(file.read_bytes(), "another-engine") is None


def test_the_second_process_does_without_re(cache: Path) -> None:
    script = "import sys; from flowlang.syntax import lexing; print('re' in sys.modules)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {script}"]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert said == ["True", "False"]

"""Patterns over paths: as the plain translation reads them, which may take exponential time, and always soon."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.compiler.globs import translate
from flowlang.compiler.ignored import Ignored
from flowlang.compiler.settings import read

PARTS = st.sampled_from(["a", "b", "/", "*", "**", "**/", "/**", "?", "[ab]", "[!a]", "\\a", "."])
PATHS = st.text("ab./", min_size=1, max_size=9)


def plainly(glob: str) -> str:
    """Each `*` and `**` alone, each free to be anything."""
    plain = {"*": "[^/]*", "?": "[^/]", "[ab]": "(?!/)[ab]", "[!a]": "[^/a]", "\\a": "a"}
    out, at = "", 0
    while at < len(glob):
        begins = at == 0 or glob[at - 1] == "/"
        if begins and glob.startswith("**/", at):
            out, at = out + "(?:.*/)?", at + 3
        elif begins and glob[at:] == "**":
            return out + ".+"
        else:
            part = next((each for each in plain if glob.startswith(each, at)), glob[at])
            out, at = out + plain.get(part, re.escape(part)), at + len(part)
    return out


@settings(max_examples=500)
@given(st.lists(PARTS, min_size=1, max_size=7).map("".join), st.lists(PATHS, min_size=1, max_size=20))
def test_a_pattern_fits_what_it_says(glob: str, paths: list[str]) -> None:
    ours, plain = (re.compile(each, re.DOTALL) for each in (translate(glob), plainly(glob)))
    for path in paths:
        assert bool(ours.fullmatch(path)) == bool(plain.fullmatch(path)), (path, ours.pattern)


HOSTILE = [
    ("*a" * 12 + "b", "a" * 60),
    ("*a" * 200 + "b", "a" * 250),
    ("**/" * 24 + "z", "a/" * 40 + "b"),
    ("**/a/" * 24 + "z", "a/" * 100 + "b"),
    ("**/*a*b/" * 20 + "c", "ab/" * 60 + "d"),
    ("*" * 200 + "b", "a" * 250),
]
"""Read plainly each takes longer than anyone waits: there are from 10^12 ways to fit a path."""


@pytest.mark.parametrize(("glob", "path"), HOSTILE, ids=range(len(HOSTILE)))
def test_no_pattern_tries_every_way_to_fit(tmp_path: Path, glob: str, path: str) -> None:
    (tmp_path / ".gitignore").write_text(f"{glob}\n")
    (tmp_path / "flowlang.toml").write_text(f'[check.per-file-ignores]\n"{glob}" = ["unused-let"]\n')
    assert not Ignored().within(str(tmp_path)).excludes(str(tmp_path / path), False)
    (per_file,) = read(str(tmp_path / "flowlang.toml")).per_file
    assert not per_file.pattern.fullmatch(path)

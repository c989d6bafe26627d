"""Formatting of a part of a file never costs what stands in another."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.formatter import format_source
from flowlang.source import Source
from tests.lsp.asking import Asked, edited

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = sorted((ROOT / "tests" / "golden" / "format").glob("*.flow"))
MOVED = """\
# 😀
import http

flow f(a: int) -> any {
  step x = http.get("https://a.example")
  step y = http.get("https://a.example")
    when a > 1
    after x
  let  b  =  1
  let  c  =  b
  return y
}
"""


def lines(first: int, last: int, character: int = 3) -> types.Range:
    return types.Range(
        start=types.Position(line=first, character=0), end=types.Position(line=last, character=character)
    )


def part(text: str, place: types.Range) -> str:
    """A text after some of its lines were formatted."""
    edits = Asked(text).ask(types.TEXT_DOCUMENT_RANGE_FORMATTING, range=place, options=None)
    return edited(text, edits)


def formatted(text: str) -> str:
    found = format_source(Source("a.flow", text))
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize("line", [6, 7])
def test_a_clause_that_moves_is_not_lost(line: int) -> None:
    wanted = MOVED.replace("    when a > 1\n    after x\n", "    after x\n    when a > 1\n")
    assert part(MOVED, lines(line, line)) == wanted


@pytest.mark.parametrize("place", [lines(8, 8), lines(8, 9, 0)])
def test_only_the_lines_that_were_chosen_change(place: types.Range) -> None:
    assert part(MOVED, place) == MOVED.replace("let  b  =  1", "let b = 1")


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_the_rest_of_formatting_makes_of_a_part_what_it_makes_of_all(path: Path) -> None:
    text = "# 😀\n" + path.read_text(encoding="utf-8")
    chance = random.Random(path.stem)
    for _ in range(12):
        first = chance.randrange(text.count("\n"))
        assert formatted(part(text, lines(first, first + chance.randrange(4)))) == formatted(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_become_what_the_command_line_makes_of_them(end: str) -> None:
    text = MOVED.replace("\n", end)
    command = [sys.executable, "-m", "flowlang", "fmt", "-"]
    written = subprocess.run(command, input=text.encode(), capture_output=True, check=True, cwd=ROOT).stdout
    assert edited(text, Asked(text).ask(types.TEXT_DOCUMENT_FORMATTING)).encode() == written


def test_a_part_of_a_broken_file_is_left_alone() -> None:
    edits = Asked("# 😀\nflow f( {\n").ask(types.TEXT_DOCUMENT_RANGE_FORMATTING, range=lines(0, 1), options=None)
    assert edits is None

"""Formatting of a part of a file never costs what stands in another."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from flowlang.formatter import format_source
from flowlang.lsp.edits import applied, hunks
from flowlang.source import Source
from tests.counted import work
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


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_formatting_writes_what_the_command_line_does(end: str) -> None:
    text = MOVED.replace("\n", end)
    command = [sys.executable, "-m", "flowlang", "fmt", "-"]
    written = subprocess.run(command, input=text.encode(), capture_output=True, check=True, cwd=ROOT).stdout
    assert edited(text, Asked(text).ask(types.TEXT_DOCUMENT_FORMATTING)).encode() == written


def test_line_ends_stay_those_of_the_text() -> None:
    """They are the editor's business: a file that it keeps with others would change in every line at every save."""
    text = MOVED.replace("\n", "\r\n")
    wanted = formatted(MOVED).replace("\n", "\r\n")
    assert edited(text, Asked(text).ask(types.TEXT_DOCUMENT_FORMATTING)) == wanted
    assert Asked(wanted).ask(types.TEXT_DOCUMENT_FORMATTING) == []


LINES = st.lists(st.sampled_from(["a\n", " a\n", "b\n", "c d\n", "cd\n", "\n", "e\r\n", "f"]), max_size=12).map("".join)


@given(LINES, LINES)
@settings(max_examples=500)
def test_edits_make_the_other_text(before: str, after: str) -> None:
    assert applied(before, hunks(before, after)) == after


def test_thousands_of_lines_are_compared_in_no_time() -> None:
    """Counted in comparisons of lines, for machines differ: SequenceMatcher took 42 s for the second."""
    flows = "\n\n\n\n".join(f"flow f{n}() -> int {{\n    step a = 1\n    return a\n}}" for n in range(500))
    for text, after in ((flows, formatted(flows)), ("  a\n" * 1500, "a\n" * 1510)):
        found = hunks(text, after)
        assert applied(text, found) == after
        assert work(lambda text=text, after=after: hunks(text, after)) < 200 * text.count("\n")


def test_a_part_of_a_broken_file_is_left_alone() -> None:
    edits = Asked("# 😀\nflow f( {\n").ask(types.TEXT_DOCUMENT_RANGE_FORMATTING, range=lines(0, 1), options=None)
    assert edits is None

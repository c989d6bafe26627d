"""Formatting is idempotent, keeps every comment and changes no tree, whatever the white space and the comments."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowlang.formatter import Unfaithful, format_source
from flowlang.formatter.fidelity import check_fidelity, meaning
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.lexing import LINES
from flowlang.syntax.parser import Parsed, parse
from flowlang.syntax.printer import WIDTH, print_file
from flowlang.syntax.tokens import tokens
from tests.laws import trees

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("examples", "stdlib") for path in (ROOT / folder).rglob("*.flow"))
OPERATORS = frozenset("= + - * / // % ** ~ == != < <= > >= | -> , and or in".split())


def disturbed(text: str, chance: random.Random) -> str:
    """The same tokens with other white space and more comments, wherever a line may end."""
    out: list[str] = []
    brackets: list[str] = []
    previous, here = "", 0
    for group, start, end in tokens(text):
        token = text[start:end]
        gap, here = text[here:start], end
        free = bool(brackets) and brackets[-1] in "(["
        if group == LINES:
            out.append(_line_end(token, chance))
        elif (free or previous in OPERATORS) and chance.random() < 0.15:
            out.append(
                chance.choice([" # c%d\n", "\n\n  # c%d\n", "\n", "  ", "\n  # c%d\n# d%d\n "]).replace(
                    "%d", str(start)
                )
            )
        else:
            out.append(gap)
        if group != LINES:
            out.append(token)
            previous = token
        if token in ("(", "[", "{"):
            brackets.append(token)
        elif token in (")", "]", "}") and brackets:
            brackets.pop()
    return "".join(out)


def _line_end(token: str, chance: random.Random) -> str:
    if "#" in token:
        return token
    mark = chance.randrange(10**6)
    indentation = " " * chance.randrange(5)
    return chance.choice([token, f" # t{mark}{token}", f"\n{token}", f"\n{indentation}# o{mark}\n{indentation}", token])


def formatted(text: str) -> str:
    result = format_source(Source("x", text))
    assert isinstance(result, str), (text, result)
    return result


def check_laws(text: str) -> None:
    once = formatted(text)
    before, after = parse(Source("x", text)), parse(Source("x", once))
    assert meaning(before.tree) == meaning(after.tree)
    assert sorted(c.text for c in before.comments) == sorted(c.text for c in after.comments)
    assert formatted(once) == once
    assert once == "" or (once.endswith("\n") and not once.endswith("\n\n"))


@given(trees.files, st.integers(0, 2**32))
@settings(max_examples=200)
def test_generated_files(tree: ast.File, seed: int) -> None:
    text = disturbed(print_file(tree), random.Random(seed))
    assume(not parse(Source("x", text)).diagnostics)
    check_laws(text)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_files(path: Path) -> None:
    text = path.read_text()
    check_laws(text)
    chance = random.Random(1)
    for _ in range(5):
        other = disturbed(text, chance)
        if not parse(Source("x", other)).diagnostics:
            check_laws(other)


def test_disturbing_mostly_leaves_a_file_whole() -> None:
    chance = random.Random(3)
    texts = [disturbed(path.read_text(), chance) for path in FILES]
    whole = [text for text in texts if not parse(Source("x", text)).diagnostics]
    assert len(whole) > len(texts) // 2
    assert sum(text.count("#") for text in whole) > 200


def test_lines_end_as_they_did() -> None:
    for path in FILES:
        text = path.read_text()
        assert formatted(text.replace("\n", "\r\n")) == formatted(text).replace("\n", "\r\n")
        assert formatted(text.replace("\n", "\r")) == formatted(text)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_long_lines_are_long_for_a_reason(path: Path) -> None:
    """Only a text, a comment or a name may be wider than the page."""
    for line in formatted(path.read_text()).splitlines():
        assert len(line) <= WIDTH or any(mark in line for mark in "#\"'"), line


def test_the_net_catches_what_would_be_lost() -> None:
    parsed = parse(Source("x", "let a = 1  # why\n"))
    for text in ("let a = 1\n", "let a = 1.0  # why\n", "let a = # why\n", "let b = 1  # why\n"):
        with pytest.raises(Unfaithful):
            check_fidelity(parsed, parse(Source("x", text)))
    check_fidelity(parsed, Parsed(parsed.tree, (), parsed.comments))

"""The Pygments lexer: what the parser accepts has no Error token, no character is lost, keys are no keywords."""

from __future__ import annotations

import random
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import given, settings
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String

from flowlang.highlighting import FlowLexer
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from flowlang.syntax.printer import print_file
from tests.differential.test_lark import FILES, ROOT, mutated
from tests.laws import trees

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def tokens(text: str) -> list[tuple[object, str]]:
    return list(FlowLexer(stripnl=False, ensurenl=False).get_tokens(text))


def complaint(text: str) -> str:
    """What is wrong with the tokens of a text that the parser accepts."""
    if parse(Source("x", text)).diagnostics:
        return ""
    found = tokens(text)
    errors = [part for kind, part in found if kind is Error]
    whole = "".join(part for _, part in found) == text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return f"errors {errors}" if errors else "" if whole else "characters are lost"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_an_accepted_file_has_no_errors(path: Path) -> None:
    assert complaint(path.read_bytes().decode()) == ""


def test_an_accepted_part_of_a_file_has_no_errors() -> None:
    chance = random.Random(0)
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    for _ in range(1000):
        text = mutated(chance.choice(texts), chance)
        assert complaint(text) == "", text


@given(trees.files)
@settings(max_examples=150)
def test_what_is_printed_has_no_errors(tree: ast.File) -> None:
    text = print_file(tree)
    assert complaint(text) == "", text


def test_text_that_is_no_flow_is_an_error() -> None:
    assert any(kind is Error for kind, _ in tokens("let a = $x"))


@pytest.mark.parametrize(
    ("text", "word", "kind"),
    [
        ("  when not x", "when", Keyword),
        ("{ when: 1 }", "when", Name.Attribute),
        ("let a = event.type", "type", Name),
        ("f(in=3)", "in", Name),
        ("a == b and not c", "not", Operator.Word),
        ("step parallel = 1", "parallel", Name.Variable),
        ("step a = parallel {", "parallel", Keyword),
        ("config {", "config", Keyword.Declaration),
        ("let a = config.crm", "config", Name),
        ("@retry(delay=1.5h)", "retry", Name.Decorator),
        ("@  # why\n  retry(delay=1.5h)", "retry", Name.Decorator),
        ("@retry(delay=1.5h)", "1.5h", Number),
        ('let a = "x {{ y }}"', "{{", String.Interpol),
        ('let a = "x {{ y }}"', "y", Name),
        ("let a = 'x {{ y }}'", "'x {{ y }}'", String.Single),
        ('let a = """\n# {{ y }}"""', "\n# ", String.Double),
        ("## About.", "## About.", Comment.Special),
    ],
)
def test_kinds(text: str, word: str, kind: object) -> None:
    assert (kind, word) in tokens(text)


def test_pygments_finds_the_lexer_by_its_entry_point(root: Path) -> None:
    declared = (root / "pyproject.toml").read_text(encoding="utf-8")
    assert 'flow = "flowlang.highlighting:FlowLexer"' in declared
    for point in entry_points(group="pygments.lexers"):
        if point.name == "flow":
            assert point.load() is FlowLexer

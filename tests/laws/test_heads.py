"""What is read off the heads of items is what the parse of the whole text declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.heads import Head, heads
from flowlang.syntax.parser import Parsed, parse
from flowlang.syntax.printer import print_file
from tests.laws import trees

ROOT = Path(__file__).parents[2]
TEXTS = [
    path.read_bytes().decode()
    for folder in ("tests", "examples", "stdlib", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.flow"))
]
SHORT = [text for text in TEXTS if len(text) < 3_000]
WORDS = {
    ast.FlowDecl: "flow",
    ast.BrokenFlow: "flow",
    ast.FunctionDecl: "function",
    ast.ActionDecl: "action",
    ast.TypeDecl: "type",
    ast.ServiceDecl: "service",
    ast.Let: "let",
}
PIECES = st.sampled_from(
    [
        *"()[]{}@#=:\"'\\ \n\r",
        *('"""', "{{", "}}", "\r\n", "\n  # c\n", "@a(1) "),
        *("let x = 1\n", "flow f() {\n", "type A = int\n"),
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, 3_000), PIECES, st.booleans()), min_size=1, max_size=2)
BLANKS = st.sampled_from(["\n", "\r", "\r\n", "\t", "\n\n", " # c\n"])

# Strategies that hold each other have long descriptions.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def declared(parsed: Parsed) -> list[Head]:
    named: list[Any] = [item for item in parsed.tree.items if item.__class__ in WORDS]
    return [Head(WORDS[item.__class__], item.name.name, item.name.start) for item in named]


def parsed(text: str) -> Parsed:
    return parse(Source("a.flow", text))


def test_of_every_flow_of_the_repository() -> None:
    assert len(TEXTS) > 400
    for text in TEXTS:
        assert list(heads(text)) == declared(parsed(text))


def agree(text: str) -> None:
    found = parsed(text)
    if not found.diagnostics:
        assert list(heads(text)) == declared(found)


@given(st.sampled_from(SHORT), EDITS)
@settings(max_examples=400)
def test_after_edits(text: str, edits: list[tuple[int, str, bool]]) -> None:
    for at, piece, instead in edits:
        text = text[:at] + piece + text[at + instead :]
    agree(text)


@given(st.sampled_from([text for text in SHORT if text.count(" ") > 9]), st.data())
@settings(max_examples=200)
def test_of_lines_broken_anywhere(text: str, data: st.DataObject) -> None:
    for _ in range(3):
        at = data.draw(st.sampled_from([index for index, char in enumerate(text) if char == " "]))
        text = text[:at] + data.draw(BLANKS) + text[at + 1 :]
    agree(text)


@given(trees.files)
@settings(max_examples=150)
def test_of_any_tree(tree: ast.File) -> None:
    agree(print_file(tree))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("flow f(a: int\n\nflow g() {\n  return 1\n}\n", ["f", "g"]),
        ("flow f() {\n  step a = http.get(\n\ntype T = int\n", ["f", "T"]),
        ("flow f() {\n  let b = [\n  let c = 1\n}\n\nflow g() {}\nlet d = 1\n", ["f", "g", "d"]),
        ("type T =\n\nlet a = )\nlet b = 'x\n", ["T", "a", "b"]),
        ('let a = """\nflow f() {\n"""\n', ["a"]),
        ('let a = """{{ x }}\nflow f() {\n', ["a", "f"]),
    ],
)
def test_of_texts_with_mistakes_what_begins_as_an_item(text: str, names: list[str]) -> None:
    assert [each.name for each in heads(text)] == names

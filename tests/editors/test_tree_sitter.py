"""The tree-sitter grammar accepts what our parser accepts and nothing else: files, damaged files, made ones."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import tree_sitter
from hypothesis import given, settings

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from flowlang.syntax.printer import print_file
from tests.differential.test_lark import BESIDE, FILES, ROOT, mutated
from tests.editors import compiled
from tests.laws import trees

pytestmark = [
    pytest.mark.skipif(compiled.compiler() is None, reason="there is no C compiler"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]

BESIDE_THE_GRAMMAR = {"bad-escape", "jinja-statement", "number-too-large"} | BESIDE
"""What the parser reports about files that the grammar accepts."""


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> tree_sitter.Language:
    return compiled.language(tmp_path_factory.mktemp("parser"))


@pytest.fixture(scope="module")
def parser(language: tree_sitter.Language) -> tree_sitter.Parser:
    return tree_sitter.Parser(language)


def disagreement(parser: tree_sitter.Parser, text: str) -> str:
    """Who alone accepts a text; empty if both or neither do, or if what is wrong is none of a grammar's business."""
    rules = {found.rule for found in parse(Source("x", text)).diagnostics}
    if rules & BESIDE_THE_GRAMMAR:
        return ""
    # An ERROR or a MISSING anywhere below counts.
    refused = parser.parse(text.encode()).root_node.has_error
    if bool(rules) == refused:
        return ""
    return "flowlang alone accepts" if refused else f"tree-sitter alone accepts; flowlang says {sorted(rules)}"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_same_verdict(parser: tree_sitter.Parser, path: Path) -> None:
    assert disagreement(parser, path.read_bytes().decode()) == ""


@pytest.mark.parametrize("seed", range(4))
def test_same_verdict_on_damaged_files(parser: tree_sitter.Parser, seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    refused = 0
    for _ in range(400):
        text = mutated(chance.choice(texts), chance)
        assert disagreement(parser, text) == "", text
        refused += parser.parse(text.encode()).root_node.has_error
    assert 100 < refused < 400


@pytest.mark.parametrize("seed", range(2))
def test_same_verdict_on_broken_lines(parser: tree_sitter.Parser, seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    refused = 0
    for _ in range(400):
        lines = chance.choice(texts).splitlines(keepends=True)
        begin = chance.randrange(len(lines))
        text = "".join(lines[begin : begin + 12])
        edges = [found.start() for found in re.finditer(r"\b|(?<=\W)(?=\W)", text)] or [0]
        at = chance.choice(edges)
        text = text[:at] + chance.choice(("\n", "\n\n", "  # why\n  ")) + text[at:]
        assert disagreement(parser, text) == "", text
        refused += parser.parse(text.encode()).root_node.has_error
    assert 100 < refused < 400


@given(tree=trees.files)
@settings(max_examples=150)
def test_what_is_printed_is_accepted(parser: tree_sitter.Parser, tree: ast.File) -> None:
    text = print_file(tree)
    if not parse(Source("x", text)).diagnostics:
        assert not parser.parse(text.encode("utf-8", "surrogatepass")).root_node.has_error, text


@pytest.mark.parametrize(
    ("accepted", "text"),
    [
        (True, "flow f() {\n  let parallel = 1\n  let a = parallel + race\n}\n"),
        (True, "flow f() {\n  step a = parallel { step b = g() }\n}\n"),
        (True, "let a = { when: 1\n  not: 2 }\n"),
        (True, 'let a = "{{ {a: {b: 1}}}}"\n'),
        (True, 'let a = """{{ x\n  | f }} "" \\""" """\n'),
        (True, "let a = 1 # x\n  # y\n  + 2\n"),
        (False, 'let a = "{{ x\n}}"\n'),
        (False, 'let a = "{{ x # }}"\n'),
        (False, "let and = 1\n"),
        (False, "let a = 5x\n"),
        (False, "let a = 012\n"),
        (False, "let a = '''x'''\n"),
        (False, "letx = 1\n"),
        (False, "let a = 1 andx\n"),
        (False, "let a = 1\n2\n"),
        (False, "let a = 'x' if b\n"),
        (True, "flow f()\n{\n  parallel {\n  }\n}\n"),
        (True, "type t\n{ a: int }\n"),
        (False, "flow f() -> int\n{\n}\n"),
        (False, "flow f() {\n  if a  # why\n  {\n  }\n}\n"),
        (False, "flow f() {\n  for a\n  , b in c {\n  }\n}\n"),
        (False, "flow f() {\n  match a {\n    case b\n    [0] {\n    }\n  }\n}\n"),
        (False, "flow f() {\n  step a: list\n  [int] = 1\n}\n"),
        (False, "type t { a\n: int }\n"),
        (True, "flow f() {\n  if a\n    and b {\n  }\n}\n"),
        (True, "flow f() {\n  if (a\n    [0]) {\n  }\n}\n"),
        (True, ""),
        (True, "\r\n# x\r\nlet a = 1\r\n"),
    ],
)
def test_what_a_grammar_cannot_say(parser: tree_sitter.Parser, accepted: bool, text: str) -> None:
    assert disagreement(parser, text) == ""
    assert parser.parse(text.encode()).root_node.has_error is not accepted


def test_an_edit_gives_the_tree_of_the_whole_text(parser: tree_sitter.Parser) -> None:
    """The scanner's state stands between tokens: an edit within a hole of a hole is parsed as all of it would be."""
    text = 'let a = """{{ f("{{ x }}", {b: 1}) }} c"""\nlet d = 2\n'
    tree = parser.parse(text.encode())
    at = text.index("x }}")
    for inserted in ("y + ", "'}}' ~ ", "\n", "# "):
        edited = text[:at] + inserted + text[at:]
        tree.edit(at, at, at + len(inserted), (0, at), (0, at), (0, at + len(inserted)))
        again = parser.parse(edited.encode(), tree)
        assert str(again.root_node) == str(parser.parse(edited.encode()).root_node), edited
        tree = parser.parse(text.encode())


@pytest.mark.parametrize("path", sorted((compiled.FOLDER / "queries").glob("*.scm")), ids=lambda path: path.name)
def test_queries_name_only_what_the_grammar_has(language: tree_sitter.Language, path: Path) -> None:
    tree = tree_sitter.Parser(language).parse((ROOT / "examples/lead_submission/lead_submission.flow").read_bytes())
    query = tree_sitter.Query(language, path.read_text(encoding="utf-8"))
    assert tree_sitter.QueryCursor(query).captures(tree.root_node)


def test_a_key_is_no_keyword_to_the_highlights(language: tree_sitter.Language) -> None:
    text = b"let a = { if: b is not none, when: c.for }\n"
    query = tree_sitter.Query(language, (compiled.FOLDER / "queries" / "highlights.scm").read_text(encoding="utf-8"))
    tree = tree_sitter.Parser(language).parse(text)
    captures = tree_sitter.QueryCursor(query).captures(tree.root_node)
    words = {node.text for name, found in captures.items() if name.startswith("keyword") for node in found}
    assert words == {b"let", b"is", b"not"}
    assert {node.text for node in captures["property"]} == {b"if", b"when", b"for"}

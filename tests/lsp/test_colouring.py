"""Semantic tokens: what each word is, in order, never two at one place."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from benchmarks.sources import source
from flowlang.compiler.pieces import Piece
from flowlang.lsp.features.colouring import KINDS, MODIFIERS, _of_piece
from flowlang.lsp.meaning import children
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from flowlang.syntax.tokens import holes
from tests.counted import work
from tests.laws.test_incremental import edited
from tests.lsp.asking import Asked

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for folder in ("examples", "tests/corpus", "tests/golden") for path in (ROOT / folder).rglob("*.flow")
)


def tokens(text: str, others: dict[str, str] | None = None) -> list[tuple[int, int, str, str]]:
    """The tokens of a text: where they begin and end, as what they are shown, and how."""
    data = Asked(text, others).ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL).data
    place, found = Source("", text), []
    line = column = 0
    for down, right, length, kind, bits in zip(*[iter(data)] * 5, strict=True):
        line, column = line + down, right if down else column + right
        modifiers = " ".join(word for number, word in enumerate(MODIFIERS) if bits >> number & 1)
        start, end = place.from_utf16(line, column), place.from_utf16(line, column + length)
        assert place.utf16(end) == (line, column + length), "a token ends in its line"
        found.append((start, end, KINDS[kind], modifiers))
    return found


def coloured(text: str) -> list[tuple[str, str]]:
    """What is written, and as what it is shown; operators aside."""
    return [(text[start:end], kind) for start, end, kind, _ in tokens(text) if kind != "operator"]


def of(text: str, kind: str, others: dict[str, str] | None = None) -> list[str]:
    return [text[start:end] for start, end, each, _ in tokens(text, others) if each == kind]


def test_colours() -> None:
    text = '## 😀 doc\nflow f(a: int) -> any {\n  let b = "😀 {{ a | string }} 😀"  # why\n  return b + 1\n}\n'
    assert coloured(text) == [
        ("## 😀 doc", "comment"),
        ("flow", "keyword"),
        ("f", "function"),
        ("a", "parameter"),
        ("int", "type"),
        ("any", "type"),
        ("let", "keyword"),
        ("b", "variable"),
        ('"😀 ', "string"),
        ("a", "parameter"),
        ("string", "function"),
        (' 😀"', "string"),
        ("# why", "comment"),
        ("return", "keyword"),
        ("b", "variable"),
        ("1", "number"),
    ]
    assert of(text, "operator") == ["->", "=", "|", "+"]


def test_a_hole_is_coloured_like_any_expression() -> None:
    text = (
        'flow f(a: int) -> any {\n  return "😀{{ (1 + a) if not a == 2 else \'z\' ~ "{{ a }}!" }}{{ { b: 3 } }}"\n}\n'
    )
    hole = text.index("{{")
    inside = [(text[start:end], kind) for start, end, kind, _ in tokens(text) if start >= hole]
    assert inside == [
        ("1", "number"),
        ("+", "operator"),
        ("a", "parameter"),
        ("if", "keyword"),
        ("not", "operator"),
        ("a", "parameter"),
        ("==", "operator"),
        ("2", "number"),
        ("else", "keyword"),
        ("'z'", "string"),
        ("~", "operator"),
        ('"', "string"),
        ("a", "parameter"),
        ('!"', "string"),
        ("b", "property"),
        ("3", "number"),
        ('"', "string"),
    ]


def test_a_word_of_the_language_is_a_name_where_it_is_one() -> None:
    text = (
        "# 😀\nflow f(type: int, on: int) -> any {\n  let step = { type, on: on, flow: 1, 'for': 2, done: 3 }\n"
        "  return step.flow + type + step?.on if step is not none else none\n}\n"
    )
    assert of(text, "keyword") == ["flow", "let", "return", "if", "none", "else", "none"]
    assert of(text, "property") == ["on", "flow", "done", "flow", "on"]
    assert of(text, "parameter") == ["type", "on", "type", "on", "type"]


def test_types_and_what_only_they_allow() -> None:
    text = (
        "type Kind = 'car' | 'home'  # 😀\ntype T { kind: Kind = 'car', size: int(ge=0) }\n"
        "function first[A](xs: list[A]) -> A? = xs[0]\n"
        "flow f(t: T) -> any {\n  @retry('exponential', attempts=3)\n  step s = wait(1s)\n"
        "  step m = match t.kind { case 'car' { yield 'car' } else { yield 2 } }\n"
        "  return 1 if t.kind != 'home' else 'home'\n}\n"
    )
    assert of(text, "enumMember") == ["'car'", "'home'", "'car'", "'exponential'", "'car'", "'home'"]
    assert of(text, "string") == ["'car'", "'home'"]
    assert of(text, "type") == "Kind T Kind int A list A A T any".split()
    assert of(text, "decorator") == ["retry"]


def test_modules_files_and_services() -> None:
    lib = "type Q { a: int }\nfunction best() -> int = 1\nservice s { base_url = 'https://a.example' }\n"
    text = (
        '# 😀\nimport text\nimport "lib.flow" as lib\nflow f(q: lib.Q) -> any {\n'
        "  step r = lib.s.get('/a')\n  return [lib.best(), 'a' | text.slug, r]\n}\n"
    )
    others = {"lib.flow": lib}
    assert of(text, "namespace", others) == ["text", "lib", "lib", "lib", "s", "lib", "text"]
    assert of(text, "function", others) == ["f", "get", "best", "slug"]
    assert of(text, "type", others) == ["Q", "any"]


def test_modifiers() -> None:
    text = (
        "# 😀\nimport http\nlet c = 1\nflow f(a: int) -> any {\n  step s = http.get('https://a.example')\n"
        "  return [s, a, c | string]\n}\n"
    )
    shown = {(text[start:end], kind): modifiers for start, end, kind, modifiers in tokens(text)}
    assert shown["http", "namespace"] == "defaultLibrary"
    assert shown["get", "function"] == "defaultLibrary"
    assert shown["int", "type"] == "defaultLibrary"
    assert shown["string", "function"] == "defaultLibrary"
    assert shown["f", "function"] == "declaration"
    first = {}
    for start, end, _, modifiers in tokens(text):
        first.setdefault(text[start:end], modifiers)
    assert {name: first[name] for name in ("http", "c", "a", "s")} == {
        "http": "declaration defaultLibrary",
        "c": "declaration readonly",
        "a": "declaration readonly",
        "s": "declaration readonly",
    }
    assert shown["a", "parameter"] == "readonly"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spans_lines_is_told_line_by_line(end: str) -> None:
    text = 'flow f(a: int) -> any {\n  return """\n    😀 {{ a }} b\n\n    c\n    """\n}\n'.replace("\n", end)
    assert of(text, "string") == ['"""', "    😀 ", " b", "    c", '    """']


def test_a_text_in_what_did_not_parse_keeps_its_colours() -> None:
    text = '# 😀\nflow f(a: int) -> any {\n  let = "x {{ a + 1 }} y"\n}\n'
    assert coloured(text)[-4:] == [("let", "keyword"), ('"x ', "string"), ("1", "number"), (' y"', "string")]


def test_a_text_that_is_opened_in_an_edit_keeps_the_places() -> None:
    """The text is not cut then, and its items may stand anywhere in the tree's text."""
    before = "{{  my-step = 1\n=  ## doc\ntype D = string\ntype D = string\n=}})"
    after = '{{  my-step = 1\n=  ## doc\ntype D = string\n"""type D = string\n=}})'
    asked = Asked(before)
    asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL)
    asked.project.put(asked.uri, 2, after)
    fresh = Asked(after).ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL)
    assert asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL) == fresh


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_tokens_are_in_order_and_apart(path: Path) -> None:
    text = "# 😀\n" + path.read_bytes().decode("utf-8", "replace")
    found = tokens(text)
    for (_, before, _, _), (after, _, _, _) in itertools.pairwise(found):
        assert before <= after
    for start, end, kind, _ in found:
        assert end > start
        if kind in ("keyword", "type", "parameter", "variable", "property", "function", "decorator", "namespace"):
            assert text[start:end].isidentifier(), (text[start:end], kind)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_holes_are_where_the_parser_found_them(path: Path) -> None:
    source_ = Source("a.flow", path.read_bytes().decode("utf-8", "replace"))
    waiting: list[ast.Node] = [parse(source_).tree]
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if isinstance(node, ast.Template):
            expressions = [part for part in node.parts if not isinstance(part, ast.TemplateText)]
            found = list(holes(source_.text, node.start))
            assert len(found) == len(expressions)
            for (start, end), part in zip(found, expressions, strict=True):
                assert start <= part.start <= part.end <= end


def test_a_file_is_coloured_with_linear_work_and_once() -> None:
    def ask(asked: Asked) -> int:
        return work(lambda: asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL))

    small, large = Asked(source(100)), Asked(source(200))
    for asked in (Asked(source(50)), small, large):
        asked.project.snapshot(asked.uri)
    ask(Asked(source(50)))
    first = ask(large)
    assert first < 2.5 * ask(small)
    assert ask(large) < first / 10


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_pieces_have_the_tokens_of_the_whole(seed: int) -> None:
    chance = random.Random(seed)
    text, *others = [path.read_bytes().decode("utf-8") for path in chance.sample(FILES, 3)]
    for _ in range(3):
        text = edited(text, others, chance)
    asked = Asked(text)
    snapshot = asked.project.snapshot(asked.uri)
    items = () if snapshot.file is None else snapshot.file.tree.items
    whole, _ = _of_piece(snapshot, Piece(text, 0, items))
    assert asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL).data == whole
    assert asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL).data == whole


def test_a_piece_is_coloured_again_when_what_it_hangs_on_changes() -> None:
    kind, flow = "type T = 'a' | 'b'\n\n", "flow f(t: T) -> bool {\n  return t == 'a'\n}\n"
    asked = Asked(kind + flow)
    before = asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL).data
    asked.project.put(asked.uri, 2, "type T = string   \n\n" + flow)
    after = asked.ask(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL).data
    assert KINDS[before[-2]] == "enumMember"
    assert KINDS[after[-2]] == "string"

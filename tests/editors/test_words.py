"""Every highlighter knows the words of `grammar/flow.lark`: none is missing, none is invented."""

from __future__ import annotations

import json
import re

import pytest

from flowlang.syntax.lexing import BRACED, CONTEXTUAL, RESERVED
from flowlang.types.builtin import GENERIC, LIBRARY, PLAIN
from tests.editors import words

HIGHLIGHTERS = {
    "tree-sitter grammar": words.tree_sitter_grammar,
    "tree-sitter scanner": lambda: set(words.tree_sitter_scanner()),
    "tree-sitter highlights": words.tree_sitter_query,
    "Pygments": words.pygments,
    "TextMate": words.textmate,
    "Vim": words.vim,
    "Emacs": words.emacs,
}


@pytest.mark.parametrize("name", HIGHLIGHTERS)
def test_words_are_those_of_the_grammar(name: str) -> None:
    assert sorted(HIGHLIGHTERS[name]()) == sorted(words.grammar())


def test_the_words_of_the_grammar_are_read_from_it() -> None:
    assert words.grammar() == RESERVED | CONTEXTUAL | BRACED


def test_the_scanner_names_words_in_the_order_of_the_externals() -> None:
    path = words.EDITORS / "tree-sitter-flow" / "src" / "grammar.json"
    externals = json.loads(path.read_text(encoding="utf-8"))["externals"]
    assert words.tree_sitter_scanner() == [token["value"] for token in externals if token["type"] == "STRING"]
    listed = words.tree_sitter_scanner()
    text = (words.EDITORS / "tree-sitter-flow" / "src" / "scanner.c").read_text(encoding="utf-8")
    numbers = {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)[,} ]", text)}
    assert set(listed[: numbers["RESERVED_WORDS"]]) == RESERVED
    assert set(listed[numbers["BRACED_FROM"] :]) == BRACED
    assert len(listed) == numbers["ALL_WORDS"]
    assert max(map(len, listed)) == numbers["LONGEST_WORD"]


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("tree-sitter-flow/queries/highlights.scm", r"#any-of\? @type\.builtin((?:\s+\"\w+\")+)"),
        ("tree-sitter-flow/queries/highlights.scm", r"#not-any-of\? @type((?:\s+\"\w+\")+)"),
        ("vscode/flow.tmLanguage.json", r"->\)\[ \\\\t\]\*\(([a-z|]+)\)"),
    ],
)
def test_types_are_those_of_the_language(path: str, pattern: str) -> None:
    found = re.search(pattern, (words.EDITORS / path).read_text(encoding="utf-8"))
    assert found
    listed = set(re.findall(r"\w+", found[1]))
    known = {*PLAIN, *LIBRARY, *GENERIC}
    assert listed <= known
    # `none` is coloured as the constant it is, and the rest is for declarations of the library.
    assert {*PLAIN, "list", "map"} - listed == {"none"}

"""The driver against Lark's own parser: the same trees with the same places, on every file and on mutated ones."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from lark import Lark

from flowlang import bundled
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.generate import lark_options
from flowlang.syntax.parser import parse
from tests.differential import lark_reference

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("examples", "stdlib", "tests") for path in (ROOT / folder).rglob("*.flow"))
SNIPPETS = [
    *"( ) [ ] { } , . : = == | ** -> ? ?. @a x 'y' 3 5s # if else for in is not and step do after type".split(),
    '"{{ x }}"',
    "\n",
]


BESIDE = {"missing-line-end", "misplaced-annotation", "nameless-import", "too-deep"}
"""What the parser reports beside the grammar, which leaves out line ends between statements, takes any import, has no
limits.
"""


def placed(node: Any) -> Any:
    """A tree with its places; docs are read from comments, which Lark does not see."""
    if isinstance(node, ast.Node):
        return (type(node).__name__, *[placed(getattr(node, f)) for f in type(node)._fields if f != "doc"])
    return [placed(part) for part in node] if isinstance(node, tuple) else (type(node).__name__, node)


def is_beside_the_grammar(text: str) -> bool:
    """Whether something is wrong that the grammar does not say."""
    return any(found.rule in BESIDE for found in parse(Source("x", text)).diagnostics)


def ours(text: str) -> ast.File | None:
    parsed = parse(Source("x", text))
    return None if parsed.diagnostics else parsed.tree


_DANGLING_IS = re.compile(r"\bis[ \t]*(?:#.*)?\s*\n\s*(?:step|let|do|return|yield|on|type|flow|\w+[ \t]*:)")


def disagreement(text: str) -> str:
    """What the two say differently about a text; empty if nothing.

    `x is` at the end of a line, before what can only be a statement, is an unfinished test to us; Lark takes the
    statement's first word for the test's name.
    """
    if _DANGLING_IS.search(text) or is_beside_the_grammar(text):
        return ""
    mine, theirs = ours(text), lark_reference.parse(text)
    if mine is None or theirs is None:
        return "" if mine is theirs else f"{'Lark' if mine is None else 'the driver'} alone accepts"
    return "" if placed(mine) == placed(theirs) else "different trees"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_same_tree(path: Path) -> None:
    text = path.read_bytes().decode()
    assert disagreement(text) == ""


def test_most_files_are_accepted() -> None:
    accepted = [path for path in FILES if ours(path.read_text()) is not None]
    assert len(accepted) > 20


def mutated(text: str, chance: random.Random) -> str:
    """Cut out a stretch of lines and damage it in one to three places."""
    lines = text.splitlines(keepends=True)
    begin = chance.randrange(len(lines))
    text = "".join(lines[begin : begin + chance.randrange(1, 12)])
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + text[at + chance.randrange(1, 4) :]
        elif kind == 1:
            text = text[:at] + chance.choice(SNIPPETS) + text[at:]
        elif kind == 2:
            text = text[:at] + " " + chance.choice(SNIPPETS) + " " + text[at:]
        else:
            other = chance.randrange(len(text) + 1)
            text = text[:at] + text[other : other + 5] + text[at:]
    return text


@pytest.mark.parametrize("seed", range(6))
def test_same_verdict_on_mutated_files(seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_text() for path in FILES]
    accepted = 0
    for _ in range(400):
        text = mutated(chance.choice(texts), chance)
        assert disagreement(text) == "", text
        accepted += ours(text) is not None
    assert accepted > 20


def test_the_reference_notices_a_difference() -> None:
    text = "let a = 1 + 2 * 3\n"
    mine, theirs = ours(text), lark_reference.parse("let a = (1 + 2) * 3\n")
    assert placed(mine) != placed(theirs)
    assert disagreement(text) == ""


def test_lalr_agrees_with_earley() -> None:
    """On one short file without texts: Earley reads all of the grammar's ambiguity, and there must be none."""
    grammar = bundled.read("grammar/flow.lark")
    assert grammar is not None
    text = "let a = x | f(1, k=2) if not c else { d: [1, 2], **e }\n"
    options = lark_options() | {"parser": "earley", "lexer": "basic", "ambiguity": "explicit"}
    tree = Lark(grammar.decode(), **options).parse(text, start="file")
    assert not list(tree.find_data("_ambig"))
    assert tree == Lark(grammar.decode(), **lark_options()).parse(text, start="file")

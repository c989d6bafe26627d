"""Every node's place: nested in its parent's, in order, and the text there is the node."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse, parse_expression, parse_type
from flowlang.syntax.printer import print_file
from tests.laws import trees
from tests.syntax.reading import below, children, tree

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("examples", "stdlib") for path in (ROOT / folder).rglob("*.flow"))
EXPRESSIONS = tuple(
    vars(ast)[name]
    for name in "Literal Text Duration Template Name Attribute Index Slice Call Filter Test Unary Binary Compare Logic "
    "Conditional List Comprehension Map".split()
)
TYPES = (ast.TypeName, ast.LiteralType, ast.OptionalType, ast.UnionType, ast.RecordType)
# What the text of a node begins with, where that is always the same.
WORDS = {
    vars(ast)[name]: word
    for name, word in zip(
        "After When Until Ensure Catch Undo Let Return Yield Branch If Case Match For Parallel Race Sequence Repeat "
        "Import Config Trigger Annotation Body AnnotationDecl TriggerDecl TestDecl Native PythonBody Spread".split(),
        "after when until ensure catch undo let return yield if if case match for parallel race sequence repeat "
        "import config on @ { annotation trigger test native python **".split(),
        strict=True,
    )
}
ANNOTATED = {
    ast.Step: "step",
    ast.TypeDecl: "type",
    ast.ActionDecl: "action",
    ast.FunctionDecl: "function",
    ast.ServiceDecl: "service",
    ast.FlowDecl: "flow",
}
NAMED = (ast.Param, ast.Setting, ast.Field)


def check_places(text: str, file: ast.File) -> set[type]:
    """Hold every node of a file to its text; gives the classes met."""
    assert (file.start, file.end) == (0, len(text))
    met: set[type] = set()
    for node in below(file):
        met.add(type(node))
        _check_nesting(node)
        _check_text(node, text[node.start : node.end])
    return met


def _check_nesting(node: ast.Node) -> None:
    at = node.start
    inside_body = isinstance(node, ast.FlowDecl)
    found = [child for child in children(node) if not (inside_body and isinstance(child, ast.Trigger))]
    for child in sorted(found, key=lambda c: (c.start, c.end)):
        assert node.start <= child.start <= child.end <= node.end, (node, child)
        shorthand = isinstance(node, ast.Entry) and child.end == node.end
        assert at <= child.start or shorthand, (node, child)
        at = child.end


def _check_text(node: Any, text: str) -> None:
    if not isinstance(node, (ast.File, ast.TemplateText)):
        assert text == text.strip(), (node, text)
        assert text, node
    if isinstance(node, ast.Ident):
        assert text[0] in "\"'" or text.replace(" ", "") in (node.name, "null"), (node, text)
    elif isinstance(node, EXPRESSIONS):
        _check_expression(node, text)
    elif isinstance(node, TYPES):
        again_type, found = parse_type(Source("x", text))
        assert not found
        assert again_type == node
    elif type(node) in WORDS:
        assert text.startswith(WORDS[type(node)]), (node, text)
        assert not isinstance(node, ast.Body) or text.endswith("}")
    elif type(node) in ANNOTATED:
        assert text.startswith("@" if node.annotations else ANNOTATED[type(node)]), (node, text)
    elif isinstance(node, NAMED):
        assert text.startswith(("@", node.name.name)), (node, text)


def _check_expression(node: Any, text: str) -> None:
    again, found = parse_expression(Source("x", text))
    if not found:
        assert again == node or text.startswith("{") or isinstance(node, ast.Text), text
        return
    # A bare key, or the part of a text over several lines, is no expression by itself.
    assert isinstance(node, ast.Text), (node, text)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_files(path: Path) -> None:
    text = path.read_text()
    check_places(text, tree(text))


@given(trees.files)
@settings(max_examples=100)
def test_generated_files(file: ast.File) -> None:
    text = print_file(file)
    check_places(text, parse(Source("x", text)).tree)


def test_every_class_is_met() -> None:
    text = """\
import http
import "b.flow" as b
config { @a x: int = 1 }
type T = 'a' | { y: int? } | list[int(ge=0)]
annotation n(p: int) on step
trigger t(p: int) -> { time: datetime }
action act[T](x: T) -> T = python('m:f')
function fun() -> int = native
service s { base_url = "x" }
let c = [x for x in xs if x][1:2][0]
@n(1) flow f(a: int = 1) {
  on t(1) when a with { a, **b, [k]: 5s }
  ensure a > 1 else "m {{ a }}"
  @n step st: T = not -f(a, [1])?.b | g + 1 if a and b else none
    after st until a is defined every 1s for 1m catch timeout as e { yield none } undo { }
  if a { } else { }
  match a { case 1 { } else { } }
  for x in xs { do g() }
  parallel { } race { }
  sequence { }
  repeat x = 1 { yield 1 next 2 }
  return 1
}
test 'x' { }
"""
    text = text.replace("parallel { } race { }", "parallel { }\n  race { }").replace("after st", "after st when a")
    every = {c for c in vars(ast).values() if isinstance(c, type) and issubclass(c, ast.Node)} - {ast.Node}
    met = check_places(text, tree(text))
    assert every - met == {ast.Broken, ast.BrokenExpr, ast.BrokenFlow}


def test_broken_nodes_cover_what_is_broken() -> None:
    text = 'let a = )\nlet b = 1\nlet c = "{{ d e }}"\n'
    broken = [n for n in below(parse(Source("x", text)).tree) if isinstance(n, (ast.Broken, ast.BrokenExpr))]
    assert [text[n.start : n.end] for n in broken] == [" d e ", "let a = )"]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_broken_still_stands_inside_its_item(seed: int) -> None:
    chance = random.Random(seed)
    texts = [text for text in (path.read_text(encoding="utf-8") for path in FILES) if len(text) < 4000]
    for _ in range(300):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            put = chance.choice(("", "x", "{", "}", "\n", "@", "(", " service ", '"', "'", "step ", "flow "))
            text = text[:at] + put + text[at + chance.choice((0, 1, 5, 20, 60)) :]
        for item in parse(Source("a.flow", text)).tree.items:
            for node in below(item):
                assert node.start == node.end or item.start <= node.start < node.end <= item.end, (text, item, node)

"""Line ends, words and comments: what the grammar leaves to the lexer."""

from __future__ import annotations

import pytest

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.lexing import BRACED, CONTEXTUAL, RESERVED
from flowlang.syntax.parser import parse
from tests.syntax.reading import expression, same, tree

EVERY_WORD = sorted(CONTEXTUAL | RESERVED | BRACED)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("let a = b\n  | f\n  | g", "let a = b | f | g"),
        ("let a = b\n  .c", "let a = b.c"),
        ("let a = b\n  ?.c", "let a = b?.c"),
        ("let a = b\n  + c\n  - d", "let a = b + c - d"),
        ("let a = b +\n  c", "let a = b + c"),
        ("let a = b **\n  c", "let a = b ** c"),
        ("let a = b\n  and c\n  or d", "let a = b and c or d"),
        ("let a = b\n  not in c", "let a = b not in c"),
        ("let a = b\n  is none", "let a = b is none"),
        ("let a =\n  b", "let a = b"),
        ("let a = b if c\n  else d", "let a = b if c else d"),
        ("let a = b if\n c else\n d", "let a = b if c else d"),
        ("let a = f(\nb\n,\nc=\nd\n)", "let a = f(b, c=d)"),
        ("let a = [\n\nb\n,\n\n]", "let a = [b]"),
        ("let a = { b: 1\n\n c: 2 }", "let a = { b: 1, c: 2 }"),
        ("let a = {\nb: 1,\nc: 2,\n}", "let a = { b: 1, c: 2 }"),
        ("let a = { b:\n1 }", "let a = { b: 1 }"),
        ("let a = { b\n**c\n}", "let a = { b, **c }"),
        ("let a = f({\nb: [\n1\n]\n})", "let a = f({ b: [1] })"),
        ("type T = 'a'\n  | 'b'", "type T = 'a' | 'b'"),
        ("type T { a: int, b: int }", "type T {\n\na: int\nb: int\n}"),
        ("flow f() {\n}\ncatch { }", "flow f() { } catch { }"),
        ("flow f(\n  a: int,\n)\n{ }", "flow f(a: int) { }"),
        ("flow f() { if a { }\nelse if b { }\nelse { } }", "flow f() { if a { } else if b { } else { } }"),
        ("flow f() { step a = b\nafter c\n\nwhen d }", "flow f() { step a = b after c when d }"),
        ("flow f() { step a = b after c,\nd }", "flow f() { step a = b after c, d }"),
        ("flow f() { let a = 1\nensure b }", "flow f() {\n  let a = 1\n  ensure b\n}"),
        ("flow f() { @a\n@b(1)\nstep a = 1 }", "flow f() { @a @b(1) step a = 1 }"),
        ("let a = b # one\n\n  # two\n  | c", "let a = b | c"),
        ("let a = b\r\nlet c = d\r\n", "let a = b\nlet c = d"),
        ("let a = b\rlet c = d", "let a = b\nlet c = d"),
        ("", "\n\n# nothing\n"),
    ],
)
def test_line_ends(broken: str, whole: str) -> None:
    same(broken, whole)


def test_a_block_begins_a_line() -> None:
    flow = tree("flow f() {\n  let a = b\n  if c { }\n}").items[0]
    assert isinstance(flow, ast.FlowDecl)
    assert [type(s) for s in flow.body.statements] == [ast.Let, ast.Do]


def test_ensure_behind_a_step_is_its_clause() -> None:
    flow = tree("flow f() {\n  let a = 1\n  ensure a > 0\n  step b = 1\n  ensure b > 0\n}").items[0]
    assert isinstance(flow, ast.FlowDecl)
    assert [type(s) for s in flow.body.statements] == [ast.Let, ast.Ensure, ast.Step]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("  let a = 1 step b = 2  # c\n", "  let a = 1\n  step b = 2  # c\n"),
        ("  if a { do g() do h() yield 1 }\n", "  if a {\n    do g()\n    do h()\n    yield 1\n  }\n"),
        ("  do g() @b(1) step a = 1\n", "  do g()\n  @b(1) step a = 1\n"),
        ("  step a = 1 @b(5s)\n  step c = 2\n", "  @b(5s)\n  step a = 1\n  step c = 2\n"),
        ("  step a = 1 @b(5s)\n  return 2\n", "  @b(5s)\n  step a = 1\n  return 2\n"),
        ("  step a = 1 @b(5s)\n", "  @b(5s)\n  step a = 1\n"),
        ("  @a\n  do g()\n    @b\n    @c\n  @d\n  do h()\n", "  @b\n  @c\n  @a\n  do g()\n  @d\n  do h()\n"),
    ],
)
def test_a_new_line_ends_a_statement(text: str, fixed: str) -> None:
    found = parse(Source("x", f"flow f() {{\n{text}}}\n"))
    assert {d.rule for d in found.diagnostics} <= {"missing-line-end", "misplaced-annotation"}
    edits = sorted((e.span.start, e.span.end, e.text) for d in found.diagnostics for e in d.fixes[0].edits)
    ours = f"flow f() {{\n{text}}}\n"
    for start, end, put in reversed(edits):
        ours = ours[:start] + put + ours[end:]
    assert ours == f"flow f() {{\n{fixed}}}\n"
    same_statements = [type(s).__name__ for s in tree(ours).items[0].body.statements]  # type: ignore[union-attr]
    assert [type(s).__name__ for s in found.tree.items[0].body.statements] == same_statements  # type: ignore[union-attr]


def test_an_annotation_behind_a_statement_is_its_own() -> None:
    flow = parse(Source("x", "flow f() {\n  step a = 1 @b\n  step c = 2\n}\n")).tree.items[0]
    assert isinstance(flow, ast.FlowDecl)
    assert [[a.name.name for a in s.annotations] for s in flow.body.statements] == [["b"], []]  # type: ignore[union-attr]


def test_an_annotation_above_what_has_none() -> None:
    found = parse(Source("x", "flow f() {\n  let a = 1\n  @b\n  return a\n}\n"))
    assert [(d.rule, d.span.start) for d in found.diagnostics] == [("misplaced-annotation", 25)]


@pytest.mark.parametrize("word", EVERY_WORD)
def test_every_word_may_be_a_key_a_field_an_argument(word: str) -> None:
    tree(f"let a = {{ {word}: 1 }}\nlet b = f({word}=1).{word}?.{word} | g({word}=2)")
    tree(f"let a = {{\n  x: 1\n  {word}: 1\n}}\nlet b = {{ x: 1, {word}: 2 }}")
    tree(
        f"type T {{\n  a: int\n  {word}: int\n  @n {word} : int\n}}\nconfig {{\n  @n(1) {word}: int\n  {word}: int\n}}"
    )
    tree(f"@{word}\nservice s {{\n  a = 1\n  {word} = 2\n}}")


@pytest.mark.parametrize("word", sorted(CONTEXTUAL | BRACED))
def test_other_words_may_name_values(word: str) -> None:
    assert expression(word) == ast.Name(0, 0, word)
    tree(f"let {word} = 1\nlet a = {word} + x.{word}({word})\nlet b = [{word}]\nlet c = {{ {word}, d: {word} }}")
    tree(f"flow {word}({word}: int) {{\n  step {word}: T = {word}\n  if {word} {{ }}\n  for {word} in {word} {{ }}\n}}")


def test_braced_words_begin_blocks_only_before_a_brace() -> None:
    flow = tree("flow f() {\n  step a = race { step b = 1 }\n  step c = race\n  step d = sequence | length\n}").items[0]
    assert isinstance(flow, ast.FlowDecl)
    values = [type(s.value) for s in flow.body.statements if isinstance(s, ast.Step)]
    assert values == [ast.Race, ast.Name, ast.Filter]


def test_keywords_end_where_words_end() -> None:
    assert parse(Source("x", "typeLine = 'a'")).diagnostics
    assert parse(Source("x", "letx = 1")).diagnostics
    assert expression("nota") == ast.Name(0, 0, "nota")


DOCUMENTED = """\
##! A file.
##!
##!   Indented.

## A type,
## over two lines.
@exact
type T {
  ## A field.
  # not this
  a: int  ## beside: no doc
  b: int
  ##No space.
  c: int
}

## Parted from it.

let x = 1

## A flow.
flow f(
  ## A parameter.
  p: int,
) {
  ## A step.
  @retry
  step a = 1
  @retry
  ## Between.
  step b = 1
  ## A let.
  let c = 1
  ## A do.
  do d()
}
"""


def test_docs() -> None:
    file = tree(DOCUMENTED)
    assert file.doc == "A file.\n\n  Indented."
    record, constant, flow = file.items
    assert isinstance(record, ast.TypeDecl)
    assert isinstance(constant, ast.Let)
    assert isinstance(flow, ast.FlowDecl)
    assert isinstance(record.type, ast.RecordType)
    assert record.doc == "A type,\nover two lines."
    assert [f.doc for f in record.type.fields] == ["A field.", "", "No space."]
    assert (constant.doc, flow.doc, flow.params[0].doc) == ("", "A flow.", "A parameter.")
    assert [getattr(s, "doc", None) for s in flow.body.statements] == ["A step.", "Between.", "A let.", "A do."]


def test_comments_are_found_everywhere() -> None:
    text = "# one\nlet a = f( # two\n  1, # three\n) ## four\n#"
    comments = parse(Source("x", text)).comments
    assert [c.text for c in comments] == ["# one", "# two", "# three", "## four", "#"]
    assert all(text[c.start : c.end] == c.text for c in comments)
    inside = parse(Source("x", 'let a = "# no {{ "# no" }}"\nlet b = """\n# no\n{{ x # yes\n}}"""')).comments
    assert [c.text for c in inside] == ["# yes"]


def test_comments_in_broken_parts_are_kept() -> None:
    comments = parse(Source("x", "flow f() {\n  step a = ) # one\n    # two\n  step b = 1 # three\n}")).comments
    assert [c.text for c in comments] == ["# one", "# two", "# three"]

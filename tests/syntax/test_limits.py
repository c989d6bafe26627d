"""Bad and enormous input: a clear finding, in linear time, without recursion."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.context import DEPTH
from flowlang.syntax.parser import NESTING, Parsed, parse
from flowlang.syntax.printer import print_file
from tests.counted import growth


def read(text: str) -> Parsed:
    parsed = parse(Source("x.flow", text))
    for found in parsed.diagnostics:
        assert 0 <= found.span.start < found.span.end <= max(len(text), 1)
    return parsed


def rules(text: str) -> list[str]:
    return [found.rule for found in read(text).diagnostics]


@pytest.mark.parametrize("brackets", ["()", "[]", "{}"])
def test_nested_brackets(brackets: str) -> None:
    opener, closer = brackets
    if opener == "{":
        opener = "{ a: "
    deepest = "let a = " + opener * NESTING + "1" + closer * NESTING
    assert rules(deepest) == []
    assert rules("let a = " + opener * (NESTING + 1) + "1" + closer * (NESTING + 1)) == ["too-deep"]
    assert rules("let a = " + opener * 100_000 + "1" + closer * 100_000 + "\nlet b = )") == ["too-deep", "syntax-error"]


@pytest.mark.parametrize("indent", ["", " "])
@pytest.mark.parametrize("head", ["if a {", "do for x in xs {", "step s = sequence {"])
@pytest.mark.parametrize("depth", [66, 70, 500])
def test_nested_blocks(head: str, depth: int, indent: str) -> None:
    """One error, and what stands below the flow is read."""
    opening = [indent * n + head for n in range(depth)]
    closing = [indent * n + "}" for n in range(depth)]
    text = "\n".join(["flow f(a: bool) {", *opening, "do g()", *reversed(closing), "}", "let b = )", ""])
    assert rules(text) == ["too-deep", "syntax-error"]


def test_nested_blocks_that_nothing_closes() -> None:
    text = "flow f() {\n" + "if a {\n" * 100 + "}\n" * 101 + "let b = 1\n"
    assert rules(text) == ["too-deep"]
    assert "too-deep" in rules("flow f() {\n" + "if a {\n" * 100 + "let b = 1\n")


@pytest.mark.parametrize(
    "chain",
    [
        lambda n: " + ".join(["a"] * (n + 1)),
        lambda n: " ~ ".join(["'text'"] * (n + 1)),
        lambda n: " and ".join(["a"] * (n + 1)),
        lambda n: "a" + ".b" * n,
        lambda n: "a" + "?.b" * n,
        lambda n: "a" + "()" * n,
        lambda n: "a" + "[0]" * n,
        lambda n: "a" + " | f" * n,
        lambda n: "a" + " is f | g" * (n // 2),
        lambda n: "-" * n + "a",
        lambda n: "not " * n + "a",
        lambda n: "a if b else " * n + "c",
        lambda n: " ** ".join(["a"] * (n + 1)),
        lambda n: "a" + "[1:2]" * n,
    ],
)
def test_long_chains(chain: Any) -> None:
    assert rules("let a = " + chain(DEPTH - 2)) == []
    assert rules("let a = " + chain(DEPTH + 1) + "\nlet b = 1") == ["too-deep"]
    assert rules("let a = " + chain(10_000) + "\nlet b = )") == ["too-deep", "syntax-error"]


def test_depth_adds_up_over_brackets() -> None:
    inner = " + ".join(["a"] * 100)
    assert rules(f"let a = f({inner})") == []
    assert rules(f"let a = f({inner} + ({inner}))") == []
    assert rules(f"let a = f({'b + ' * 60}({' + '.join(['(a'] * 40)}{')' * 40}))") == []
    assert rules(f"let a = {'x(' * 20}{inner}{')' * 20}") == []
    assert rules(f"let a = ({inner}){'.b' * 60}") == ["too-deep"]


def test_long_and_shallow_is_fine() -> None:
    assert rules("let a = [" + "1, " * 20_000 + "]") == []
    assert rules("let a = " + " < ".join(["a"] * 2_000)) == []
    assert rules("type T = " + " | ".join(f"'{n}'" for n in range(5_000))) == []
    assert rules("let a = '" + "x" * 1_000_000 + "'") == []
    assert rules("let a = f(" + "'x' ~ 'y', " * 5_000 + ")") == []


def test_the_deepest_tree_survives_recursive_passes() -> None:
    """At Python's own limit: the printer stands for every pass over a tree."""
    blocks = NESTING - 2
    body = "step a = " + " + ".join(["a"] * (DEPTH - 1))
    text = "flow f() {\n" + "if a {\n" * blocks + body + "\n" + "}\n" * (blocks + 1)
    parsed = read(text)
    assert not parsed.diagnostics
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_500)
    try:
        assert print_file(parsed.tree)
    finally:
        sys.setrecursionlimit(limit)


def test_empty_files() -> None:
    for text in ("", "\n", "  ", "\r\n\t\n", "# only this", "\n\n# this\n"):
        parsed = read(text)
        assert parsed.diagnostics == ()
        assert parsed.tree == ast.File(0, 0, (), "")


def test_a_byte_order_mark_inside_is_a_mistake() -> None:
    assert rules("let a = 1\n\ufefflet b = 2") == ["syntax-error"]


def test_lone_surrogates_do_no_harm() -> None:
    assert rules("let a = '\ud800'") == []
    assert rules("let \ud800 = 1") == ["syntax-error"]


def test_ten_thousand_mistakes() -> None:
    parsed = read("let a = )\nlet b = 1 + 1\n" * 10_000)
    assert len(parsed.diagnostics) == 10_000
    assert sum(isinstance(item, ast.Let) for item in parsed.tree.items) == 10_000


UNCLOSED = ['"""{{', 'let a = """{{ b', '"""{{ \'', '"{{ "', "\"{{ '", "'"]


@pytest.mark.parametrize("line", UNCLOSED)
def test_texts_and_holes_that_are_never_closed(line: str) -> None:
    assert rules(f"{line}\n" * 500)


@given(st.text())
@settings(max_examples=300)
def test_any_text(text: str) -> None:
    read(text)


PIECES = st.sampled_from(
    [
        *'( ) [ ] { } , . : = == | ** -> ? ?. @ \' " """ {{ }} #'.split(),
        *"if else for in is not and step do let flow type a 1 5s 'x'".split(),
        *["\n", "\n  ", "\n    ", " ", '"{{ x }}"', "flow f() {", "step a = ", "type T {", "when "],
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join) | st.lists(PIECES, max_size=60).map(" ".join))
@settings(max_examples=500)
def test_any_pieces(text: str) -> None:
    parsed = read(text)
    if parsed.diagnostics:
        return
    again = parse(Source("x", print_file(parsed.tree)))
    assert again.tree == parsed.tree


@pytest.mark.parametrize(
    "line",
    ["/* a\n", "// a\n/* a\n", "let x = <<EOF\n", "x\n", "x y\n", "let a = (\n", "let x = 1 /* b\n",
     "let x = 1 // b c\n", "let a = )\nlet b = 1 + 1\n"],
)  # fmt: skip
def test_a_mistake_on_each_line_takes_no_more_work_for_those_before(line: str) -> None:
    """`benchmarks check` measures the time, of which what is looked for in C is a part."""

    def read_lines(count: int) -> None:
        assert len(read(line * count).diagnostics) >= count // 2

    assert growth(read_lines, 200) < 2.05


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "let a = " + "(" * n + "1" + ")" * n,
        lambda n: "let a = " + "[" * n + "1" + "]" * n,
        lambda n: "let a = " + "{ a: " * n + "1" + "}" * n,
        lambda n: "let a = " + " ** ".join(["a"] * n),
        lambda n: "let a = " + "a" + "[1:2]" * n,
        lambda n: "let a = " + "a if b else " * n + "c",
        lambda n: "let a = [" + "1, " * n + "]",
        lambda n: "let a = " + " < ".join(["a"] * n),
        lambda n: "type T = " + " | ".join(f"'{each}'" for each in range(n)),
        lambda n: "let a = f(" + "'x' ~ 'y', " * n + ")",
        lambda n: "flow f() {\n" + "if a {\n" * n + "do g()\n" + "}\n" * (n + 1),
        lambda n: "let a = '" + "\\n" * n + "'",
        *(lambda n, line=line: f"{line}\n" * n for line in UNCLOSED),
    ],
)
def test_what_is_long_takes_linear_work(text: Callable[[int], str]) -> None:
    assert growth(lambda size: read(text(size)), 300) < 2.1

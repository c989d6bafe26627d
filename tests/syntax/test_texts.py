"""Texts and templates: escapes, holes, several lines, and exact places inside all of them."""

from __future__ import annotations

import pytest

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from tests.syntax.reading import below, expression, tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("''", ""),
        ('""', ""),
        ("'a'", "a"),
        (r"'a\n\t\r\\\'\" \u00e9 \u{1F600} \{'", "a\n\t\r\\'\" é 😀 {"),
        (r"'\ud83d\ude00'", "😀"),
        ("'{{ x }}'", "{{ x }}"),
        ("'{% x %}'", "{% x %}"),
        (r'"\{{ x }}"', "{{ x }}"),
        (r'"\{% x %}"', "{% x %}"),
        ('"{ x }"', "{ x }"),
        ('"a } }} b"', "a } }} b"),
        ('"it\'s"', "it's"),
        ("'say \"x\"'", 'say "x"'),
        ("'# no comment'", "# no comment"),
        ("'😀'", "😀"),
    ],
)
def test_values(text: str, value: str) -> None:
    found = expression(text)
    assert found == ast.Text(0, 0, value)
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (['"""', "  a", "    b", "", "  c", '  """'], "a\n  b\n\nc"),
        (['"""a', "  b", '  c"""'], "a\nb\nc"),
        (['"""', '"""'], ""),
        (['"""', "", '"""'], ""),
        (['""""""'], ""),
        (['"""one"""'], "one"),
        (['"""', "  a", '  b"""'], "a\nb"),
        (['"""', "\ta", "\t\tb", '"""'], "a\n\tb"),
        (['"""', "  a", "\tb", '"""'], "  a\n\tb"),
        (['"""', "  a \\", "  b", '  """'], None),
        (['"""', r"  a\n", "  b", '  """'], "a\n\nb"),
        (['"""', '  say "x" and ""', '  """'], 'say "x" and ""'),
        (['"""', r'  \"""', '  """'], '"""'),
        (['"""', "  a", "   ", "  b", "        ", '  """'], "a\n\nb\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_several_lines(lines: list[str], value: str | None, line_end: str) -> None:
    text = "let a = " + line_end.join(lines) + line_end
    parsed = parse(Source("x", text))
    if value is None:
        assert [d.rule for d in parsed.diagnostics] == ["bad-escape"]
        return
    assert not parsed.diagnostics
    (found,) = parsed.tree.items
    assert isinstance(found, ast.Let)
    assert found.value == ast.Text(0, 0, value)


def test_holes_belong_to_their_line() -> None:
    text = 'let a = """\n    x: {{ x }}\n      {{ y }}\n\n    {{\n  z }} end\n  """'
    (found,) = tree(text).items
    assert isinstance(found, ast.Let)
    assert isinstance(found.value, ast.Template)
    shown = ["".join(p.value if isinstance(p, ast.TemplateText) else f"<{p.name}>") for p in found.value.parts]  # type: ignore[union-attr]
    assert "".join(shown) == "x: <x>\n  <y>\n\n<z> end"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_places_inside_templates_are_exact(line_end: str) -> None:
    text = line_end.join(
        [
            "# 😀",
            r'let a = "é😀 \n {{ one + two }} \u{41} {{ f("{{ three }}", \'x\') | g }}!"'.replace("\\'", "'"),
            'let b = """',
            "    😀 {{ four }}",
            "  {{ {k: {l: five}} }}",
            '  """',
        ]
    )
    names = [node for node in below(tree(text)) if isinstance(node, ast.Name)]
    assert sorted(n.name for n in names) == ["f", "five", "four", "one", "three", "two"]
    assert all(text[n.start : n.end] == n.name for n in names)
    raw = [text[n.start : n.end] for n in below(tree(text)) if isinstance(n, ast.TemplateText)]
    assert r"é😀 \n " in raw
    assert r" \u{41} " in raw


def test_a_mistake_in_a_hole_costs_the_hole() -> None:
    parsed = parse(Source("x", 'let a = "x {{ b c }} {{ d }} {{ | }}"\nlet e = 1'))
    assert len(parsed.diagnostics) == 2
    found = parsed.tree.items[0]
    assert isinstance(found, ast.Let)
    assert isinstance(found.value, ast.Template)
    kinds = [type(part) for part in found.value.parts if not isinstance(part, ast.TemplateText)]
    assert kinds == [ast.BrokenExpr, ast.Name, ast.BrokenExpr]


def test_braces_in_holes_are_counted() -> None:
    found = expression('"{{ {a: {b: 1}} }}"')
    assert isinstance(found, ast.Template)
    assert isinstance(found.parts[0], ast.Map)


def test_templates_nest_to_a_bound() -> None:
    text = "x"
    for _ in range(8):
        text = f'"{{{{ {text} }}}}"'
    assert isinstance(expression(text), ast.Template)
    found = parse(Source("x", f'let a = "{{{{ {text} }}}}"')).diagnostics
    assert [d.rule for d in found] == ["too-deep"]

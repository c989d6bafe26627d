"""Precedence, associativity and the other readings of expressions; where Jinja2 has an opinion, it is Jinja2's."""

from __future__ import annotations

import pytest

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse_expression, parse_type
from flowlang.syntax.printer import print_expression, print_type
from tests.syntax.reading import explicit, expression


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("-1 | abs", "((- 1) | abs)"),
        ("2 ** 3 ** 2", "((2 ** 3) ** 2)"),
        ("-2 ** 2", "((- 2) ** 2)"),
        ("2 ** -1 | abs", "(2 ** ((- 1) | abs))"),
        ("- - x.y | f", "((- (- x.y)) | f)"),
        ("not not a", "(not (not a))"),
        ("a + b | f", "(a + (b | f))"),
        ("a | f | g", "((a | f) | g)"),
        ("a + b ~ c * d", "(a + (b ~ (c * d)))"),
        ("a - b - c", "((a - b) - c)"),
        ("a * b / c // d % e", "((((a * b) / c) // d) % e)"),
        ("a < b <= c", "(a < b <= c)"),
        ("a + 1 < b", "((a + 1) < b)"),
        ("not a in b", "(not (a in b))"),
        ("a not in b", "(a not in b)"),
        ("a or b and not c", "(a or (b and (not c)))"),
        ("a or b or c", "((a or b) or c)"),
        ("a if b else c if d else e", "(a if b else (c if d else e))"),
        ("a or b if c or d else e or f", "((a or b) if (c or d) else (e or f))"),
        ("a is none and b is not none", "((a is none) and (b is not none))"),
        ("not a is none", "(not (a is none))"),
        ("a + b is defined", "(a + (b is defined))"),
        ("a is defined if b else c", "((a is defined) if b else c)"),
        ("a is in [1]", "(a is in)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("(a if b else c).d", "(a if b else c).d"),
    ],
)
def test_precedence(text: str, understood: str) -> None:
    assert explicit(text) == understood


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c(1, x=2)[0]?.d",
        "xs[1:]",
        "xs[:1]",
        "xs[::2]",
        "xs[a:b:c]",
        "xs[:]",
        "f()",
        "[e for x in xs]",
        "[e for k, v in m if k]",
        "{ a: 1, 'b c': 2, [k]: 3, **m, d }",
        "{}",
        "[]",
        "x is divisibleby(3)",
        "x | map(attribute='a') | list",
        "x | text.upper",
        "30s + 1.5h",
        "true and false or none",
        "1.5e-07",
        '"a {{ b | f(\'x\') }} c {{ "d {{ e }}" }}"',
        "-x ** y",
        "a if b else c",
        "(a if b else c) if d else e",
        "a - (b - c)",
        "not (a and b)",
        "(-x).y",
        "(a + b).c",
    ],
)
def test_spelled_canonically_already(text: str) -> None:
    assert print_expression(expression(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("null", "none"),
        ("x is null", "x is none"),
        ("x is divisibleby 3", "x is divisibleby(3)"),
        ("x is eq y.z[0]", "x is eq(y.z[0])"),
        ("{ a: a }", "{ a }"),
        ("{ 'a': b }", "{ a: b }"),
        ("{ after: after }", "{ after: after }"),
        ("((a)) + (b * c)", "a + b * c"),
        ('"plain"', "'plain'"),
        ('"it\'s"', '"it\'s"'),
        ("[1,]", "[1]"),
        ("f(1,)", "f(1)"),
    ],
)
def test_spelled_canonically(text: str, canonical: str) -> None:
    assert print_expression(expression(text)) == canonical


@pytest.mark.parametrize(
    "text", ["a b", "a is not not b", "a is f is g", "f(a=)", "x | 3", "[for x in y]", "a[1,2]", "x?.", "a is", "1..2"]
)
def test_refused(text: str) -> None:
    _, found = parse_expression(Source("x", text))
    assert len(found) == 1, found


def test_types() -> None:
    for text in (
        "string",
        "int(ge=0, le=100)",
        "list[map[T]](min_length=1)",
        "T[k]",
        "T[attribute, filter]",
        "a.B?",
        "'a' | 'b' | -1 | 0.5 | true | none",
        "(A | B)?",
        "{ a: T, b: U? = none, @c in: { d: int } }",
    ):
        found, mistakes = parse_type(Source("x", text))
        assert not mistakes
        assert found is not None
        assert print_type(found) == text


def test_a_union_is_flat() -> None:
    found, _ = parse_type(Source("x", "A | (B | C) | D?"))
    assert isinstance(found, ast.UnionType)
    assert [type(member) for member in found.members] == [ast.TypeName, ast.TypeName, ast.TypeName, ast.OptionalType]


def test_numbers_keep_their_kind() -> None:
    values = [expression(text).value for text in ("1", "1.0", "1e2", "9223372036854775807")]
    assert [repr(v) for v in values] == ["1", "1.0", "100.0", "9223372036854775807"]


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("250ms", 250_000),
        ("30s", 30_000_000),
        ("1.5h", 5_400_000_000),
        ("7d", 604_800_000_000),
        ("0.001ms", 1),
        ("2m", 120_000_000),
    ],
)
def test_durations_are_exact(text: str, microseconds: int) -> None:
    found = expression(text)
    assert isinstance(found, ast.Duration)
    assert (found.microseconds, found.spelling) == (microseconds, text)

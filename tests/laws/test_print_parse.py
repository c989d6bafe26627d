"""What is printed parses to what was printed, down to the kind of every number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from flowlang.formatter.fidelity import meaning
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse, parse_expression, parse_type
from flowlang.syntax.printer import print_expression, print_file, print_type
from tests.laws import trees

# Strategies that hold each other have long descriptions.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def strict(node: Any) -> Any:
    """A tree without places, where `1`, `1.0` and `true` differ."""
    if isinstance(node, ast.Node):
        return (type(node).__name__, *map(strict, [getattr(node, f) for f in type(node)._fields[2:]]))
    return [strict(part) for part in node] if isinstance(node, tuple) else (type(node).__name__, node)


@given(trees.expressions)
@settings(max_examples=300)
def test_expressions(tree: ast.Expr) -> None:
    text = print_expression(tree)
    again, found = parse_expression(Source("x", text))
    assert not found, (text, found)
    assert strict(again) == strict(tree), text
    assert print_expression(again) == text


@given(trees.types)
@settings(max_examples=150)
def test_types(tree: ast.TypeExpr) -> None:
    text = print_type(tree)
    again, found = parse_type(Source("x", text))
    assert not found, (text, found)
    assert strict(again) == strict(tree), text


@given(trees.files)
@settings(max_examples=150)
def test_files(tree: ast.File) -> None:
    text = print_file(tree)
    again = parse(Source("x", text))
    assert not again.diagnostics, (text, again.diagnostics)
    assert strict(again.tree) == strict(tree), text
    assert print_file(again.tree) == text


def test_the_comparison_is_strict() -> None:
    one, yes = ast.Literal(0, 0, 1), ast.Literal(0, 0, True)
    assert one == yes
    assert strict(one) != strict(yes)
    assert meaning(one) != meaning(yes)

"""Reading texts in tests: trees of what must parse, the text under a node."""

from __future__ import annotations

from typing import Any

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse, parse_expression
from flowlang.syntax.printer import print_expression, print_file


def tree(text: str) -> ast.File:
    """The tree of a file without mistakes."""
    parsed = parse(Source("x.flow", text))
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.tree


def expression(text: str) -> Any:
    """The tree of an expression without mistakes."""
    found, diagnostics = parse_expression(Source("x.flow", text))
    assert not diagnostics, diagnostics
    return found


def explicit(text: str) -> str:
    """An expression with a pair of parentheses around every operator: how it was understood."""
    return _explicit(expression(text))


def _explicit(node: Any) -> str:
    match node:
        case ast.Binary() | ast.Logic():
            return f"({_explicit(node.left)} {node.operator} {_explicit(node.right)})"
        case ast.Unary():
            return f"({node.operator} {_explicit(node.operand)})"
        case ast.Filter():
            return f"({_explicit(node.value)} | {node.name.name})"
        case ast.Test():
            return f"({_explicit(node.value)} is{' not' if node.negated else ''} {node.name.name})"
        case ast.Compare():
            links = " ".join(f"{link.operator} {_explicit(link.operand)}" for link in node.rest)
            return f"({_explicit(node.first)} {links})"
        case ast.Conditional():
            return f"({_explicit(node.then)} if {_explicit(node.condition)} else {_explicit(node.otherwise)})"
        case ast.Attribute():
            return f"{_explicit(node.value)}.{node.name.name}"
        case _:
            return print_expression(node)


def same(text: str, other: str) -> None:
    """Two files mean the same."""
    assert tree(text) == tree(other), print_file(tree(text))


def children(node: ast.Node) -> list[ast.Node]:
    """The nodes right below a node, in the order of its fields."""
    found: list[ast.Node] = []
    for field in type(node)._fields[2:]:
        value = getattr(node, field)
        found += [child for child in (value if type(value) is tuple else (value,)) if isinstance(child, ast.Node)]
    return found


def below(node: ast.Node) -> list[ast.Node]:
    """A node and all nodes below it."""
    found, waiting = [], [node]
    while waiting:
        at = waiting.pop()
        found.append(at)
        waiting += children(at)
    return found

"""Our expressions against Jinja2's parser: what both can say, both understand alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse_expression
from flowlang.syntax.printer import print_expression
from tests.laws.trees import maybe, node, tuples

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

BINARY = {
    nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%",
    nodes.Pow: "**", nodes.And: "and", nodes.Or: "or",
}  # fmt: skip
UNARY = {nodes.Neg: "-", nodes.Pos: "+", nodes.Not: "not"}
COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}


def theirs(text: str) -> Any:
    """What Jinja2 understands, as nested lists."""
    output = Environment().parse("{{ " + text + " }}").body[0]
    assert isinstance(output, nodes.Output)
    return _theirs(output.nodes[0])


def _theirs(n: Any) -> Any:
    match n:
        case nodes.Const():
            return ["const", type(n.value).__name__, n.value]
        case nodes.Name():
            return ["name", n.name]
        case nodes.Getattr():
            return ["attribute", _theirs(n.node), n.attr]
        case nodes.Getitem() if isinstance(n.arg, nodes.Slice):
            return ["slice", _theirs(n.node), *[x and _theirs(x) for x in (n.arg.start, n.arg.stop, n.arg.step)]]
        case nodes.Getitem():
            return ["index", _theirs(n.node), _theirs(n.arg)]
        case nodes.Call():
            return ["call", _theirs(n.node), _their_arguments(n)]
        case nodes.Filter() | nodes.Test():
            return [type(n).__name__, _theirs(n.node), n.name, _their_arguments(n)]
        case nodes.Concat():
            return ["~", *map(_theirs, n.nodes)]
        case nodes.Compare():
            return ["compare", _theirs(n.expr), *[[COMPARED[op.op], _theirs(op.expr)] for op in n.ops]]
        case nodes.CondExpr():
            return ["if", _theirs(n.test), _theirs(n.expr1), _theirs(n.expr2)]
        case nodes.List():
            return ["list", *map(_theirs, n.items)]
        case nodes.Dict():
            return ["map", *[[_theirs(pair.key), _theirs(pair.value)] for pair in n.items]]
        case nodes.BinExpr():
            return [BINARY[type(n)], _theirs(n.left), _theirs(n.right)]
        case nodes.UnaryExpr():
            return [UNARY[type(n)], _theirs(n.node)]
    raise AssertionError(n)


def _their_arguments(n: Any) -> Any:
    return [*[[None, _theirs(a)] for a in n.args], *[[k.key, _theirs(k.value)] for k in n.kwargs]]


def ours(text: str) -> Any:
    """What we understand, as nested lists."""
    found, mistakes = parse_expression(Source("x", text))
    assert not mistakes, (text, mistakes)
    return _ours(found)


def _ours(n: Any) -> Any:
    match n:
        case ast.Literal() | ast.Text():
            return ["const", type(n.value).__name__, n.value]
        case ast.Name():
            return ["name", n.name]
        case ast.Attribute():
            return ["attribute", _ours(n.value), n.name.name]
        case ast.Slice():
            return ["slice", _ours(n.value), *[x and _ours(x) for x in (n.lower, n.upper, n.step)]]
        case ast.Index():
            return ["index", _ours(n.value), _ours(n.index)]
        case ast.Call():
            return ["call", _ours(n.callee), _our_arguments(n)]
        case ast.Filter():
            return ["Filter", _ours(n.value), n.name.name, _our_arguments(n)]
        case ast.Test():
            plain = ["Test", _ours(n.value), n.name.name, _our_arguments(n)]
            return ["not", plain] if n.negated else plain
        case ast.Binary(operator="~"):
            left = _ours(n.left)
            return [*(left if left[0] == "~" and not _is_bracketed(n) else ["~", left]), _ours(n.right)]
        case ast.Compare():
            return ["compare", _ours(n.first), *[[link.operator, _ours(link.operand)] for link in n.rest]]
        case ast.Conditional():
            return ["if", _ours(n.condition), _ours(n.then), _ours(n.otherwise)]
        case ast.List():
            return ["list", *map(_ours, n.items)]
        case ast.Map():
            return ["map", *[[_ours(entry.key), _ours(entry.value)] for entry in n.entries]]
        case ast.Binary() | ast.Logic():
            return [n.operator, _ours(n.left), _ours(n.right)]
        case ast.Unary():
            return [n.operator, _ours(n.operand)]
    raise AssertionError(n)


def _is_bracketed(n: ast.Binary) -> bool:
    """`(a ~ b) ~ c`: Jinja2 keeps the inner one apart, and so it is where the outer one begins with a bracket."""
    return n.start < n.left.start


def _our_arguments(n: Any) -> Any:
    by_place = [[None, _ours(a.value)] for a in n.arguments if a.name is None]
    return [*by_place, *[[a.name.name, _ours(a.value)] for a in n.arguments if a.name is not None]]


_names = st.sampled_from(["a", "b", "lead", "x1", "step", "after"])
_idents = node(ast.Ident, _names)
_texts = node(ast.Text, st.sampled_from(["", "a", "a b", "it is"]))
_atoms = (
    _texts
    | node(ast.Name, _names)
    | node(
        ast.Literal, st.integers(0, 2**40) | st.sampled_from([0.5, 1e-7, 1e16]) | st.sampled_from([True, False, None])
    )
)


def _arguments(expr: Any) -> st.SearchStrategy[Any]:
    """By place first, then by name: Jinja2 allows no other order."""
    placed, named = node(ast.Argument, st.none(), expr), node(ast.Argument, _idents, expr)
    return st.tuples(tuples(placed, 0, 2), tuples(named, 0, 1)).map(lambda pair: pair[0] + pair[1])


def _compound(expr: Any) -> st.SearchStrategy[Any]:
    link = node(ast.Comparison, st.sampled_from(list(COMPARED.values())), expr)
    entry = node(ast.Entry, node(ast.Text, st.sampled_from(["a b", "c-d"])), expr, st.just(False))
    return st.one_of(
        node(ast.Attribute, expr, _idents, st.just(False)),
        node(ast.Index, expr, expr),
        node(ast.Slice, expr, maybe(expr), maybe(expr), maybe(expr)),
        node(ast.Call, expr, _arguments(expr)),
        node(ast.Filter, expr, _idents, _arguments(expr)),
        # Without arguments Jinja2 would take a following `if` or `in` for one.
        node(ast.Test, expr, _idents, _arguments(expr).filter(bool), st.booleans()),
        node(ast.Unary, st.sampled_from(["-", "+", "not"]), expr),
        node(ast.Binary, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~"]), expr, expr),
        node(ast.Compare, expr, tuples(link, 1, 2)),
        node(ast.Logic, st.sampled_from(["and", "or"]), expr, expr),
        node(ast.Conditional, expr, expr, expr),
        node(ast.List, tuples(expr)),
        node(ast.Map, tuples(entry)),
    )


@given(st.recursive(_atoms, _compound, max_leaves=14))
@settings(max_examples=400)
def test_generated_expressions(tree: ast.Expr) -> None:
    text = print_expression(tree)
    assert ours(text) == theirs(text), text


TOKENS = st.sampled_from("a b 1 'x' ( ) [ ] . , + - * ** ~ | == < not in is and or if else defined f(a)".split())


@given(st.lists(TOKENS, min_size=1, max_size=10).map(" ".join))
@settings(max_examples=1500)
def test_any_row_of_tokens(text: str) -> None:
    """Where both accept a row of tokens, both mean the same."""
    _, mistakes = parse_expression(Source("x", text))
    if mistakes:
        return
    try:
        understood = theirs(text)
    except Exception:  # Jinja2 has fewer forms
        return
    assert ours(text) == understood, text


@pytest.mark.parametrize(
    "text",
    [
        "users | selectattr('is_active') | map(attribute='name') | join(', ')",
        "-1 | abs",
        "2 ** 3 ** 2",
        "-2 ** 2",
        "not a is defined and b is not none",
        "a is divisibleby 3 or b is eq c.d",
        "x if y else z if w else v",
        "a ~ b + c ~ d",
        "items[1:-1][::2]",
        "f(1, 2, key=[a, b]).g()[0]['k']",
        "1 < x <= 10 and y not in [1, 2]",
        "foo | default('none') ~ '!'",
        "a.b.c | f(1) | g is h",
        "(a if b else c) | f",
        "x in y == z",
        "1 + -x | f",
    ],
)
def test_examples(text: str) -> None:
    assert ours(text) == theirs(text)

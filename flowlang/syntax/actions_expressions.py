"""What the rules of expressions and types make: one function per name in the grammar.

A function gets the driver's stacks of values and starts, the place of its first symbol there (`v[i]`, the next one is
`v[i + 1]`), the end of the last token, and the parser. It returns the value of the rule. Names end in `_` where Python
has the word.
"""

from __future__ import annotations

from flowlang.record import new
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.parser import Parser

    V = list[Any]
    S = list[int]

LONG = 150
"""No shorter text can nest too deep."""


# ---- what rules share


def absent(v: V, s: S, i: int, e: int, p: Parser) -> None:
    return None


def keep_last(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return v[i + 1]


def empty_tuple(v: V, s: S, i: int, e: int, p: Parser) -> tuple[()]:
    return ()


def empty_list(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    return []


open_list = empty_list


def append_next(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[i]
    found.append(v[i + 1])
    return found


def append_third(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[i]
    found.append(v[i + 2])
    return found


def first_of_list(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    return [v[i]]


def first_two(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    return [v[i], v[i + 2]]


def to_tuple(v: V, s: S, i: int, e: int, p: Parser) -> tuple[Any, ...]:
    return tuple(v[i])


def bracketed_tuple(v: V, s: S, i: int, e: int, p: Parser) -> tuple[Any, ...]:
    return tuple(v[i + 1])


def ident(v: V, s: S, i: int, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[i], e, v[i]))


def ident_last(v: V, s: S, i: int, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[i + 1], e, v[i + 1]))


def none_ident(v: V, s: S, i: int, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[i], e, "none"))


def dotted(v: V, s: S, i: int, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[i], e, v[i].name + "." + v[i + 2]))


def first_name(v: V, s: S, i: int, e: int, p: Parser) -> list[ast.Ident]:
    return [new(ast.Ident, (s[i], e, v[i]))]


def next_name(v: V, s: S, i: int, e: int, p: Parser) -> list[ast.Ident]:
    found: list[ast.Ident] = v[i]
    found.append(new(ast.Ident, (s[i + 2], e, v[i + 2])))
    return found


# ---- expressions


def name(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Name, (s[i], e, v[i]))


def true(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[i], e, True))


def false(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[i], e, False))


def none(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[i], e, None))


def parenthesized(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return v[i + 1]


def conditional(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Conditional, (s[i], e, v[i + 2], v[i], v[i + 4])))


def logic(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Logic, (s[i], e, v[i + 1], v[i], v[i + 2]))
    return node if e - s[i] < LONG else p.bounded(node)


def unary(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Unary, (s[i], e, v[i], v[i + 1]))
    return node if e - s[i] < LONG else p.bounded(node)


def binary(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Binary, (s[i], e, v[i + 1], v[i], v[i + 2]))
    return node if e - s[i] < LONG else p.bounded(node)


def not_in(v: V, s: S, i: int, e: int, p: Parser) -> str:
    return "not in"


def first_link(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    return [v[i], new(ast.Comparison, (s[i + 1], e, v[i + 1], v[i + 2]))]


def next_link(v: V, s: S, i: int, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[i]
    found.append(new(ast.Comparison, (s[i + 1], e, v[i + 1], v[i + 2])))
    return found


def compare(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Compare, (s[i], e, v[i][0], tuple(v[i][1:])))
    return node if e - s[i] < LONG else p.bounded(node)


def filter_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Filter, (s[i], e, v[i], v[i + 2], ()))
    return node if e - s[i] < LONG else p.bounded(node)


def filter_with(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Filter, (s[i], e, v[i], v[i + 2], v[i + 3]))
    return node if e - s[i] < LONG else p.bounded(node)


def test_bare(v: V, s: S, i: int, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[i], ()


def test_with(v: V, s: S, i: int, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[i], v[i + 1]


def test_of(v: V, s: S, i: int, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[i], (new(ast.Argument, (s[i + 1], e, None, v[i + 1])),)


def test_is(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Test, (s[i], e, v[i], v[i + 2][0], v[i + 2][1], False))
    return node if e - s[i] < LONG else p.bounded(node)


def test_is_not(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Test, (s[i], e, v[i], v[i + 3][0], v[i + 3][1], True))
    return node if e - s[i] < LONG else p.bounded(node)


def attribute(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Attribute, (s[i], e, v[i], new(ast.Ident, (s[i + 2], e, v[i + 2])), False))
    return node if e - s[i] < LONG else p.bounded(node)


def optional_attribute(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Attribute, (s[i], e, v[i], new(ast.Ident, (s[i + 2], e, v[i + 2])), True))
    return node if e - s[i] < LONG else p.bounded(node)


def index(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Index, (s[i], e, v[i], v[i + 2]))
    return node if e - s[i] < LONG else p.bounded(node)


def slice_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Slice, (s[i], e, v[i], v[i + 2], v[i + 4], None)))


def slice_step(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Slice, (s[i], e, v[i], v[i + 2], v[i + 4], v[i + 6])))


def call(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Call, (s[i], e, v[i], v[i + 1]))
    return node if e - s[i] < LONG else p.bounded(node)


def no_arguments(v: V, s: S, i: int, e: int, p: Parser) -> tuple[()]:
    return ()


def argument(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Argument, (s[i], e, None, v[i]))


def named_argument(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start = s[i]
    return new(ast.Argument, (start, e, new(ast.Ident, (start, start + len(v[i]), v[i])), v[i + 2]))


def empty_list_literal(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.List, (s[i], e, ()))


def list_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.List, (s[i], e, tuple(v[i + 1])))
    return node if e - s[i] < LONG else p.bounded(node)


def comprehension(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Comprehension, (s[i], e, v[i + 1], tuple(v[i + 3]), v[i + 5], None)))


def comprehension_if(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Comprehension, (s[i], e, v[i + 1], tuple(v[i + 3]), v[i + 5], v[i + 7])))


def map_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    node = new(ast.Map, (s[i], e, tuple(v[i])))
    return node if e - s[i] < LONG else p.bounded(node)


def entry(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start, key = s[i], v[i]
    return new(ast.Entry, (start, e, new(ast.Text, (start, start + len(key), key)), v[i + 2], False))


def text_entry(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    key = v[i]
    if type(key) is not ast.Text:
        return new(ast.Entry, (s[i], e, p.template_as_key(key), v[i + 2], True))
    return new(ast.Entry, (s[i], e, key, v[i + 2], False))


def computed_entry(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Entry, (s[i], e, v[i + 1], v[i + 4], True))


def spread(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Spread, (s[i], e, v[i + 1]))


def shorthand(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start, key = s[i], v[i]
    return new(ast.Entry, (start, e, new(ast.Text, (start, e, key)), new(ast.Name, (start, e, key)), False))


# ---- types


def union(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    members: Any = []
    for member in v[i]:
        if type(member) is ast.UnionType:
            members += member.members
        else:
            members.append(member)
    return new(ast.UnionType, (s[i], e, tuple(members)))


def parenthesized_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return v[i + 1]


def optional_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.OptionalType, (s[i], e, v[i]))


def type_name(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[i], e, v[i], (), ()))


def type_name_of(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[i], e, v[i], v[i + 1], ()))


def type_name_constrained(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[i], e, v[i], (), v[i + 1]))


def type_name_of_constrained(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[i], e, v[i], v[i + 1], v[i + 2]))


def text_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[i], e, p.plain(v[i], "a type").value))


def number_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return _literal_type(s[i], e, v[i], 1)


def negative_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return _literal_type(s[i], e, v[i + 1], -1)


def _literal_type(start: int, end: int, number: ast.Literal | ast.BrokenExpr, sign: int) -> ast.TypeExpr:
    """A number as a type; one without a name for a number that was refused."""
    if isinstance(number, ast.BrokenExpr):
        return ast.TypeName(start, end, ast.Ident(start, end, ""), (), ())
    return ast.LiteralType(start, end, number.value * sign)  # type: ignore[operator]


def true_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[i], e, True))


def false_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[i], e, False))


def record_type(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.RecordType, (s[i], e, tuple(v[i])))


def field(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start, label, at = s[i], v[i + 1], s[i + 1]
    named = new(ast.Ident, (at, at + len(label), label))
    return new(ast.Field, (start, e, v[i], named, v[i + 3], v[i + 4], p.doc(start, at)))

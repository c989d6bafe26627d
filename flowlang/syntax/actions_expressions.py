"""What the rules of expressions and types make: one function per name in the grammar.

A function gets the driver's stacks of values and starts (its own symbols are the last: `v[-1]` is the last symbol),
the end of the last token, and the parser. It returns the value of the rule. Names end in `_` where Python has the word.
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


def absent(v: V, s: S, e: int, p: Parser) -> None:
    return None


def empty_tuple(v: V, s: S, e: int, p: Parser) -> tuple[()]:
    return ()


def empty_list(v: V, s: S, e: int, p: Parser) -> list[Any]:
    return []


open_list = empty_list


def append_next(v: V, s: S, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[-2]
    found.append(v[-1])
    return found


def append_third(v: V, s: S, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[-3]
    found.append(v[-1])
    return found


def first_of_list(v: V, s: S, e: int, p: Parser) -> list[Any]:
    return [v[-1]]


def first_two(v: V, s: S, e: int, p: Parser) -> list[Any]:
    return [v[-3], v[-1]]


def to_tuple(v: V, s: S, e: int, p: Parser) -> tuple[Any, ...]:
    return tuple(v[-1])


def bracketed_tuple(v: V, s: S, e: int, p: Parser) -> tuple[Any, ...]:
    return tuple(v[-2])


def bracketed_tuple_comma(v: V, s: S, e: int, p: Parser) -> tuple[Any, ...]:
    return tuple(v[-3])


def ident(v: V, s: S, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[-1], e, v[-1]))


ident_last = ident


def none_ident(v: V, s: S, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[-1], e, "none"))


def dotted(v: V, s: S, e: int, p: Parser) -> ast.Ident:
    return new(ast.Ident, (s[-3], e, v[-3].name + "." + v[-1]))


def first_name(v: V, s: S, e: int, p: Parser) -> list[ast.Ident]:
    return [new(ast.Ident, (s[-1], e, v[-1]))]


def next_name(v: V, s: S, e: int, p: Parser) -> list[ast.Ident]:
    found: list[ast.Ident] = v[-3]
    found.append(new(ast.Ident, (s[-1], e, v[-1])))
    return found


# ---- expressions


def name(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Name, (s[-1], e, v[-1]))


def true(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[-1], e, True))


def false(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[-1], e, False))


def none(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Literal, (s[-1], e, None))


def parenthesized(v: V, s: S, e: int, p: Parser) -> Any:
    return v[-2]


def conditional(v: V, s: S, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Conditional, (s[-5], e, v[-3], v[-5], v[-1])))


def logic(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Logic, (s[-3], e, v[-2], v[-3], v[-1]))
    return node if e - s[-3] < LONG else p.bounded(node)


def unary(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Unary, (s[-2], e, v[-2], v[-1]))
    return node if e - s[-2] < LONG else p.bounded(node)


def binary(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Binary, (s[-3], e, v[-2], v[-3], v[-1]))
    return node if e - s[-3] < LONG else p.bounded(node)


def not_in(v: V, s: S, e: int, p: Parser) -> str:
    return "not in"


def first_link(v: V, s: S, e: int, p: Parser) -> list[Any]:
    return [v[-3], new(ast.Comparison, (s[-2], e, v[-2], v[-1]))]


def next_link(v: V, s: S, e: int, p: Parser) -> list[Any]:
    found: list[Any] = v[-3]
    found.append(new(ast.Comparison, (s[-2], e, v[-2], v[-1])))
    return found


def compare(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Compare, (s[-1], e, v[-1][0], tuple(v[-1][1:])))
    return node if e - s[-1] < LONG else p.bounded(node)


def filter_(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Filter, (s[-3], e, v[-3], v[-1], ()))
    return node if e - s[-3] < LONG else p.bounded(node)


def filter_with(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Filter, (s[-4], e, v[-4], v[-2], v[-1]))
    return node if e - s[-4] < LONG else p.bounded(node)


def test_bare(v: V, s: S, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[-1], ()


def test_with(v: V, s: S, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[-2], v[-1]


def test_of(v: V, s: S, e: int, p: Parser) -> tuple[ast.Ident, tuple[ast.Argument, ...]]:
    return v[-2], (new(ast.Argument, (s[-1], e, None, v[-1])),)


def test_is(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Test, (s[-3], e, v[-3], v[-1][0], v[-1][1], False))
    return node if e - s[-3] < LONG else p.bounded(node)


def test_is_not(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Test, (s[-4], e, v[-4], v[-1][0], v[-1][1], True))
    return node if e - s[-4] < LONG else p.bounded(node)


def attribute(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Attribute, (s[-3], e, v[-3], new(ast.Ident, (s[-1], e, v[-1])), False))
    return node if e - s[-3] < LONG else p.bounded(node)


def optional_attribute(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Attribute, (s[-3], e, v[-3], new(ast.Ident, (s[-1], e, v[-1])), True))
    return node if e - s[-3] < LONG else p.bounded(node)


def index(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Index, (s[-4], e, v[-4], v[-2]))
    return node if e - s[-4] < LONG else p.bounded(node)


def slice_(v: V, s: S, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Slice, (s[-6], e, v[-6], v[-4], v[-2], None)))


def slice_step(v: V, s: S, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Slice, (s[-8], e, v[-8], v[-6], v[-4], v[-2])))


def call(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Call, (s[-2], e, v[-2], v[-1]))
    return node if e - s[-2] < LONG else p.bounded(node)


def no_arguments(v: V, s: S, e: int, p: Parser) -> tuple[()]:
    return ()


def argument(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Argument, (s[-1], e, None, v[-1]))


def named_argument(v: V, s: S, e: int, p: Parser) -> Any:
    start = s[-3]
    return new(ast.Argument, (start, e, new(ast.Ident, (start, start + len(v[-3]), v[-3])), v[-1]))


def empty_list_literal(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.List, (s[-2], e, ()))


def list_(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.List, (s[-3], e, tuple(v[-2])))
    return node if e - s[-3] < LONG else p.bounded(node)


def list_comma(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.List, (s[-4], e, tuple(v[-3])))
    return node if e - s[-4] < LONG else p.bounded(node)


def comprehension(v: V, s: S, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Comprehension, (s[-7], e, v[-6], tuple(v[-4]), v[-2], None)))


def comprehension_if(v: V, s: S, e: int, p: Parser) -> Any:
    return p.bounded(new(ast.Comprehension, (s[-9], e, v[-8], tuple(v[-6]), v[-4], v[-2])))


def map_(v: V, s: S, e: int, p: Parser) -> Any:
    node = new(ast.Map, (s[-2], e, tuple(v[-2])))
    return node if e - s[-2] < LONG else p.bounded(node)


def entry(v: V, s: S, e: int, p: Parser) -> Any:
    start, key = s[-3], v[-3]
    return new(ast.Entry, (start, e, new(ast.Text, (start, start + len(key), key)), v[-1], False))


def text_entry(v: V, s: S, e: int, p: Parser) -> Any:
    key = v[-3]
    if type(key) is not ast.Text:
        return new(ast.Entry, (s[-3], e, p.template_as_key(key), v[-1], True))
    return new(ast.Entry, (s[-3], e, key, v[-1], False))


def computed_entry(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Entry, (s[-5], e, v[-4], v[-1], True))


def spread(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Spread, (s[-2], e, v[-1]))


def shorthand(v: V, s: S, e: int, p: Parser) -> Any:
    start, key = s[-1], v[-1]
    return new(ast.Entry, (start, e, new(ast.Text, (start, e, key)), new(ast.Name, (start, e, key)), False))


# ---- types


def union(v: V, s: S, e: int, p: Parser) -> Any:
    members: Any = []
    for member in v[-1]:
        if type(member) is ast.UnionType:
            members += member.members
        else:
            members.append(member)
    return new(ast.UnionType, (s[-1], e, tuple(members)))


def parenthesized_type(v: V, s: S, e: int, p: Parser) -> Any:
    return v[-2]


def optional_type(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.OptionalType, (s[-2], e, v[-2]))


def type_name(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[-1], e, v[-1], (), ()))


def type_name_of(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[-2], e, v[-2], v[-1], ()))


def type_name_constrained(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[-2], e, v[-2], (), v[-1]))


def type_name_of_constrained(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeName, (s[-3], e, v[-3], v[-2], v[-1]))


def text_type(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[-1], e, p.plain(v[-1], "a type").value))


def number_type(v: V, s: S, e: int, p: Parser) -> Any:
    return _literal_type(s[-1], e, v[-1], 1)


def negative_type(v: V, s: S, e: int, p: Parser) -> Any:
    return _literal_type(s[-2], e, v[-1], -1)


def _literal_type(start: int, end: int, number: ast.Literal | ast.BrokenExpr, sign: int) -> ast.TypeExpr:
    """A number as a type; one without a name for a number that was refused."""
    if isinstance(number, ast.BrokenExpr):
        return ast.TypeName(start, end, ast.Ident(start, end, ""), (), ())
    return ast.LiteralType(start, end, number.value * sign)  # type: ignore[operator]


def true_type(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[-1], e, True))


def false_type(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.LiteralType, (s[-1], e, False))


def record_type(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.RecordType, (s[-1], e, tuple(v[-1])))


def close_list(v: V, s: S, e: int, p: Parser) -> Any:
    return v[-2]


def field(v: V, s: S, e: int, p: Parser) -> Any:
    start, label, at = s[-5], v[-4], s[-4]
    named = new(ast.Ident, (at, at + len(label), label))
    return new(ast.Field, (start, e, v[-5], named, v[-2], v[-1], p.doc(start, at)))

"""Trees made from the node classes, for hypothesis: every construct, sound by construction, with places of no meaning.

What the parser never makes is not made here: negative literals, templates without holes, empty names.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from flowlang.syntax import ast
from flowlang.syntax.lexing import BRACED, CONTEXTUAL, RESERVED

WORDS = [*sorted(CONTEXTUAL), *sorted(BRACED), "a", "b", "lead", "x1", "_y", "veryLongNameThatFillsALine", "T"]

names = st.sampled_from(WORDS)
words = st.sampled_from([*WORDS, *sorted(RESERVED)])
texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", "{{ x }}", "{%", "{", "\\", "'", '"', "'\"", "\n", "a\tb", "😀", "é\r\n", "#", "}}", '"""', "${x}"]
)
docs = st.just("") | st.lists(st.sampled_from(["One line.", "x", "", "# sharp"]), min_size=1, max_size=3).map("\n".join)


def node(kind: Any, *fields: Any) -> st.SearchStrategy[Any]:
    return st.tuples(*fields).map(lambda values: kind(0, 0, *values))


def tuples(of: Any, low: int = 0, high: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=low, max_size=high).map(tuple)


def maybe(of: Any) -> st.SearchStrategy[Any]:
    return st.none() | of


idents = node(ast.Ident, names)
word_idents = node(ast.Ident, words)
dotted_words = node(ast.Ident, st.lists(words, min_size=1, max_size=2).map(".".join))
plain_texts = node(ast.Text, texts)
numbers = node(
    ast.Literal,
    st.integers(0, 2**63 - 1) | st.floats(0, allow_nan=False, allow_infinity=False).map(abs),
)
constants = node(ast.Literal, st.sampled_from([True, False, None]))
durations = st.sampled_from(
    [
        ast.Duration(0, 0, 30_000_000, "30s"),
        ast.Duration(0, 0, 5_400_000_000, "1.5h"),
        ast.Duration(0, 0, 250_000, "250ms"),
    ]
)
atoms = numbers | constants | durations | plain_texts | node(ast.Name, names)


def arguments(expr: Any, low: int = 0) -> st.SearchStrategy[Any]:
    return tuples(node(ast.Argument, maybe(word_idents), expr), low, 2)


def _template(parts: list[Any]) -> ast.Template:
    """Text and holes; two texts never stand side by side."""
    kept: list[Any] = []
    for part in parts:
        if not (kept and isinstance(part, ast.TemplateText) and isinstance(kept[-1], ast.TemplateText)):
            kept.append(part)
    return ast.Template(0, 0, tuple(kept))


def _templates(expr: Any) -> st.SearchStrategy[Any]:
    text = node(ast.TemplateText, texts.filter(bool))
    return st.tuples(st.lists(text | expr, max_size=2), expr, st.lists(text | expr, max_size=1)).map(
        lambda t: _template([*t[0], t[1], *t[2]])
    )


def _entries(expr: Any) -> st.SearchStrategy[Any]:
    word = node(ast.Text, words)
    shorthand = names.map(lambda n: ast.Entry(0, 0, ast.Text(0, 0, n), ast.Name(0, 0, n), False))
    return (
        node(ast.Entry, word | plain_texts, expr, st.just(False))
        | node(ast.Entry, expr, expr, st.just(True))
        | shorthand
        | node(ast.Spread, expr)
    )


def _compound(expr: Any) -> st.SearchStrategy[Any]:
    link = node(ast.Comparison, st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"]), expr)
    test = node(ast.Ident, st.sampled_from([*WORDS, "none", "true", "false", "in", "a.b"]))
    return st.one_of(
        node(ast.Attribute, expr, word_idents, st.booleans()),
        node(ast.Index, expr, expr),
        node(ast.Slice, expr, maybe(expr), maybe(expr), maybe(expr)),
        node(ast.Call, expr, arguments(expr)),
        node(ast.Filter, expr, dotted_words, arguments(expr)),
        node(ast.Test, expr, test, arguments(expr), st.booleans()),
        node(ast.Unary, st.sampled_from(["-", "+", "not"]), expr),
        node(ast.Binary, st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~"]), expr, expr),
        node(ast.Compare, expr, tuples(link, 1, 2)),
        node(ast.Logic, st.sampled_from(["and", "or"]), expr, expr),
        node(ast.Conditional, expr, expr, expr),
        node(ast.List, tuples(expr)),
        node(ast.Comprehension, expr, tuples(idents, 1, 2), expr, maybe(expr)),
        node(ast.Map, tuples(_entries(expr))),
        _templates(expr),
    )


expressions: st.SearchStrategy[Any] = st.recursive(atoms, _compound, max_leaves=12)

annotations = tuples(node(ast.Annotation, word_idents, arguments(atoms)), 0, 2)


def _type_name(types: Any) -> st.SearchStrategy[Any]:
    name = node(ast.Ident, st.sampled_from([*WORDS, "none", "none", "carriers.Quote", "a.in"]))
    return node(ast.TypeName, name, tuples(types, 0, 2), arguments(atoms))


def _compound_type(types: Any) -> st.SearchStrategy[Any]:
    member = types.filter(lambda t: not isinstance(t, ast.UnionType))
    return st.one_of(
        _type_name(types),
        node(ast.OptionalType, types),
        node(ast.UnionType, tuples(member, 2, 3)),
        node(ast.RecordType, tuples(node(ast.Field, annotations, word_idents, types, maybe(atoms), docs))),
    )


_literal_types = node(
    ast.LiteralType, texts | st.integers(-(2**63) + 1, 2**63 - 1) | st.booleans() | st.sampled_from([0.5, -1e-7, 1.0])
)
types: st.SearchStrategy[Any] = st.recursive(
    _literal_types | node(ast.TypeName, idents, st.just(()), st.just(())), _compound_type, max_leaves=6
)

_few = atoms | node(ast.Attribute, atoms, word_idents, st.just(False)) | _compound(atoms)


def _bodies(statements: Any) -> st.SearchStrategy[Any]:
    return node(ast.Body, tuples(statements, 0, 2).map(_apart))


def _apart(statements: tuple[Any, ...]) -> tuple[Any, ...]:
    """No `ensure` right behind a step or `do`: it would be its clause."""
    kept: list[Any] = []
    for statement in statements:
        if not (kept and isinstance(statement, ast.Ensure) and isinstance(kept[-1], (ast.Step, ast.Do))):
            kept.append(statement)
    return tuple(kept)


def _catches(body: Any) -> st.SearchStrategy[Any]:
    kinds = tuples(node(ast.Ident, st.sampled_from(["timeout", "network", "http", "failed"])), 0, 2)
    return node(ast.Catch, kinds, maybe(idents), maybe(_few), body)


def _blocks(body: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        node(ast.If, tuples(node(ast.Branch, _few, body), 1, 2), maybe(body)),
        node(ast.Match, _few, tuples(node(ast.Case, tuples(_few, 1, 2), body), 0, 2), maybe(body)),
        node(ast.For, tuples(idents, 1, 2), _few, body),
        node(ast.Parallel, body),
        node(ast.Race, body),
        node(ast.Sequence, body),
        node(ast.Repeat, idents, maybe(types), _few, body),
    )


def _clauses(body: Any) -> st.SearchStrategy[Any]:
    return tuples(
        st.one_of(
            node(ast.After, tuples(idents, 1, 2)),
            node(ast.When, _few),
            node(ast.Until, _few, maybe(_few), maybe(_few)),
            node(ast.Ensure, _few, maybe(_few)),
            _catches(body),
            node(ast.Undo, body),
        ),
        0,
        2,
    )


_simple = st.one_of(
    node(ast.Let, idents, maybe(types), _few, docs),
    node(ast.Ensure, _few, maybe(_few)),
    node(ast.Return, _few),
    node(ast.Yield, _few, maybe(_few)),
    node(ast.Step, annotations, idents, maybe(types), _few, st.just(()), docs),
)


def _compound_statement(statements: Any) -> st.SearchStrategy[Any]:
    body = _bodies(statements)
    value = _few | _blocks(body)
    return st.one_of(
        node(ast.Step, annotations, idents, maybe(types), value, _clauses(body), docs),
        node(ast.Do, annotations, value, _clauses(body), st.just(False), docs),
        node(ast.Do, annotations, _blocks(body), _clauses(body), st.just(True), docs),
    )


statements: st.SearchStrategy[Any] = st.recursive(_simple, _compound_statement, max_leaves=5)

params = tuples(node(ast.Param, idents, types, maybe(_few), docs))
_foreign = st.just(ast.Native(0, 0)) | node(ast.PythonBody, plain_texts)
_settings = node(ast.Setting, st.sampled_from([*WORDS, "in"]).map(lambda w: ast.Ident(0, 0, w)), _few)
_fields = node(ast.Field, annotations, word_idents, types, maybe(_few), docs)
_triggers = node(ast.Trigger, idents, arguments(_few), maybe(_few), maybe(node(ast.Map, tuples(_entries(atoms), 0, 2))))
_files = node(ast.Ident, texts)

items: st.SearchStrategy[Any] = st.one_of(
    node(ast.Import, idents, st.just(False), maybe(idents)),
    node(ast.Import, _files, st.just(True), idents),
    node(ast.Config, tuples(_fields), docs),
    node(ast.Let, idents, maybe(types), _few, docs),
    node(ast.TypeDecl, annotations, idents, types, docs),
    node(ast.ServiceDecl, annotations, idents, maybe(plain_texts), tuples(_settings, 1, 2), docs),
    node(ast.ServiceDecl, annotations, idents, plain_texts, st.just(()), docs),
    node(ast.ActionDecl, annotations, idents, tuples(idents, 0, 2), params, maybe(types), _foreign, docs),
    node(ast.FunctionDecl, annotations, idents, tuples(idents, 0, 2), params, maybe(types), _foreign | _few, docs),
    node(
        ast.FlowDecl,
        annotations,
        idents,
        params,
        maybe(types),
        tuples(_triggers, 0, 2),
        node(ast.Body, tuples(statements).map(_apart)),
        tuples(_catches(_bodies(_simple)), 0, 1),
        docs,
    ),
    node(ast.AnnotationDecl, idents, params, tuples(word_idents, 1, 2), docs),
    node(ast.TriggerDecl, idents, params, types, docs),
)  # fmt: skip

files = st.tuples(tuples(items, 0, 4), docs).map(lambda t: ast.File(0, 0, *t))

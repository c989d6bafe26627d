"""What the rules of items, statements, clauses and blocks make: one function per name in the grammar.

The signature is that of `actions_expressions`.
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


def _ident(v: V, s: S, at: int) -> Any:
    """The name that stands at a place of the stacks."""
    start, name = s[at], v[at]
    return new(ast.Ident, (start, start + len(name), name))


# ---- items


def file(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.File, (0, len(p.text), tuple(v[i]), "\n".join(p.file_doc)))


def import_module(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Import, (s[i], e, _ident(v, s, i + 1), False, None))


def import_module_as(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Import, (s[i], e, _ident(v, s, i + 1), False, _ident(v, s, i + 3)))


def import_file(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    path = p.plain(v[i + 1], "an imported path")
    p.import_without_name(path)
    return new(ast.Import, (s[i], e, new(ast.Ident, (path.start, path.end, path.value)), True, None))


def import_file_as(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    path = p.plain(v[i + 1], "an imported path")
    target = new(ast.Ident, (path.start, path.end, path.value))
    return new(ast.Import, (s[i], e, target, True, _ident(v, s, i + 3)))


def config(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Config, (s[i], e, tuple(v[i + 1]), p.doc(s[i], s[i])))


def type_alias(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeDecl, (s[i], e, v[i], _ident(v, s, i + 2), v[i + 4], p.doc(s[i], s[i + 1])))


def type_record(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TypeDecl, (s[i], e, v[i], _ident(v, s, i + 2), v[i + 3], p.doc(s[i], s[i + 1])))


def service(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.ServiceDecl, (s[i], e, v[i], _ident(v, s, i + 2), None, tuple(v[i + 3]), p.doc(s[i], s[i + 1])))


def service_from(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    document = p.plain(v[i + 4], "a document's path")
    return new(ast.ServiceDecl, (s[i], e, v[i], _ident(v, s, i + 2), document, (), p.doc(s[i], s[i + 1])))


def service_from_with(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    document = p.plain(v[i + 4], "a document's path")
    return new(ast.ServiceDecl, (s[i], e, v[i], _ident(v, s, i + 2), document, tuple(v[i + 5]), p.doc(s[i], s[i + 1])))


def setting(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Setting, (s[i], e, _ident(v, s, i), v[i + 2]))


def _callable(cls: Any, v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start = s[i]
    return new(
        cls, (start, e, v[i], _ident(v, s, i + 2), v[i + 3], v[i + 5], v[i + 7], v[i + 9], p.doc(start, s[i + 1]))
    )


def action(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return _callable(ast.ActionDecl, v, s, i, e, p)


def function(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return _callable(ast.FunctionDecl, v, s, i, e, p)


def native(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Native, (s[i], e))


def python_body(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.PythonBody, (s[i], e, p.plain(v[i + 2], "the name of a Python function")))


def type_params(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return tuple(v[i + 1])


def params(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return tuple(v[i])


def param(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Param, (s[i], e, _ident(v, s, i), v[i + 2], v[i + 3], p.doc(s[i], s[i])))


def flow(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start, body = s[i], v[i + 7]
    triggers = p.taken(body, ast.Trigger)
    return new(
        ast.BrokenFlow if s[i + 1] in p.broken_heads else ast.FlowDecl,
        (
            start,
            e,
            v[i],
            _ident(v, s, i + 2),
            v[i + 4],
            v[i + 6],
            triggers,
            body,
            tuple(v[i + 8]),
            p.doc(start, s[i + 1]),
        ),
    )


def annotation_decl(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.AnnotationDecl, (s[i], e, _ident(v, s, i + 1), v[i + 3], tuple(v[i + 6]), p.doc(s[i], s[i])))


def annotation_decl_bare(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.AnnotationDecl, (s[i], e, _ident(v, s, i + 1), (), tuple(v[i + 3]), p.doc(s[i], s[i])))


def trigger_decl(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.TriggerDecl, (s[i], e, _ident(v, s, i + 1), v[i + 3], v[i + 6], p.doc(s[i], s[i])))


def test_decl(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    p.taken(v[i + 2], Mock)
    return new(ast.TestDecl, (s[i], e, p.plain(v[i + 1], "the name of a test")))


def annotation_bare(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Annotation, (s[i], e, _ident(v, s, i + 1), ()))


def annotation(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Annotation, (s[i], e, _ident(v, s, i + 1), v[i + 2]))


# ---- statements


class Mock(ast.Node):
    """`mock crm.get = {…}`: in a test only, which the language reserves; it is in no tree."""

    __slots__ = ()


def body(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    statements, text = v[i], p.text
    before, column = -1, 0
    for statement in statements:
        start = statement.start
        line = text.rfind("\n", 0, start)
        if before >= 0 and ((line < before and "\r" not in text[before:start]) or start - line > column):
            # What only mistakes need is imported only then.
            from flowlang.syntax.lines import put_on_lines

            statements = put_on_lines(p, s[i], statements, e)
            break
        before, column = statement.end, start - line
    node = new(ast.Body, (s[i], e, tuple(statements)))
    for statement in statements:
        if type(statement) is ast.Trigger or type(statement) is Mock:
            return p.set_aside(node, (ast.Trigger, Mock))
    return node


def step(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    start = s[i]
    return new(
        ast.Step, (start, e, v[i], _ident(v, s, i + 2), v[i + 3], v[i + 5], tuple(v[i + 6]), p.doc(start, s[i + 1]))
    )


def do(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Do, (s[i], e, v[i], v[i + 2], tuple(v[i + 3]), False, p.doc(s[i], s[i + 1])))


def implied_do(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Do, (s[i], e, v[i], v[i + 1], tuple(v[i + 2]), True, p.doc(s[i], s[i + 1])))


def let(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Let, (s[i], e, _ident(v, s, i + 1), v[i + 2], v[i + 4], p.doc(s[i], s[i])))


def return_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Return, (s[i], e, v[i + 1]))


def yield_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Yield, (s[i], e, v[i + 1], None))


def yield_next(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Yield, (s[i], e, v[i + 1], v[i + 3]))


def mock(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(Mock, (s[i], e))


def trigger(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Trigger, (s[i], e, _ident(v, s, i + 1), v[i + 2], v[i + 3], v[i + 4]))


def after(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.After, (s[i], e, tuple(v[i + 1])))


def when(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.When, (s[i], e, v[i + 1]))


def until(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Until, (s[i], e, v[i + 1], v[i + 2], v[i + 3]))


def ensure(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Ensure, (s[i], e, v[i + 1], None))


def ensure_else(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Ensure, (s[i], e, v[i + 1], v[i + 3]))


def catch(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Catch, (s[i], e, v[i + 1], v[i + 2], v[i + 3], v[i + 4]))


def undo(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Undo, (s[i], e, v[i + 1]))


# ---- blocks


def first_branch(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return [new(ast.Branch, (s[i], e, v[i + 1], v[i + 2]))]


def next_branch(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    branches = v[i]
    branches.append(new(ast.Branch, (s[i + 2], e, v[i + 3], v[i + 4])))
    return branches


def if_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.If, (s[i], e, tuple(v[i]), None))


def if_else(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.If, (s[i], e, tuple(v[i]), v[i + 2]))


def match(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Match, (s[i], e, v[i + 1], tuple(v[i + 2]), None))


def match_else(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Match, (s[i], e, v[i + 1], tuple(v[i + 2]), v[i + 3]))


def case(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Case, (s[i], e, tuple(v[i + 1]), v[i + 2]))


def for_(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.For, (s[i], e, tuple(v[i + 1]), v[i + 3], v[i + 4]))


def parallel(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Parallel, (s[i], e, v[i + 1]))


def race(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Race, (s[i], e, v[i + 1]))


def sequence(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Sequence, (s[i], e, v[i + 1]))


def repeat(v: V, s: S, i: int, e: int, p: Parser) -> Any:
    return new(ast.Repeat, (s[i], e, _ident(v, s, i + 1), v[i + 2], v[i + 4], v[i + 5]))

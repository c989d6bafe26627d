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


def file(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.File, (0, len(p.text), tuple(v[-1]), "\n".join(p.file_doc)))


def import_module(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Import, (s[-2], e, _ident(v, s, -1), False, None))


def import_module_as(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Import, (s[-4], e, _ident(v, s, -3), False, _ident(v, s, -1)))


def import_file(v: V, s: S, e: int, p: Parser) -> Any:
    path = p.plain(v[-1], "an imported path")
    p.import_without_name(path)
    return new(ast.Import, (s[-2], e, new(ast.Ident, (path.start, path.end, path.value)), True, None))


def import_file_as(v: V, s: S, e: int, p: Parser) -> Any:
    path = p.plain(v[-3], "an imported path")
    target = new(ast.Ident, (path.start, path.end, path.value))
    return new(ast.Import, (s[-4], e, target, True, _ident(v, s, -1)))


def config(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Config, (s[-2], e, tuple(v[-1]), p.doc(s[-2], s[-2])))


def type_alias(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeDecl, (s[-5], e, v[-5], _ident(v, s, -3), v[-1], p.doc(s[-5], s[-4])))


def type_record(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TypeDecl, (s[-4], e, v[-4], _ident(v, s, -2), v[-1], p.doc(s[-4], s[-3])))


def service(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.ServiceDecl, (s[-4], e, v[-4], _ident(v, s, -2), None, tuple(v[-1]), p.doc(s[-4], s[-3])))


def service_from(v: V, s: S, e: int, p: Parser) -> Any:
    document = p.plain(v[-1], "a document's path")
    return new(ast.ServiceDecl, (s[-5], e, v[-5], _ident(v, s, -3), document, (), p.doc(s[-5], s[-4])))


def service_from_with(v: V, s: S, e: int, p: Parser) -> Any:
    document = p.plain(v[-2], "a document's path")
    return new(ast.ServiceDecl, (s[-6], e, v[-6], _ident(v, s, -4), document, tuple(v[-1]), p.doc(s[-6], s[-5])))


def setting(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Setting, (s[-3], e, _ident(v, s, -3), v[-1]))


def _callable(cls: Any, v: V, s: S, e: int, p: Parser) -> Any:
    start = s[-10]
    return new(cls, (start, e, v[-10], _ident(v, s, -8), v[-7], v[-5], v[-3], v[-1], p.doc(start, s[-9])))


def action(v: V, s: S, e: int, p: Parser) -> Any:
    return _callable(ast.ActionDecl, v, s, e, p)


def function(v: V, s: S, e: int, p: Parser) -> Any:
    return _callable(ast.FunctionDecl, v, s, e, p)


def native(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Native, (s[-1], e))


def python_body(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.PythonBody, (s[-4], e, p.plain(v[-2], "the name of a Python function")))


def type_params(v: V, s: S, e: int, p: Parser) -> Any:
    return tuple(v[-2] if v[-2] != "," else v[-3])


def params(v: V, s: S, e: int, p: Parser) -> Any:
    return tuple(v[-1] if v[-1] != "," else v[-2])


def param(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Param, (s[-4], e, _ident(v, s, -4), v[-2], v[-1], p.doc(s[-4], s[-4])))


def flow(v: V, s: S, e: int, p: Parser) -> Any:
    start, body = s[-9], v[-2]
    triggers = p.taken(body, ast.Trigger)
    return new(
        ast.BrokenFlow if s[-8] in p.broken_heads else ast.FlowDecl,
        (start, e, v[-9], _ident(v, s, -7), v[-5], v[-3], triggers, body, tuple(v[-1]), p.doc(start, s[-8])),
    )


def annotation_decl(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.AnnotationDecl, (s[-7], e, _ident(v, s, -6), v[-4], tuple(v[-1]), p.doc(s[-7], s[-7])))


def annotation_decl_bare(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.AnnotationDecl, (s[-4], e, _ident(v, s, -3), (), tuple(v[-1]), p.doc(s[-4], s[-4])))


def trigger_decl(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.TriggerDecl, (s[-7], e, _ident(v, s, -6), v[-4], v[-1], p.doc(s[-7], s[-7])))


def test_decl(v: V, s: S, e: int, p: Parser) -> Any:
    p.taken(v[-1], Mock)
    return new(ast.TestDecl, (s[-3], e, p.plain(v[-2], "the name of a test")))


def annotation_bare(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Annotation, (s[-2], e, _ident(v, s, -1), ()))


def annotation(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Annotation, (s[-3], e, _ident(v, s, -2), v[-1]))


# ---- statements


class Mock(ast.Node):
    """`mock crm.get = {…}`: in a test only, which the language reserves; it is in no tree."""

    __slots__ = ()


def body(v: V, s: S, e: int, p: Parser) -> Any:
    statements, text = v[-2], p.text
    before, column = -1, 0
    for statement in statements:
        start = statement.start
        line = text.rfind("\n", 0, start)
        if before >= 0 and ((line < before and "\r" not in text[before:start]) or start - line > column):
            # What only mistakes need is imported only then.
            from flowlang.syntax.lines import put_on_lines

            statements = put_on_lines(p, s[-2], statements, e)
            break
        before, column = statement.end, start - line
    node = new(ast.Body, (s[-2], e, tuple(statements)))
    for statement in statements:
        if type(statement) is ast.Trigger or type(statement) is Mock:
            return p.set_aside(node, (ast.Trigger, Mock))
    return node


def step(v: V, s: S, e: int, p: Parser) -> Any:
    start = s[-7]
    return new(ast.Step, (start, e, v[-7], _ident(v, s, -5), v[-4], v[-2], tuple(v[-1]), p.doc(start, s[-6])))


def do(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Do, (s[-4], e, v[-4], v[-2], tuple(v[-1]), False, p.doc(s[-4], s[-3])))


def implied_do(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Do, (s[-3], e, v[-3], v[-2], tuple(v[-1]), True, p.doc(s[-3], s[-2])))


def let(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Let, (s[-5], e, _ident(v, s, -4), v[-3], v[-1], p.doc(s[-5], s[-5])))


def return_(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Return, (s[-2], e, v[-1]))


def yield_(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Yield, (s[-2], e, v[-1], None))


def yield_next(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Yield, (s[-4], e, v[-3], v[-1]))


def mock(v: V, s: S, e: int, p: Parser) -> Any:
    return new(Mock, (s[-4], e))


def trigger(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Trigger, (s[-5], e, _ident(v, s, -4), v[-3], v[-2], v[-1]))


def after(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.After, (s[-2], e, tuple(v[-1])))


def when(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.When, (s[-2], e, v[-1]))


def until(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Until, (s[-4], e, v[-3], v[-2], v[-1]))


def ensure(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Ensure, (s[-2], e, v[-1], None))


def ensure_else(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Ensure, (s[-4], e, v[-3], v[-1]))


def catch(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Catch, (s[-5], e, v[-4], v[-3], v[-2], v[-1]))


def undo(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Undo, (s[-2], e, v[-1]))


# ---- blocks


def first_branch(v: V, s: S, e: int, p: Parser) -> Any:
    return [new(ast.Branch, (s[-3], e, v[-2], v[-1]))]


def next_branch(v: V, s: S, e: int, p: Parser) -> Any:
    branches = v[-5]
    branches.append(new(ast.Branch, (s[-3], e, v[-2], v[-1])))
    return branches


def if_(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.If, (s[-1], e, tuple(v[-1]), None))


def if_else(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.If, (s[-3], e, tuple(v[-3]), v[-1]))


def match(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Match, (s[-4], e, v[-3], tuple(v[-2]), None))


def match_else(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Match, (s[-5], e, v[-4], tuple(v[-3]), v[-2]))


def case(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Case, (s[-3], e, tuple(v[-2]), v[-1]))


def for_(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.For, (s[-5], e, tuple(v[-4]), v[-2], v[-1]))


def parallel(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Parallel, (s[-2], e, v[-1]))


def race(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Race, (s[-2], e, v[-1]))


def sequence(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Sequence, (s[-2], e, v[-1]))


def repeat(v: V, s: S, e: int, p: Parser) -> Any:
    return new(ast.Repeat, (s[-6], e, _ident(v, s, -5), v[-4], v[-2], v[-1]))

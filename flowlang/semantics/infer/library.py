"""Facts about what a program uses of the standard library: annotations on its actions, functions whose body is an
expression.

Only what is used is looked at, so that a program pays for nothing else. The library is ours: a mistake in it is a bug
and raised as one.
"""

from __future__ import annotations

from flowlang.semantics.facts import CheckedFile, Symbol
from flowlang.semantics.infer.annotations import check_annotations
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Inference, Wanted
from flowlang.semantics.scopes import Scope
from flowlang.semantics.type_expressions import TypeNames
from flowlang.source import Source
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.facts import Signature
    from flowlang.semantics.state import ProgramState


def infer_library(state: ProgramState, done: set[int]) -> None:
    """Infer what is used of the library, and what that uses; `done` are ids of the nodes that have been."""
    while True:
        pending = [each for each in state.library.values() if id(each.node) not in done and each.node is not None]
        if not pending:
            return
        for signature in pending:
            done.add(id(signature.node))
            _one(state, signature)


def _one(state: ProgramState, signature: Signature) -> None:
    module = signature.file.removeprefix("stdlib/").removesuffix(".flow")
    names = {
        name: Symbol(name, kind, None, signature.file, "")
        for kind, known in (("type", state.catalog.types(module)),)
        for name in known
    }
    file = CheckedFile(signature.file, Source(signature.file, ""), ast.File(0, 0, (), ""), names)
    before = len(state.reporter.found)
    state.reporter.file = signature.file
    c = Inference(state, file, TypeNames(state, names, {}, True), {})
    scope = Scope(c.scope)
    node = signature.node
    if isinstance(node, ast.FunctionDecl) and signature.body == "expression":
        for param, declared in zip(signature.params, node.params, strict=True):
            declare(c, scope, declared.name, "param", declared, param.type)
        c.scope = scope
        c.expect(node.body, signature.result, Wanted("its result"))  # type: ignore[arg-type]
    elif isinstance(node, (ast.ActionDecl, ast.FunctionDecl)):
        c.scope = scope
        target = "action" if isinstance(node, ast.ActionDecl) else "function"
        check_annotations(c, node.annotations, target, signature.result)
    if len(state.reporter.found) > before:
        raise AssertionError(f"{signature.file}: {state.reporter.found[before]}")

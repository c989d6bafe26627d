"""Facts about what a program uses of the standard library: annotations on its actions, functions whose body is an
expression.

Who lowers a program asks for them; a check does not. Only what is used is looked at, so that a program pays for nothing
else. The library is ours: a mistake in it is a bug and raised as one.
"""

from __future__ import annotations

from flowlang.semantics.facts import CheckedFile, Symbol
from flowlang.semantics.infer.annotations import check_annotations
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Inference, Wanted
from flowlang.semantics.scopes import Scope
from flowlang.semantics.state import ProgramState
from flowlang.semantics.type_expressions import TypeNames
from flowlang.source import Source
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.semantics.catalog import Catalog
    from flowlang.semantics.facts import Facts, Program, Signature


def infer_library(program: Program, catalog: Catalog) -> None:
    """Infer what a program uses of the library, and what that uses; the facts are put to those of the program."""
    state = ProgramState(program.root, catalog)
    state.facts = program.facts
    done: set[int] = set()
    while pending := {id(each.node): each for each in _used(program.facts) if id(each.node) not in done}:
        for signature in pending.values():
            _one(state, signature)
        done.update(pending)


def _used(facts: Facts) -> Iterator[Signature]:
    """The signatures of the library that are called and have annotations, or an expression for a body."""
    for fact in facts.calls.values():
        signature = fact.signature
        is_known_by_itself = not signature.annotations and signature.body != "expression"
        if signature.node is not None and signature.file.startswith("stdlib/") and not is_known_by_itself:
            yield signature


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

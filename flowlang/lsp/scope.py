"""The names that mean something at a place of a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Facts, Symbol
    from flowlang.types.model import Type

    Visible = tuple[str, Symbol, Type | None]


def visible(snapshot: Snapshot, chain: list[ast.Node]) -> Iterator[Visible]:
    """Each name with what it is and its type, from the inside out."""
    facts = snapshot.facts
    around = {id(node) for node in chain}
    for node in reversed(chain):
        for declaring, ident in _declared(node):
            symbol = facts.symbols.get(id(ident)) or facts.symbols.get(id(declaring))
            if symbol is not None and not (isinstance(declaring, (ast.Step, ast.Let)) and id(declaring) in around):
                yield ident.name, symbol, declared_type(facts, declaring)
    for name, symbol in snapshot.file.names.items() if snapshot.file is not None else ():
        if symbol.kind not in ("broken", "type"):
            yield name, symbol, declared_type(facts, symbol.node)


def _declared(node: ast.Node) -> Iterator[tuple[ast.Node, ast.Ident]]:
    """What a node declares for what stands in it."""
    match node:
        case ast.Body(statements=statements):
            for each in statements:
                if isinstance(each, (ast.Step, ast.Let)):
                    yield each, each.name
        case ast.FlowDecl(params=params) | ast.FunctionDecl(params=params):
            yield from ((param, param.name) for param in params)
        case ast.For(names=names) | ast.Comprehension(names=names):
            yield from ((ident, ident) for ident in names)
        case ast.Catch(binding=binding) if binding is not None:
            yield binding, binding
        case ast.Repeat(name=name):
            yield node, name


def declared_type(facts: Facts, node: ast.Node | None) -> Type | None:
    """The type of what a node declares: as it is written, else that of its value."""
    if isinstance(node, (ast.Param, ast.Field)):
        return facts.type_exprs.get(id(node.type))
    if isinstance(node, (ast.Step, ast.Let)):
        written = facts.type_exprs.get(id(node.type)) if node.type is not None else None
        return written or facts.types.get(id(node.value))
    return None

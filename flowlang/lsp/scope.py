"""The names that mean something at a place of a tree."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from flowlang.semantics.facts import Symbol
from flowlang.semantics.presence import TRUE
from flowlang.syntax import ast
from flowlang.types.join import optional

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Facts
    from flowlang.types.model import Type

    Visible = tuple[str, Symbol, Type | None]


CLAUSES_AFTER: Final = (ast.Until, ast.Ensure)
"""The clauses that see the value of their own step."""


def visible(snapshot: Snapshot, chain: list[ast.Node]) -> Iterator[Visible]:
    """Each name with what it is and its type, from the inside out; without what cannot be used in itself."""
    facts = snapshot.facts
    hidden = _hidden(chain)
    trigger = next((node for node in chain if isinstance(node, ast.Trigger)), None)
    if trigger is not None:
        yield from _arrived(snapshot, trigger)
        chain = []
    for node, inner in zip(reversed(chain), [None, *reversed(chain)], strict=False):
        for declaring, ident in _declared(node, inner):
            symbol = facts.symbols.get(id(ident)) or facts.symbols.get(id(declaring))
            if symbol is not None and id(declaring) not in hidden:
                yield ident.name, symbol, declared_type(facts, declaring)
    for name, symbol in snapshot.file.names.items() if snapshot.file is not None else ():
        if symbol.kind not in ("broken", "type") and id(symbol.node) not in hidden:
            yield name, symbol, declared_type(facts, symbol.node)


def _hidden(chain: list[ast.Node]) -> set[int]:
    """What stands in its own declaration, but for a step whose value a clause looks at."""
    kinds = (ast.Step, ast.Let, ast.Param, ast.FlowDecl, ast.FunctionDecl, ast.ServiceDecl)
    return {
        id(node) for node, inner in pairwise(chain) if isinstance(node, kinds) and not isinstance(inner, CLAUSES_AFTER)
    }


def _arrived(snapshot: Snapshot, trigger: ast.Trigger) -> Iterator[Visible]:
    """What a trigger sees beside the file's names: what has arrived, under the trigger's own name."""
    fact = snapshot.facts.annotations.get(id(trigger))
    if fact is not None:
        name = trigger.name.name
        yield name, Symbol(name, "trigger", trigger, snapshot.path, name), fact.result


def _declared(node: ast.Node, inner: ast.Node | None) -> Iterator[tuple[ast.Node, ast.Ident]]:
    """What a node declares for the one within it that is looked from."""
    match node:
        case ast.Body(statements=statements):
            for each in statements:
                if isinstance(each, (ast.Step, ast.Let)):
                    yield each, each.name
        case ast.FlowDecl(params=params) | ast.FunctionDecl(params=params):
            yield from ((param, param.name) for param in params)
        case ast.For(names=names, iterable=begin) | ast.Comprehension(names=names, iterable=begin) if (
            inner is not begin
        ):
            yield from ((ident, ident) for ident in names)
        case ast.Catch(binding=binding) if binding is not None:
            yield binding, binding
        case ast.Repeat(name=name, initial=begin) if inner is not begin:
            yield node, name


def declared_type(facts: Facts, node: ast.Node | None) -> Type | None:
    """The type of what a node declares: as it is written, else that of its value, or none where it may be skipped."""
    if isinstance(node, (ast.Param, ast.Field)):
        return facts.type_exprs.get(id(node.type))
    if isinstance(node, (ast.Step, ast.Let)):
        written = facts.type_exprs.get(id(node.type)) if node.type is not None else None
        found = written or facts.types.get(id(node.value))
        is_sure = facts.presence.get(id(node), TRUE) == TRUE
        return found if found is None or is_sure else optional(found)
    if isinstance(node, ast.Repeat):
        node = node.name
    return facts.types.get(id(node)) if isinstance(node, ast.Ident) else None


def config_fields(snapshot: Snapshot) -> Iterator[tuple[ast.Field, Type]]:
    """The values of the configuration that a file declares."""
    for item in snapshot.file.tree.items if snapshot.file is not None else ():
        for field in item.fields if isinstance(item, ast.Config) else ():
            of = snapshot.facts.type_exprs.get(id(field.type))
            if of is not None:
                yield field, of

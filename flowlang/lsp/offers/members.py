"""Behind a dot: fields of a value, members of an import, operations of a service, the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.calls import kind_of_call
from flowlang.lsp.offers.desk import KINDS, Import, Kind, Rank
from flowlang.lsp.scope import config_fields, declared_type
from flowlang.syntax import ast
from flowlang.types.assign import reveal
from flowlang.types.join import members
from flowlang.types.model import RecordOf, Secret
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.cursor import Probe
    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.semantics.facts import Symbol
    from flowlang.types.model import Type


def members_of_value(desk: Desk) -> Iterator[Item]:
    """What the value before the dot has."""
    found = desk.found
    node = next((n for n in reversed(found.chain) if isinstance(n, ast.Attribute)), None) if found else None
    if found is None or node is None:
        return
    facts = found.snapshot.facts
    holder = facts.symbols.get(id(node.value))
    if isinstance(node.value, ast.Name) and holder is None:
        holder = found.names.get(node.value.name)
        if holder is None and desk.catalog.is_module(node.value.name):
            yield from _module(desk, node.value.name, Import(node.value.name))
            return
    if holder is not None and holder.kind in ("module", "service", "config", "file"):
        yield from _held(desk, found, holder)
    else:
        of = facts.types.get(id(node.value))
        yield from fields(desk, of) if of is not None else ()


def members_of_filter(desk: Desk) -> Iterator[Item]:
    """The functions of the import before the dot of a filter's name."""
    named = re.search(r"(\w+)\.$", desk.before)
    holder = desk.settled.file.names.get(named[1]) if named is not None and desk.settled.file is not None else None
    if holder is not None and holder.kind == "module":
        yield from _module(desk, holder.qualified, None, "function")
    elif holder is not None and holder.kind == "file" and desk.found is not None:
        yield from _file(desk, desk.found, holder, ("function",))
    elif named is not None and holder is None and desk.catalog.is_module(named[1]):
        yield from _module(desk, named[1], Import(named[1]), "function")


def members_of_test(desk: Desk) -> Iterator[Item]:
    """The same of a test's name, as far as they answer yes or no; `is_` is left out."""
    for item in members_of_filter(desk):
        if (item.detail or "").endswith("-> bool"):
            yield desk.offer(item.label.removeprefix("is_"), Kind.Function, detail=item.detail or "")


def fields(desk: Desk, of: Type) -> Iterator[Item]:
    """The fields of the records in a type."""
    for each in members(of):
        inner = reveal(each.inner if isinstance(each, Secret) else each)
        if isinstance(inner, RecordOf):
            for field in inner.fields:
                yield desk.offer(field.name, Kind.Field, detail=show(field.type))


def _held(desk: Desk, found: Probe, holder: Symbol) -> Iterator[Item]:
    if holder.kind == "module":
        yield from _module(desk, holder.qualified, None)
    elif holder.kind == "file":
        yield from _file(desk, found, holder, ("flow", "function", "action", "service", "const"))
    elif holder.kind == "config":
        for field, of in config_fields(found.snapshot):
            yield desk.offer(field.name.name, Kind.Field, Rank.NEAR, detail=show(of), doc=field.doc)
    else:
        for name in desk.catalog.members("service"):
            signature = desk.catalog.operation(name)
            if signature is not None:
                yield desk.signature(signature, name, Kind.Method)


def _module(desk: Desk, module: str, needs: Import | None, only: str = "") -> Iterator[Item]:
    """Members of a module; of one that is not imported together with its import."""
    for name in desk.catalog.members(module):
        signature = desk.catalog.member(module, name)
        if signature is not None and only in ("", signature.kind):
            yield desk.signature(signature, name, kind_of_call(signature), needs=needs)


def _file(desk: Desk, found: Probe, holder: Symbol, kinds: tuple[str, ...]) -> Iterator[Item]:
    """What an imported file declares that is a value or can be called."""
    other, facts = found.snapshot.program.files.get(holder.qualified), found.snapshot.facts
    for name, symbol in other.names.items() if other is not None else ():
        if symbol.kind not in kinds:
            continue
        signature = facts.signatures.get(id(symbol.node))
        if signature is not None:
            yield desk.signature(signature, name, kind_of_call(signature))
        else:
            of = declared_type(facts, symbol.node)
            detail = symbol.kind if of is None else f"{symbol.kind}: {show(of)}"
            yield desk.offer(name, KINDS[symbol.kind], detail=detail, doc=getattr(symbol.node, "doc", ""))

"""In quotes: literals of the type that is wanted there, names of fields, filters, tests and formats, paths of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.calls import filter_signatures, fits, test_signatures
from flowlang.lsp.offers.desk import Kind, Rank
from flowlang.lsp.offers.elsewhere import paths, templates
from flowlang.lsp.offers.members import fields
from flowlang.lsp.offers.positions import constrained_type, names_format
from flowlang.lsp.offers.type_names import formats
from flowlang.lsp.offers.values import literals
from flowlang.lsp.places import span
from flowlang.lsp.wanted import parameter_at, wanted_type
from flowlang.types.generics import unify
from flowlang.types.join import members
from flowlang.types.members import Member, attribute
from flowlang.types.model import FieldName, FilterName, TestName, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.cursor import Probe
    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.syntax import ast
    from flowlang.types.model import Type


def texts(desk: Desk) -> Iterator[Item]:
    """What the text at the cursor may be."""
    text, opened = desk.source.text, desk.cursor.open
    quote, at = opened[-1]
    before = text[text.rfind("\n", 0, at) + 1 : at]
    begin = at + len(quote)
    desk.range = span(desk.source, begin, desk.cursor.offset)
    if re.search(r"^\s*import\s+$", before):
        yield from paths(desk)
    elif len(opened) > 1 and opened[-2][0] == "(" and constrained_type(text, opened[:-1]):
        if names_format(before):
            yield from formats(desk)
    elif desk.found is not None:
        yield from _values(desk, desk.found, begin)


def _values(desk: Desk, found: Probe, begin: int) -> Iterator[Item]:
    for literal in literals(wanted_type(found)):
        if isinstance(literal.value, str):
            yield desk.offer(literal.value, Kind.EnumMember, Rank.WANTED)
    at = parameter_at(found)
    if at is not None and at[1].name == "template" and _is_render(found, at[0]):
        yield from templates(desk)
    for each in members(at[1].type) if at is not None else ():
        match each:
            case FieldName(record=TypeVar(name=name)):
                yield from _fields(desk, _bound(found, name), begin)
            case FilterName():
                of = _bound(found, "T")
                for name, signature in filter_signatures(desk):
                    yield desk.signature(signature, name, rank=Rank.NEAR if fits(signature, of) else Rank.MISFIT)
            case TestName():
                of = _bound(found, "T")
                for name, signature in test_signatures(desk):
                    yield desk.signature(signature, name, rank=Rank.NEAR if fits(signature, of) else Rank.MISFIT)


def _is_render(found: Probe, node: ast.Node) -> bool:
    call = found.snapshot.facts.calls.get(id(node))
    return call is not None and call.signature.name == "text.render"


def _fields(desk: Desk, of: Type | None, begin: int) -> Iterator[Item]:
    """The fields of a record, or of what a dotted path leads to; only the last name is replaced."""
    path = desk.source.text[begin : desk.cursor.start].rpartition(",")[2].strip()
    desk.range = span(desk.source, desk.cursor.start, desk.cursor.offset)
    if of is not None and path:
        found = attribute(of, path.rstrip("."))
        of = found.type if isinstance(found, Member) else None
    yield from fields(desk, of) if of is not None else ()


def _bound(found: Probe, name: str) -> Type | None:
    """What the other arguments of the call bind a type parameter to."""
    facts, node = found.snapshot.facts, found.chain[-3]
    bindings: dict[str, Type] = {}
    for param, value in facts.calls[id(node)].arguments:
        of = None if value is None else facts.types.get(id(value))
        if of is not None:
            unify(param.type, of, bindings)
    return bindings.get(name)

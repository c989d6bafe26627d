"""Where a type is wanted: the types there are, those of imports, and the constraints of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.desk import KINDS, Import, Kind, Rank
from flowlang.lsp.offers.elsewhere import names_elsewhere
from flowlang.lsp.offers.positions import constrained_type
from flowlang.syntax import ast
from flowlang.types.builtin import PLAIN, generic
from flowlang.types.constraints import words_of
from flowlang.types.formats import FORMATS
from flowlang.types.model import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.semantics.facts import Symbol
    from flowlang.types.model import Type

GENERIC: Final = ("list", "map", "secret")


def type_names(desk: Desk) -> Iterator[Item]:
    """The types a file may name, nearest first."""
    yield from desk.words((*PLAIN, *GENERIC))
    names = _names(desk)
    for name, symbol in names.items():
        if symbol.kind == "type":
            yield _declared(desk, symbol, name)
        elif symbol.kind in ("module", "file"):
            inner = list(_types_in(desk, symbol, f"{name}."))
            if inner:
                yield desk.offer(name, Kind.Module, Rank.GENERAL, detail=symbol.kind)
                yield from inner
    for module in desk.catalog.modules():
        if module not in names:
            for each in desk.catalog.types(module):
                yield desk.offer(f"{module}.{each}", Kind.Struct, Rank.FAR, needs=Import(module))
    yield from names_elsewhere(desk, names, is_type=True)


def types_within(desk: Desk) -> Iterator[Item]:
    """The types of the import before the dot, which is added if it is missing."""
    found = re.search(r"(\w+)\.$", desk.before)
    holder = found[1] if found is not None else ""
    symbol = _names(desk).get(holder)
    if symbol is not None:
        yield from _types_in(desk, symbol, "")
    elif desk.catalog.is_module(holder):
        for each in desk.catalog.types(holder):
            yield desk.offer(each, Kind.Struct, Rank.NEAR, needs=Import(holder))


def _names(desk: Desk) -> dict[str, Symbol]:
    return {} if desk.settled.file is None else desk.settled.file.names


def _types_in(desk: Desk, symbol: Symbol, prefix: str) -> Iterator[Item]:
    if symbol.kind == "module":
        for name in desk.catalog.types(symbol.qualified):
            yield desk.offer(f"{prefix}{name}", Kind.Struct, Rank.NEAR)
    elif symbol.kind == "file":
        other = desk.settled.program.files.get(symbol.qualified)
        for name, each in other.names.items() if other is not None else ():
            if each.kind == "type":
                yield _declared(desk, each, f"{prefix}{name}")


def _declared(desk: Desk, symbol: Symbol, label: str) -> Item:
    return desk.offer(label, KINDS["type"], Rank.NEAR, doc=getattr(symbol.node, "doc", ""))


# ---- constraints


def constraints(desk: Desk) -> Iterator[Item]:
    """The constraints that the type before the parenthesis takes, without those it has."""
    opened = desk.cursor.open
    of = _named(desk, constrained_type(desk.source.text, opened))
    text = desk.source.text
    end = text.find(")", desk.cursor.offset)
    written = text[opened[-1][1] : desk.cursor.start] + text[desk.cursor.offset : end if end >= 0 else None]
    given = set(re.findall(r"(\w+)\s*=", written.partition("\n")[0]))
    for word in words_of(of) if of is not None else ():
        if word not in given:
            yield desk.offer(f"{word}=", Kind.Property, Rank.WANTED, detail="constraint")


def formats(desk: Desk) -> Iterator[Item]:
    """The formats of text, with quotes where there are none yet."""
    quote = "" if desk.cursor.mode == "text" else "'"
    for name, (_, meaning) in FORMATS.items():
        yield desk.offer(name, Kind.EnumMember, Rank.WANTED, detail=meaning, insert=f"{quote}{name}{quote}")


def _named(desk: Desk, written: str) -> Type | None:
    """What the name of a type means, without what stands in its brackets."""
    name = written.partition("[")[0].strip()
    if name in GENERIC and "[" in written:
        return generic(name, ANY)
    head, dot, inner = name.partition(".")
    symbol = _names(desk).get(head)
    if dot and symbol is not None and symbol.kind == "file":
        other = desk.settled.program.files.get(symbol.qualified)
        symbol = other.names.get(inner) if other is not None else None
    if symbol is None or not isinstance(symbol.node, ast.TypeDecl):
        return PLAIN.get(name)
    return desk.settled.facts.type_exprs.get(id(symbol.node.type))

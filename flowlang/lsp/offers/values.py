"""Where a value is wanted: arguments, literals and keys of the wanted type, names in scope, the library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.calls import arguments, kind_of_call
from flowlang.lsp.offers.desk import KINDS, Import, Kind, Rank
from flowlang.lsp.offers.elsewhere import names_elsewhere
from flowlang.lsp.offers.words import behind_operand, is_behind_operand, operand_words
from flowlang.lsp.scope import config_fields, visible
from flowlang.lsp.wanted import wanted_shapes, wanted_type
from flowlang.lsp.words import CLAUSE_WORDS, ITEM_WORDS, STATEMENT_WORDS
from flowlang.syntax import ast
from flowlang.types.assign import assignable, is_optional
from flowlang.types.join import members
from flowlang.types.model import Any, LiteralOf, RecordOf, Secret
from flowlang.types.show import show, show_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.cursor import Probe
    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.semantics.facts import Symbol
    from flowlang.types.model import Field, Type


def values(desk: Desk) -> Iterator[Item]:
    """What an expression may begin with, or go on with; words of statements where one begins."""
    before = desk.before.strip()
    if not before and not desk.cursor.open:
        yield from desk.words(ITEM_WORDS)
        if desk.source.text[: desk.cursor.start].rstrip().endswith("}"):
            yield from desk.words(("catch",))  # of the flow above
        return
    if is_behind_operand(before):
        yield from behind_operand(desk)
        return
    found = desk.found
    if found is None:
        return
    if not before and not desk.cursor.is_in_hole and isinstance(_around(found), ast.Body):
        yield from desk.words((*STATEMENT_WORDS, *CLAUSE_WORDS))
        return
    entry = _entry_at(found)
    yield from _operands(desk, found) if entry is None else _keys(desk, found, *entry)


def _around(found: Probe) -> ast.Node | None:
    """The innermost body, map, list or record type around the word."""
    kinds = (ast.Body, ast.Map, ast.List, ast.Call, ast.RecordType, ast.Annotation, ast.Match)
    return next((node for node in reversed(found.chain) if isinstance(node, kinds)), None)


def _operands(desk: Desk, found: Probe) -> Iterator[Item]:
    wanted = wanted_type(found)
    yield from arguments(desk, found)
    for literal in literals(wanted):
        yield desk.offer(show_literal(literal.value), Kind.EnumMember, Rank.WANTED)
    yield from _configured(desk, found, wanted)
    yield from _makers(desk, found, wanted)
    yield from _names(desk, found, wanted)
    yield desk.offer("config", Kind.Module, Rank.NEAR, detail="configuration")
    for name in desk.catalog.members("prelude"):
        signature = desk.catalog.prelude(name)
        if signature is not None and name not in found.names:
            rank = Rank.LIBRARY if signature.kind == "function" or _is_head(found) else Rank.MISFIT
            yield desk.signature(signature, name, kind_of_call(signature), rank)
    yield from operand_words(desk)
    for module in desk.catalog.modules():
        if module not in found.names and any(True for _ in desk.catalog.members(module)):
            yield desk.offer(module, Kind.Module, Rank.FAR, detail="module", needs=Import(module))
    yield from names_elsewhere(desk, found.names, is_type=False)


def _names(desk: Desk, found: Probe, wanted: Type | None) -> Iterator[Item]:
    """Names in scope: those whose value fits first, what only a step may call last where no step begins."""
    facts = found.snapshot.facts
    for name, symbol, of in visible(found.snapshot, found.chain):
        signature = facts.signatures.get(id(symbol.node))
        given = of if signature is None else signature.result
        rank = Rank.FITS if _fits(given, wanted) else Rank.NEAR
        if symbol.kind in ("flow", "action", "service") and not _is_head(found):
            rank = Rank.MISFIT
        if signature is not None:
            yield desk.signature(signature, name, kind_of_call(signature), rank)
        else:
            yield _name(desk, name, symbol, of, rank)


def _configured(desk: Desk, found: Probe, wanted: Type | None) -> Iterator[Item]:
    """The values of the configuration of the very type that is wanted; none where anything goes."""
    if wanted is None or any(isinstance(_bare(each), Any) for each in members(wanted)):
        return
    is_secret = any(isinstance(each, Secret) for each in members(wanted))
    for field, of in config_fields(found.snapshot):
        if _fits(of, wanted) and isinstance(of, Secret) == is_secret:
            yield desk.offer(f"config.{field.name.name}", Kind.Field, Rank.FITS, detail=show(of), doc=field.doc)


def _makers(desk: Desk, found: Probe, wanted: Type | None) -> Iterator[Item]:
    """Functions of the library's modules that make the record that is wanted, such as `auth.bearer`."""
    if wanted is None or not any(isinstance(each, RecordOf) for each in members(wanted)):
        return
    imported = {symbol.qualified: name for name, symbol in found.names.items() if symbol.kind == "module"}
    for module in desk.catalog.modules():
        needs = None if module in imported else Import(module)
        for name in desk.catalog.members(module):
            signature = desk.catalog.member(module, name)
            if signature is not None and signature.kind == "function" and _fits(signature.result, wanted):
                label = f"{imported.get(module, module)}.{name}"
                yield desk.signature(signature, label, rank=Rank.FITS, needs=needs)


def _fits(of: Type | None, wanted: Type | None) -> bool:
    """Whether a value is known to fit; of `any` nothing is known."""
    if of is None or wanted is None or any(isinstance(each, Any) for each in members(of)):
        return False
    return assignable(of, wanted).ok


def _bare(of: Type) -> Type:
    return of.inner if isinstance(of, Secret) else of


def _is_head(found: Probe) -> bool:
    """Whether the word begins what a step calls, where an action may stand."""
    pairs = zip(reversed(found.chain[:-1]), reversed(found.chain), strict=False)
    for node, inner in pairs:
        if isinstance(node, (ast.Step, ast.Do)):
            return node.value is inner
        held = node.value if isinstance(node, ast.Attribute) else node.callee if isinstance(node, ast.Call) else None
        if held is not inner:
            return False
    return False


def _name(desk: Desk, name: str, symbol: Symbol, of: Type | None, rank: Rank) -> Item:
    detail = symbol.kind if of is None else f"{symbol.kind}: {show(of)}"
    kind = KINDS.get(symbol.kind, Kind.Variable)
    return desk.offer(name, kind, rank, detail=detail, doc=getattr(symbol.node, "doc", ""))


def literals(of: Type | None) -> list[LiteralOf]:
    """The literals that a type consists of."""
    return [] if of is None else [each for each in members(of) if isinstance(each, LiteralOf)]


# ---- maps


def _entry_at(found: Probe) -> tuple[ast.Map, ast.Entry] | None:
    """The entry of which the word is the key, with its map."""
    if len(found.chain) < 3:
        return None
    node, entry, word = found.chain[-3:]
    is_key = isinstance(entry, ast.Entry) and not entry.computed and entry.key.start == word.start
    return (node, entry) if is_key and isinstance(node, ast.Map) and isinstance(entry, ast.Entry) else None


def _keys(desk: Desk, found: Probe, node: ast.Map, entry: ast.Entry) -> Iterator[Item]:
    """The fields that the wanted record has and the map lacks; where none is known, names that are key and value."""
    given = {
        each.key.value
        for each in node.entries
        if isinstance(each, ast.Entry) and each is not entry and isinstance(each.key, ast.Text)
    }
    shapes = wanted_shapes(found, node)
    in_scope = {name: (symbol, of) for name, symbol, of in visible(found.snapshot, found.chain)}
    for field in (field for shape in shapes for field in shape.fields):
        if field.name not in given:
            yield _key(desk, field, field.name in in_scope)
    if not shapes:
        for name, (symbol, of) in in_scope.items():
            if (
                name not in given
                and symbol.node is not None
                and symbol.kind in ("param", "step", "let", "loop", "const")
            ):
                yield _name(desk, name, symbol, of, Rank.NEAR)


def _key(desk: Desk, field: Field, is_name: bool) -> Item:
    """A key with its colon, unless that is there; required ones first."""
    is_needed = field.default is None and not is_optional(field.type)
    has_colon = re.match(r"\w*\s*:", desk.source.text[desk.cursor.offset :]) is not None
    rank = Rank.WANTED if is_needed else Rank.FITS
    insert = field.name if has_colon else f"{field.name}: "
    return desk.offer(field.name, Kind.Field, rank, detail=show(field.type), insert=insert)

"""What is called by name alone, filters and tests; and the arguments that a call still lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.features.signing import signature_of
from flowlang.lsp.offers.desk import Kind, Rank
from flowlang.syntax import ast
from flowlang.types.assign import assignable
from flowlang.types.generics import Given, instantiate
from flowlang.types.join import members
from flowlang.types.model import Any, FieldName, NumberOf, TypeVar
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.cursor import Probe
    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.semantics.facts import Signature
    from flowlang.types.model import Type


def kind_of_call(signature: Signature) -> Kind:
    """How editors draw what can be called."""
    return Kind.Method if signature.kind == "action" else Kind.Function


# ---- filters and tests


def filters(desk: Desk) -> Iterator[Item]:
    """Functions of the prelude, of the file and of its imports, those that take the value first."""
    found = desk.found
    if found is None:
        return
    node = next((each for each in reversed(found.chain) if isinstance(each, ast.Filter)), None)
    of = None if node is None else found.snapshot.facts.types.get(id(node.value))
    for name, signature in filter_signatures(desk):
        yield desk.signature(signature, name, rank=_rank(signature, of))
    for name, signature in _own(found):
        rank = _rank(signature, of)
        yield desk.signature(signature, name, rank=rank if rank is Rank.MISFIT else Rank.FITS)
    for name, symbol in found.names.items():
        if symbol.kind in ("module", "file"):
            yield desk.offer(name, Kind.Module, Rank.FAR, detail=symbol.kind)


def filter_signatures(desk: Desk) -> Iterator[tuple[str, Signature]]:
    """The filters that need no import."""
    for name in desk.catalog.members("prelude"):
        signature = desk.catalog.prelude(name)
        if signature is not None and signature.kind == "function" and signature.params and name != "fail":
            yield name, signature


def tests(desk: Desk) -> Iterator[Item]:
    """What may stand behind `is`."""
    found = desk.found
    node = next((each for each in reversed(found.chain) if isinstance(each, ast.Test)), None) if found else None
    of = None if node is None or found is None else found.snapshot.facts.types.get(id(node.value))
    for name, signature in test_signatures(desk):
        yield desk.signature(signature, name, rank=_rank(signature, of))
    for name, signature in _own(found) if found is not None else ():
        if show(signature.result) == "bool":
            rank = _rank(signature, of)
            yield desk.signature(signature, name.removeprefix("is_"), rank=rank if rank is Rank.MISFIT else Rank.FITS)
    for name, symbol in found.names.items() if found is not None else ():
        if symbol.kind in ("module", "file"):
            yield desk.offer(name, Kind.Module, Rank.FAR, detail=symbol.kind)
    yield from desk.words(("not",))


def test_signatures(desk: Desk) -> Iterator[tuple[str, Signature]]:
    """The tests that need no import."""
    for name in desk.catalog.tests():
        signature = desk.catalog.test(name)
        if signature is not None:
            yield name, signature


def fits(signature: Signature, of: Type | None) -> bool:
    """Whether a value may be the first argument; an unknown one may."""
    if of is None:
        return True
    slots = [Given(each.name, each.type, None if number else of) for number, each in enumerate(signature.params)]
    instance = instantiate(slots, signature.result)
    # What is wrong with the numbers of a list may be mended by the `attribute` that is still to come.
    is_open = any(isinstance(member, FieldName) for each in signature.params for member in members(each.type))
    return assignable(of, instance.parameters[0]).ok and (is_open or not instance.problems)


def _rank(signature: Signature, of: Type | None) -> Rank:
    if not fits(signature, of):
        return Rank.MISFIT
    takes_all = any(isinstance(each, (Any, TypeVar)) for each in members(signature.params[0].type))
    return Rank.GENERAL if takes_all and not isinstance(signature.result, NumberOf) else Rank.NEAR


def _own(found: Probe) -> Iterator[tuple[str, Signature]]:
    """The file's functions that take something."""
    for name, symbol in found.names.items():
        signature = found.snapshot.facts.signatures.get(id(symbol.node))
        if signature is not None and signature.kind == "function" and signature.params:
            yield name, signature


# ---- arguments


def arguments(desk: Desk, found: Probe) -> Iterator[Item]:
    """Named arguments of the call around the cursor that it does not give yet."""
    signature, given = _call_around(found)
    if signature is None or re.search(r"=\s*$", desk.before):
        return
    positional = given.count("")
    for param in signature.params[positional:]:
        if param.name not in given:
            yield desk.offer(f"{param.name}=", Kind.Property, Rank.WANTED, detail=show(param.type), doc=param.doc)


def _call_around(found: Probe) -> tuple[Signature | None, list[str]]:
    """What the call is of which the word is an argument, and the others it gives: names, '' for one without."""
    if len(found.chain) < 3 or not isinstance(found.chain[-2], ast.Argument):
        return None, []
    argument, node = found.chain[-2], found.chain[-3]
    others = [each for each in getattr(node, "arguments", ()) if each is not argument]
    given = ["" if each.name is None else each.name.name for each in others]
    is_applied = isinstance(node, (ast.Filter, ast.Test))
    return signature_of(found, node), given + [""] * is_applied

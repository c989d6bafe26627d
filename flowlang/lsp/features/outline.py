"""What files declare: the outline of one, symbols of the project, imports as links, and which flow calls which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.features.navigation import imported_file, seeing, uses
from flowlang.lsp.meaning import children, target_at, words
from flowlang.lsp.places import uri_of
from flowlang.lsp.policies import BLOCKS
from flowlang.lsp.scope import declared_type
from flowlang.lsp.templates import templates
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Final

    from flowlang.lsp.index import Exported
    from flowlang.lsp.meaning import Target, Word
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

_KINDS: Final[dict[type, types.SymbolKind]] = {
    ast.FlowDecl: types.SymbolKind.Function,
    ast.FunctionDecl: types.SymbolKind.Function,
    ast.ActionDecl: types.SymbolKind.Method,
    ast.TypeDecl: types.SymbolKind.Struct,
    ast.ServiceDecl: types.SymbolKind.Interface,
    ast.Let: types.SymbolKind.Constant,
    ast.Step: types.SymbolKind.Variable,
    ast.Param: types.SymbolKind.TypeParameter,
    ast.Field: types.SymbolKind.Field,
    ast.Import: types.SymbolKind.Module,
}
_DECLARING: Final = {
    "flow": ast.FlowDecl,
    "function": ast.FunctionDecl,
    "action": ast.ActionDecl,
    "type": ast.TypeDecl,
    "service": ast.ServiceDecl,
    "let": ast.Let,
}


def document_symbols(project: Project, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """The outline of a file: items, their fields, parameters, steps and what is done, steps inside steps."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    return [symbol for item in snapshot.file.tree.items for symbol in _symbols(snapshot, item)]


def _symbols(snapshot: Snapshot, node: ast.Node) -> Iterator[types.DocumentSymbol]:
    inner = [symbol for each in children(node) for symbol in _symbols(snapshot, each)]
    named = getattr(node, "name", None)
    if isinstance(node, ast.Import):
        named = node.alias or node.target
    if isinstance(node, ast.Config):
        name, kind, place = "config", types.SymbolKind.Object, _word(snapshot, node, "config")
    elif isinstance(node, ast.Do):
        kind = types.SymbolKind.Event
        name, place = _done(snapshot, node)
    elif node.__class__ in _KINDS and isinstance(named, ast.Ident) and named.name:
        name, kind, place = named.name, _KINDS[node.__class__], snapshot.range(named)
    else:
        yield from inner
        return
    yield types.DocumentSymbol(
        name=name,
        kind=kind,
        range=snapshot.range(node),
        selection_range=place,
        detail=_detail(snapshot, node),
        children=inner,
    )


def _done(snapshot: Snapshot, node: ast.Do) -> tuple[str, types.Range]:
    """What a statement without a name does, in a word or two, and where that stands."""
    head = snapshot.facts.effects.get(id(node))
    if head is not None:
        return f"do {snapshot.written(head.callee)}", snapshot.range(head.callee)
    if isinstance(node.value, BLOCKS):
        word = node.value.__class__.__name__.lower()
        return word, _word(snapshot, node.value, word)
    return "do", snapshot.range(node.value)


def _word(snapshot: Snapshot, node: ast.Node, word: str) -> types.Range:
    """The word that a node begins with."""
    return snapshot.range_between(node.start, node.start + len(word))


def _detail(snapshot: Snapshot, node: ast.Node) -> str | None:
    if isinstance(node, (ast.FlowDecl, ast.FunctionDecl, ast.ActionDecl)):
        signature = snapshot.facts.signatures.get(id(node))
        return None if signature is None else f"-> {show(signature.result)}"
    of = declared_type(snapshot.facts, node)
    return None if of is None else show(of)


def workspace_symbols(
    project: Project, params: types.WorkspaceSymbolParams
) -> Generator[None, None, list[types.WorkspaceSymbol]]:
    """What all files of the project declare, as far as its name has the letters asked for, in order."""
    names = yield from project.index.all_names()
    found = [each for each in names if _has_letters(each.name, params.query)]
    uris = {path: uri_of(path) for path in {each.path for each in found}}
    return [
        types.WorkspaceSymbol(name=each.name, kind=_KINDS[_DECLARING[each.kind]], location=_location(each, uris))
        for each in found
    ]


def _location(each: Exported, uris: dict[str, str]) -> types.Location:
    """Names are ASCII: their length is the same in any units."""
    start = types.Position(line=each.line, character=each.character)
    end = types.Position(line=each.line, character=each.character + len(each.name))
    return types.Location(uri=uris[each.path], range=types.Range(start=start, end=end))


def _has_letters(name: str, wanted: str) -> bool:
    letters = iter(name.lower())
    return all(letter in letters for letter in wanted.lower())


def links(project: Project, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """The files that a file imports, those of the library among them, and the templates that it renders."""
    snapshot = project.snapshot(params.text_document.uri)
    found = []
    for item in snapshot.file.tree.items if snapshot.file is not None else ():
        symbol = snapshot.facts.symbols.get(id(item)) if isinstance(item, ast.Import) else None
        path = None if symbol is None else imported_file(snapshot, symbol)
        if isinstance(item, ast.Import) and path is not None:
            target = snapshot.location(Span(path, 0, 0)).uri
            found.append(types.DocumentLink(range=snapshot.range(item.target), target=target))
    for name, path in templates(snapshot):
        target = snapshot.location(Span(path, 0, 0)).uri
        found.append(types.DocumentLink(range=snapshot.range(name), target=target))
    return found


# ---- calls


def prepare_calls(project: Project, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
    """The flow, function or action at a place."""
    snapshot = project.snapshot(params.text_document.uri)
    word = target_at(snapshot, snapshot.offset(params.position))
    if word is None or word.target.kind not in ("flow", "function", "action") or word.target.is_library:
        return None
    return [_called(snapshot, word.target)]


def _called(snapshot: Snapshot, target: Target) -> types.CallHierarchyItem:
    assert target.place is not None
    location = snapshot.location(target.place)
    return types.CallHierarchyItem(
        name=target.name,
        kind=types.SymbolKind.Function,
        uri=location.uri,
        range=location.range,
        selection_range=location.range,
    )


def incoming(
    project: Project, params: types.CallHierarchyIncomingCallsParams
) -> Generator[None, None, list[types.CallHierarchyIncomingCall] | None]:
    """Who calls a flow, function or action; a slice for each file."""
    snapshot = project.snapshot(params.item.uri)
    word = target_at(snapshot, snapshot.offset(params.item.selection_range.start))
    if word is None:
        return None
    calls: dict[tuple[str, int], types.CallHierarchyIncomingCall] = {}
    for path in seeing(project, snapshot, word.target).files:
        yield
        each = snapshot if path == snapshot.path else project.look(path)
        _note_calls(each, uses(each, word.target), calls)
    return list(calls.values())


def _note_calls(
    each: Snapshot, found: list[Word], calls: dict[tuple[str, int], types.CallHierarchyIncomingCall]
) -> None:
    for use in found:
        item = each.file.tree.item_at(use.start) if each.file is not None else None
        if not isinstance(item, (ast.FlowDecl, ast.FunctionDecl)) or item.name.start == use.start:
            continue
        place = each.range(item.name)
        caller = types.CallHierarchyItem(
            name=item.name.name, kind=types.SymbolKind.Function, uri=each.uri, range=place, selection_range=place
        )
        call = types.CallHierarchyIncomingCall(from_=caller, from_ranges=[])
        kept = calls.setdefault((each.uri, item.start), call)
        kept.from_ranges = [*kept.from_ranges, each.range_between(use.start, use.end)]


def outgoing(
    project: Project, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """What a flow or function calls of the project's, in the order of the text."""
    snapshot = project.snapshot(params.item.uri)
    at = snapshot.offset(params.item.selection_range.start)
    item = snapshot.file.tree.item_at(at) if snapshot.file is not None else None
    if item is None:
        return None
    calls: dict[object, types.CallHierarchyOutgoingCall] = {}
    for word in sorted(words(snapshot), key=lambda each: each.start):
        target = word.target
        if not item.start <= word.start < item.end or target.kind not in ("flow", "function", "action"):
            continue
        if target.is_library or (target.place is not None and target.place.start == word.start):
            continue
        call = types.CallHierarchyOutgoingCall(to=_called(snapshot, target), from_ranges=[])
        kept = calls.setdefault(target.key, call)
        kept.from_ranges = [*kept.from_ranges, snapshot.range_between(word.start, word.end)]
    return list(calls.values())


FEATURES = (
    Feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, document_symbols),
    Feature(types.WORKSPACE_SYMBOL, workspace_symbols),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, links),
    Feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY, prepare_calls),
    Feature(types.CALL_HIERARCHY_INCOMING_CALLS, incoming),
    Feature(types.CALL_HIERARCHY_OUTGOING_CALLS, outgoing),
)

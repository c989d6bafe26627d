"""Going from a word to what it means, and to all words that mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang import bundled
from flowlang.lsp.features import Feature
from flowlang.lsp.library import LIBRARY
from flowlang.lsp.meaning import Meaning, Target, Word, target_at, words
from flowlang.lsp.project import Seeing
from flowlang.lsp.templates import fields_in_templates, template_at
from flowlang.source import Span
from flowlang.types.join import members
from flowlang.types.model import List, RecordOf

if TYPE_CHECKING:
    from collections.abc import Generator

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Symbol


def definition(project: Project, params: types.DefinitionParams) -> types.Location | None:
    """Where the thing at a place is declared; the beginning of a file for an import of it, and for the name of a
    template.
    """
    snapshot = project.snapshot(params.text_document.uri)
    offset = snapshot.offset(params.position)
    template = template_at(snapshot, offset)
    if template is not None:
        return snapshot.location(Span(template, 0, 0))
    word = target_at(snapshot, offset)
    if word is None:
        return None
    target = word.target
    if target.symbol is not None and target.kind in ("file", "module") and _declares(target, word):
        path = imported_file(snapshot, target.symbol)
        return None if path is None else snapshot.location(Span(path, 0, 0))
    return None if target.place is None else snapshot.location(target.place)


def imported_file(snapshot: Snapshot, symbol: Symbol) -> str | None:
    """The file that an import of a file or a module of the library means."""
    if symbol.kind == "module":
        path = f"{LIBRARY}{symbol.qualified}.flow"
        return path if bundled.path(path) is not None else None
    return symbol.qualified if symbol.kind == "file" and symbol.qualified in snapshot.program.files else None


def _declares(target: Target, word: Word) -> bool:
    return target.node is not None and target.node.start <= word.start < target.node.end


def type_definition(project: Project, params: types.TypeDefinitionParams) -> types.Location | None:
    """Where the type of the thing at a place is declared."""
    snapshot = project.snapshot(params.text_document.uri)
    word = target_at(snapshot, snapshot.offset(params.position))
    if word is None or word.target.type is None:
        return None
    for each in members(word.target.type):
        inner = each.item if isinstance(each, List) else each
        if isinstance(inner, RecordOf) and inner.name:
            found = Meaning(snapshot).type_of_name(inner.name)
            if found is not None and found.place is not None:
                return snapshot.location(found.place)
    return None


def references(project: Project, params: types.ReferenceParams) -> Generator[None, None, list[types.Location]]:
    """Every word of the project that means the same as that at a place; a slice for each file."""
    snapshot = project.snapshot(params.text_document.uri)
    word = target_at(snapshot, snapshot.offset(params.position))
    found: list[types.Location] = []
    if word is None:
        return found
    for path in seeing(project, snapshot, word.target).files:
        yield
        each = snapshot if path == snapshot.path else project.look(path)
        found += [
            types.Location(uri=each.uri, range=each.range_between(use.start, use.end))
            for use in uses(each, word.target)
            if params.context.include_declaration or not is_declaration(each, use)
        ]
        if word.target.kind == "field":
            found += [
                place for span in fields_in_templates(each, word.target) if (place := each.location(span)) not in found
            ]
    return found


def highlight(project: Project, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """Every word of the file that means the same as that at a place."""
    snapshot = project.snapshot(params.text_document.uri)
    word = target_at(snapshot, snapshot.offset(params.position))
    if word is None:
        return []
    return [
        types.DocumentHighlight(
            range=snapshot.range_between(each.start, each.end),
            kind=types.DocumentHighlightKind.Write
            if is_declaration(snapshot, each)
            else types.DocumentHighlightKind.Read,
        )
        for each in uses(snapshot, word.target)
    ]


def is_declaration(snapshot: Snapshot, word: Word) -> bool:
    """Whether a word of a file is the one that declares what it means."""
    place = word.target.place
    return place is not None and place.file == snapshot.path and place.start == word.start


def seeing(project: Project, snapshot: Snapshot, target: Target) -> Seeing:
    """The files in which a thing may be meant: its own if it is local, else all that see it declared and spell it."""
    if target.key[0] in ("local", "import"):
        return Seeing((snapshot.path,), ())
    if target.is_library:
        found = Seeing(tuple(project.files()), ())
    else:
        found = project.seeing(target.place.file if target.place is not None else snapshot.path)
    words = spellings(target) | ({"render"} if target.kind == "field" else set())  # a template may spell it
    spelled = [path for path in found.files if path != snapshot.path and project.spells(path, words)]
    return found.replace(files=(snapshot.path, *spelled))


def spellings(target: Target) -> set[str]:
    """How a thing may be spelled: `is_big` also `x is big`."""
    return {target.name, target.name.removeprefix("is_")}


def uses(snapshot: Snapshot, target: Target) -> list[Word]:
    """Every word of a file that means a thing, in order."""
    found = [word for word in words(snapshot, spellings(target)) if word.target.key == target.key]
    return sorted(found, key=lambda word: snapshot.to_text(word.start))


FEATURES = (
    Feature(types.TEXT_DOCUMENT_DEFINITION, definition),
    Feature(types.TEXT_DOCUMENT_TYPE_DEFINITION, type_definition),
    Feature(types.TEXT_DOCUMENT_REFERENCES, references),
    Feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, highlight),
)

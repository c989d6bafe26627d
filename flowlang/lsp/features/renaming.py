"""Giving a thing another name, wherever it is spelled, or saying why that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature, Refused
from flowlang.lsp.features.navigation import occurrences, rewritten
from flowlang.lsp.meaning import Target, Word, target_at
from flowlang.semantics.uses import name_nodes
from flowlang.syntax import ast
from flowlang.syntax.lexing import KIND_OF_WORD, RESERVED_WORD

if TYPE_CHECKING:
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

RENAMED = frozenset(
    "param argument step let const loop error round type service action function flow field module file".split()
) | {"config value"}


def prepare(project: Project, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    """The word to rename, with its name."""
    snapshot = project.snapshot(params.text_document.uri)
    word = _word(snapshot, params.position)
    start, end = rewritten(snapshot, word)
    return types.PrepareRenamePlaceholder(range=snapshot.range_between(start, end), placeholder=word.target.name)


def rename(project: Project, params: types.RenameParams) -> types.WorkspaceEdit:
    """The edits that give a thing another name."""
    snapshot = project.snapshot(params.text_document.uri)
    target = _word(snapshot, params.position).target
    new = params.new_name
    _refuse_name(new)
    found = list(occurrences(project, snapshot, target))
    broken = next((each for each, _ in found if not each.is_sound), None)
    if broken is not None:
        raise Refused(f"`{broken.path}` has syntax errors: not every use of `{target.name}` can be seen")
    _refuse_clash(found, target, new)
    edits: dict[str, list[types.TextEdit]] = {}
    for each, word in found:
        edits.setdefault(each.uri, []).append(_edit(each, word, new, target))
    return types.WorkspaceEdit(changes=edits)


def _word(snapshot: Snapshot, position: types.Position) -> Word:
    if not snapshot.is_sound:
        raise Refused("this file has syntax errors: not every use can be seen")
    word = target_at(snapshot, snapshot.offset(position))
    if word is None:
        raise Refused("there is nothing here that has a name")
    target = word.target
    if target.is_library or target.kind not in RENAMED:
        raise Refused(f"`{target.name}` is not declared in the project: it keeps its name")
    if target.kind == "file" and word.start != word.end and target.node is not None:
        alias = getattr(target.node, "alias", None)
        if alias is None:
            raise Refused("an import without `as` has the name of its file")
    if target.kind == "module" and getattr(target.node, "alias", None) is None:
        raise Refused("a module keeps its name; `import http as web` gives it another here")
    return word


def _refuse_name(name: str) -> None:
    if not (name.isidentifier() and name.isascii()):
        raise Refused(f"`{name}` is no name: names are letters, digits and `_`, and begin with no digit")
    if KIND_OF_WORD.get(name) == RESERVED_WORD or name == "config":
        raise Refused(f"`{name}` is a word of the language")


def _refuse_clash(found: list[tuple[Snapshot, Word]], target: Target, new: str) -> None:
    """Refuse a name that means something already where the thing is declared or used."""
    if new == target.name or target.kind in ("field", "config value"):
        return
    for each, _ in found:
        if each.file is not None and new in each.file.names:
            raise Refused(f"`{new}` is declared in `{each.path}` already")
    if target.key[0] not in ("local", "param"):
        return
    for each, word in found:
        items = each.file.tree.items if each.file is not None else ()
        item = next((item for item in items if item.start <= word.start < item.end), None)
        if item is not None and (name_nodes(item, new) or _declares(item, new)):
            raise Refused(f"`{new}` means something else here")


def _declares(item: object, name: str) -> bool:
    """Whether a step, let, parameter or loop variable of an item has a name."""
    waiting = [item]
    for each in waiting:
        if isinstance(each, (ast.Step, ast.Let, ast.Param, ast.Repeat)) and each.name.name == name:
            return True
        if isinstance(each, (ast.For, ast.Comprehension)) and any(ident.name == name for ident in each.names):
            return True
        if isinstance(each, ast.Catch) and each.binding is not None and each.binding.name == name:
            return True
        if isinstance(each, tuple):
            waiting.extend(each)
    return False


def _edit(snapshot: Snapshot, word: Word, new: str, target: Target) -> types.TextEdit:
    start, end = rewritten(snapshot, word)
    text = new
    if word.is_shorthand:
        text = f"{new}: {target.name}" if target.kind == "field" else f"{target.name}: {new}"
    return types.TextEdit(range=snapshot.range_between(start, end), new_text=text)


FEATURES = (
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, prepare),
    Feature(types.TEXT_DOCUMENT_RENAME, rename, types.RenameOptions(prepare_provider=True)),
)

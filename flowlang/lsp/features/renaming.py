"""Giving a thing another name, wherever it is spelled, or saying why that cannot be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.pipeline import check
from flowlang.diagnostics import Edit
from flowlang.diagnostics.fixing import apply
from flowlang.lsp.features import Feature, Refused
from flowlang.lsp.features.navigation import files_spelling, occurrences, rewritten
from flowlang.lsp.meaning import Word, target_at
from flowlang.source import Span
from flowlang.syntax.lexing import KIND_OF_WORD, RESERVED_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowlang.diagnostics import Diagnostic
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

RENAMED = frozenset(
    "param argument step let const loop error round type service action function flow module file".split()
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
    _refuse_name(params.new_name)
    broken = next((each for each in files_spelling(project, snapshot, target) if not each.is_sound), None)
    if broken is not None:
        raise Refused(f"`{broken.path}` has syntax errors: not every use of `{target.name}` can be seen")
    changed: dict[str, tuple[Snapshot, list[Edit]]] = {}
    for each, word in occurrences(project, snapshot, target):
        changed.setdefault(each.path, (each, []))[1].append(_edit(each, word, params.new_name))
    _refuse_errors(project, changed)
    return types.WorkspaceEdit(
        changes={
            each.uri: [
                types.TextEdit(range=each.text_range(edit.span.start, edit.span.end), new_text=edit.text)
                for edit in edits
            ]
            for each, edits in changed.values()
        }
    )


def _word(snapshot: Snapshot, position: types.Position) -> Word:
    if not snapshot.is_sound:
        raise Refused("this file has syntax errors: not every use can be seen")
    word = target_at(snapshot, snapshot.offset(position))
    if word is None:
        raise Refused("there is nothing here that has a name")
    target = word.target
    if target.kind == "field":
        raise Refused("the fields of a record are what is sent and received: who does that must agree")
    if target.is_library or target.kind not in RENAMED:
        raise Refused(f"`{target.name}` is not declared in the project: it keeps its name")
    if target.kind in ("file", "module") and getattr(target.node, "alias", None) is None:
        raise Refused(f"`{target.name}` keeps its name; `import … as` gives it another here")
    return word


def _refuse_name(name: str) -> None:
    if not (name.isidentifier() and name.isascii()):
        raise Refused(f"`{name}` is no name: names are letters, digits and `_`, and begin with no digit")
    if KIND_OF_WORD.get(name) == RESERVED_WORD or name == "config":
        raise Refused(f"`{name}` is a word of the language")


def _refuse_errors(project: Project, changed: dict[str, tuple[Snapshot, list[Edit]]]) -> None:
    """Refuse what would bring an error: no name hides another, so a name that is taken always does."""
    texts = {path: apply(each.text, edits) for path, (each, edits) in changed.items()}
    for path, (each, _) in changed.items():
        before = Counter(found.rule for found in _errors(each.program.diagnostics, path))
        after = check(path, project.reading({path: texts[path], **texts})).diagnostics
        for found in _errors(after, path):
            before[found.rule] -= 1
            if before[found.rule] < 0:
                raise Refused(f"that would be wrong: {found.message}")


def _errors(found: Iterable[Diagnostic], path: str) -> list[Diagnostic]:
    return [each for each in found if each.severity == "error" and each.span.file == path]


def _edit(snapshot: Snapshot, word: Word, new: str) -> Edit:
    start, end = (snapshot.to_text(offset) for offset in rewritten(snapshot, word))
    text = f"{word.target.name}: {new}" if word.is_shorthand else new
    return Edit(Span(snapshot.path, start, end), text)


FEATURES = (
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, prepare),
    Feature(types.TEXT_DOCUMENT_RENAME, rename, types.RenameOptions(prepare_provider=True)),
)

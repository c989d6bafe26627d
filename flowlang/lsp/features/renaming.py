"""Giving a thing another name, wherever it is spelled, or saying why that cannot be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.diagnostics import Edit
from flowlang.diagnostics.fixing import apply
from flowlang.lsp.features import Feature, Refused
from flowlang.lsp.features.navigation import seeing, uses
from flowlang.lsp.meaning import Target, Word, target_at, words
from flowlang.record import Record
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.lexing import KIND_OF_WORD, RESERVED_WORD
from flowlang.types.builtin import GENERIC, PLAIN

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from flowlang.diagnostics import Diagnostic
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

RENAMED = frozenset(
    "param argument step let const loop error round type service action function flow module file".split()
)


def prepare(project: Project, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
    """The word to rename, as it is written."""
    snapshot = project.snapshot(params.text_document.uri)
    word = _word(snapshot, params.position)
    name = word.target.name.removeprefix("is_") if word.is_test else word.target.name
    return types.PrepareRenamePlaceholder(range=snapshot.range_between(word.start, word.end), placeholder=name)


def rename(project: Project, params: types.RenameParams) -> Generator[None, None, types.WorkspaceEdit]:
    """The edits that give a thing another name; a slice for each file."""
    snapshot = project.snapshot(params.text_document.uri)
    word = _word(snapshot, params.position)
    new = params.new_name
    if word.is_test and not new.startswith("is_"):
        new = f"is_{new}"
    target = word.target
    _refuse_name(new, target.kind)
    seen = seeing(project, snapshot, target)
    if seen.problems:
        raise Refused(f"{seen.problems[0]}: not every use of `{target.name}` can be seen")
    changed: dict[str, _Changed] = {}
    for path in seen.files:
        yield
        each = snapshot if path == snapshot.path else project.look(path)
        if not each.is_sound:
            raise Refused(f"`{path}` has syntax errors: not every use of `{target.name}` can be seen")
        edits = [_edit(each, use, new) for use in uses(each, target)]
        if edits:
            changed[path] = _Changed(each, edits)
    texts = {path: apply(each.before.text, each.edits) for path, each in changed.items()}
    meant: set[object] = set()
    for path, change in changed.items():
        yield
        after = project.supposed(path, texts)
        _refuse_errors(change, after)
        meant.add(_refuse_captures(change, after, new))
    if len(meant) > 1:
        raise Refused(f"that would be wrong: `{new}` means several things")
    return types.WorkspaceEdit(
        changes={
            each.before.uri: [
                types.TextEdit(range=each.before.text_range(edit.span.start, edit.span.end), new_text=edit.text)
                for edit in each.edits
            ]
            for each in changed.values()
        }
    )


class _Changed(Record):
    """A file that uses what is renamed, and its edits in order."""

    __slots__ = ()

    before: Snapshot
    edits: list[Edit]

    def names(self, new: str) -> list[int]:
        """Where the new name stands afterwards, in front of what its `is_` may be left out."""
        found, moved = [], 0
        for edit in self.edits:
            moved += len(edit.text)
            found.append(edit.span.start + moved - len(edit.text[-len(new) :]))
            moved -= edit.span.end - edit.span.start
        return found


def _word(snapshot: Snapshot, position: types.Position) -> Word:
    if not snapshot.is_sound:
        raise Refused("this file has syntax errors: not every use can be seen")
    word = target_at(snapshot, snapshot.offset(position))
    if word is None:
        raise Refused("there is nothing here that has a name")
    target = word.target
    if target.kind == "field":
        raise Refused("the fields of a record are what is sent and received: who does that must agree")
    if target.kind == "config value":
        variable = f"FLOW_{target.name.upper()}"
        raise Refused(f"`{target.name}` keeps its name: it is set from outside, as {variable}, --config or [config]")
    if target.is_library or target.kind not in RENAMED:
        raise Refused(f"`{target.name}` is not declared in the project: it keeps its name")
    if target.kind in ("file", "module") and getattr(target.node, "alias", None) is None:
        raise Refused(f"`{target.name}` keeps its name; `import … as` gives it another here")
    python = _python_of(snapshot, target)
    if python is not None:
        raise Refused(f"`{target.name}` keeps its name: the Python function `{python}` has a parameter of that name")
    return word


def _python_of(snapshot: Snapshot, target: Target) -> str | None:
    """The Python function that is given a parameter by its name."""
    if target.kind not in ("param", "argument") or target.place is None:
        return None
    file = snapshot.program.files.get(target.place.file)
    for item in () if file is None else file.tree.items:
        if (
            isinstance(item, ast.ActionDecl | ast.FunctionDecl)
            and isinstance(item.body, ast.PythonBody)
            and any(param.name.start == target.place.start for param in item.params)
        ):
            return item.body.target.value
    return None


def _refuse_name(name: str, kind: str) -> None:
    if not (name.isidentifier() and name.isascii()):
        raise Refused(f"`{name}` is no name: names are letters, digits and `_`, and begin with no digit")
    if KIND_OF_WORD.get(name) == RESERVED_WORD or name == "config":
        raise Refused(f"`{name}` is a word of the language")
    if kind == "type" and (name in PLAIN or name in GENERIC):
        raise Refused(f"`{name}` is a type of the language: a declared one of that name would never be meant")


def _refuse_errors(changed: _Changed, after: Snapshot) -> None:
    """Refuse what would bring an error."""
    path = after.path
    before = Counter(found.rule for found in _errors(changed.before.program.diagnostics, path))
    for found in _errors(after.program.diagnostics, path):
        before[found.rule] -= 1
        if before[found.rule] < 0:
            raise Refused(f"that would be wrong: {found.message}")


def _refuse_captures(changed: _Changed, after: Snapshot, new: str) -> object:
    """Refuse a name that means something already where it would stand, or that something means there; gives the key of
    what it means then.
    """
    places = set(changed.names(new))
    spelled = {after.to_text(word.start): word.target.key for word in words(after, {new})}
    keys = {spelled.pop(place, None) for place in places}
    others = [key for _, key in sorted(spelled.items())]
    before = sorted((changed.before.to_text(word.start), word.target.key) for word in words(changed.before, {new}))
    if None in keys or len(keys) != 1 or any(key in keys for key in others) or len(before) != len(others):
        raise Refused(f"that would be wrong: `{new}` means something else here")
    return keys.pop()


def _errors(found: Iterable[Diagnostic], path: str) -> list[Diagnostic]:
    return [each for each in found if each.severity == "error" and each.span.file == path]


def _edit(snapshot: Snapshot, word: Word, new: str) -> Edit:
    text = new
    if word.is_test:
        if not new.startswith("is_"):
            raise Refused(f"`x is {word.target.name.removeprefix('is_')}` needs a name that begins with `is_`")
        text = new.removeprefix("is_")
    elif word.is_shorthand:
        text = f"{word.target.name}: {new}"
    return Edit(Span(snapshot.path, snapshot.to_text(word.start), snapshot.to_text(word.end)), text)


FEATURES = (
    Feature(types.TEXT_DOCUMENT_PREPARE_RENAME, prepare),
    Feature(types.TEXT_DOCUMENT_RENAME, rename, types.RenameOptions(prepare_provider=True)),
)

"""Every file that the server knows: those that editors have open, and those on the disk, checked when asked for.

The working folder is the root of the project, so that paths are those of the command line. A snapshot is kept until a
text that it was made of has changed: an open one by its version, one on the disk by its time and size, so that nothing
depends on the editor telling of changes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowlang.compiler.discovery import walk
from flowlang.compiler.incremental import Session
from flowlang.compiler.workspace import NotText, Unreadable, is_below, marked_tree, reader
from flowlang.diagnostics import sort_key
from flowlang.lsp.configured import Configured
from flowlang.lsp.index import Index, imported
from flowlang.lsp.places import path_of, shown, uri_of
from flowlang.lsp.rendered import at_calls, at_declarations
from flowlang.lsp.snapshot import Snapshot
from flowlang.lsp.uses import Uses
from flowlang.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flowlang.compiler.discovery import UnreadableFolder
    from flowlang.compiler.run_tables import Given
    from flowlang.compiler.settings import Settings
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import Program

    Stamp = tuple[object, ...]

KEPT = 64
"""Snapshots of files that are not open; those asked for last stay."""


class Document:
    """A text that an editor has open, under one spelling of its address or several."""

    __slots__ = ("text", "uris", "version")

    def __init__(self, uris: tuple[str, ...], version: int, text: str) -> None:
        self.uris = uris
        self.version = version
        self.text = text

    @property
    def uri(self) -> str:
        """The spelling used last."""
        return self.uris[-1]

    @property
    def stamp(self) -> Stamp:
        """What changes with the text."""
        return ("open", self.uri, self.version, self.text)


class Seeing(Record):
    """The files that see a declaration; and why those that cannot be read cannot."""

    __slots__ = ()

    files: tuple[str, ...]
    problems: tuple[str, ...]


class Project:
    """The files, what is open of them, and what was found when they were last looked at."""

    def __init__(self) -> None:
        self.open: dict[str, Document] = {}
        self.folders = ["."]
        """The editor's folders."""
        self.configured = Configured()
        self.index = Index(self)
        self.uses = Uses(self)
        self._sessions: dict[str, Session] = {}
        self._kept: dict[str, tuple[Snapshot, dict[str, Stamp], Settings, Given | None]] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._imported: dict[str, tuple[Stamp, list[str]]] = {}
        self.related: dict[str, set[str]] = {}
        """The files that were ever told of beside an open one that was asked about."""
        self.edits = 0
        """How often a text was opened, changed or closed."""

    # ---- what editors say

    def put(self, uri: str, version: int, text: str) -> None:
        """A text was opened or changed."""
        path = path_of(uri)
        self.edits += 1
        self.open[path] = Document((*self._others(path, uri), uri), version, text)

    def _others(self, path: str, uri: str) -> list[str]:
        document = self.open.get(path)
        return [] if document is None else [each for each in document.uris if each != uri]

    def close(self, uri: str) -> None:
        """A text was closed: what is on the disk counts again, unless it is open under another address too."""
        path = path_of(uri)
        self.edits += 1
        others = self._others(path, uri)
        if others:
            self.open[path] = Document(tuple(others), self.open[path].version, self.open[path].text)
            return
        self.open.pop(path, None)
        self._sessions.pop(path, None)
        self._imports.pop(path, None)
        self.related.pop(path, None)

    def reconfigure(self) -> None:
        """Settings files may have changed."""
        self.configured.renew()

    # ---- what is known

    def snapshot(self, uri: str) -> Snapshot:
        """A file as it is now."""
        return self.look(path_of(uri))

    def look(self, path: str) -> Snapshot:
        """A file by its path, as it is now."""
        is_fresh = path in self._kept and self._is_fresh(path)
        kept = self._kept.pop(path, None)
        if kept is None or not is_fresh:
            kept = self._check(path, self.settings(path))
        self._kept[path] = kept
        self._forget()
        return kept[0]

    def outdated(self) -> list[str]:
        """The open files that were looked at before something changed that they hang on."""
        return [path for path in list(self.open) if path in self._kept and not self._is_fresh(path)]

    def _is_fresh(self, path: str) -> bool:
        _, stamps, settings, given = self._kept[path]
        if self.settings(path) is not settings or self.configured.given(path) is not given:
            return False
        return all(self.stamp(name) == mark for name, mark in stamps.items())

    def settings(self, path: str) -> Settings:
        """The settings in force for a file."""
        return self.configured.of(path)

    def read(self, path: str) -> str:
        """The text of a file that was asked for by name. Raises `workspace.Unreadable`."""
        return self._reader(path)(path)

    def files(self) -> list[str]:
        """The `.flow` files of the editor's folders that git would show, and all that are open."""
        return self._walked(self.folders, lambda problem: None)

    def _walked(self, folders: Iterable[str], unreadable: Callable[[UnreadableFolder], object]) -> list[str]:
        found = dict.fromkeys(self.open)
        for folder in folders:
            found.update(dict.fromkeys(shown(os.path.normpath(path)) for path in walk(folder, unreadable)))
        return list(found)

    def on_disk(self) -> Iterator[str]:
        """The `.flow` files of the editor's folders, as they are found."""
        for folder in self.folders:
            yield from (shown(os.path.normpath(path)) for path in walk(folder, lambda problem: None))

    def templates(self) -> Iterator[str]:
        """The document templates of the editor's folders that git would show."""
        from flowlang.semantics.infer.documents import SUFFIXES

        for folder in self.folders:
            yield from (shown(os.path.normpath(path)) for path in walk(folder, lambda problem: None, SUFFIXES))

    def seeing(self, file: str) -> Seeing:
        """The files that may see what a file declares: itself, and those that import it, at however many removes."""
        if "\0" in file:  # no file on any disk
            return Seeing((file,), ())
        problems: list[str] = []
        tree = marked_tree(os.path.dirname(os.path.realpath(file)))
        above = () if tree is None or any(is_below(tree, os.path.realpath(each)) for each in self.folders) else (tree,)
        importers: dict[str, set[str]] = {}
        walked = self._walked((*self.folders, *above), lambda problem: problems.append(str(problem)))
        for path in walked:
            try:
                for target in self._targets(path):
                    importers.setdefault(target, set()).add(path)
            except NotText:
                continue
            except Unreadable as problem:
                problems.append(f"`{path}` {problem}")
        seeing = [file]
        for each in seeing:
            seeing += sorted(importers.get(each, set()).difference(seeing))
        linked = [path for path in walked if os.path.islink(path)]
        twice = [path for path in linked if not {path, shown(os.path.realpath(path))}.isdisjoint(seeing)]
        problems += [f"`{path}` is a link to a file that has another name too" for path in twice]
        return Seeing(tuple(seeing), tuple(problems))

    def _targets(self, path: str) -> list[str]:
        """The files that one imports, read from its text alone."""
        stamp = self.stamp(path)
        kept = self._imported.get(path)
        if kept is None or kept[0] != stamp:
            kept = self._imported[path] = (stamp, list(imported(path, self.read(path))))
        return kept[1]

    def spells(self, path: str, words: Iterable[str]) -> bool:
        """Whether one of some words stands in the text of a file."""
        try:
            text = self.read(path)
        except Unreadable:
            return False
        return any(word in text for word in words)

    def dependents(self, path: str) -> list[str]:
        """The open files that import a file, at however many removes."""
        opened = list(self.open)  # texts are opened and closed on another thread
        return [other for other in opened if other != path and path in self._imports.get(other, ())]

    def _check(self, path: str, settings: Settings) -> tuple[Snapshot, dict[str, Stamp], Settings, Given | None]:
        stamps: dict[str, Stamp] = {}
        from_disk = reader(path)
        document = self.open.get(path)
        taken = {path: document}  # once: they are opened, changed and closed on another thread meanwhile

        def read(name: str) -> str:
            if name not in taken:
                taken[name] = self.open.get(name)
            if (opened := taken[name]) is not None:
                stamps[name] = opened.stamp
                return opened.text
            if name not in stamps:
                stamps[name] = self.stamp_on_disk(name)
            return from_disk(name)

        session = self._sessions.get(path) or Session(path)
        if document is not None:
            self._sessions[path] = session
        checked = session.check(read, settings.opted_in)
        given = self.configured.given(path)
        found = self.judged(checked.program, path, settings)
        if given is not None:
            found = sorted([*found, *at_declarations(checked, given)], key=sort_key)
        if document is not None:
            self._imports[path] = frozenset(stamps)
        version = document.version if document is not None else None
        uri = document.uri if document is not None else uri_of(path)
        return Snapshot(uri, path, version, checked, tuple(found)), stamps, settings, given

    def versions(self) -> dict[str, int]:
        """The versions of the open texts, by address."""
        return {document.uri: document.version for document in list(self.open.values())}

    def supposed(self, path: str, texts: dict[str, str]) -> Snapshot:
        """A file as it would be if it and others had other texts."""
        checked = Session(path).check(self.reading({path: texts[path], **texts}), self.settings(path).opted_in)
        return Snapshot(uri_of(path), path, None, checked, ())

    def probe(self, path: str, text: str) -> Snapshot:
        """A file as it would be with another text; what is known of it is looked at again when next asked for."""
        session = self._sessions.setdefault(path, Session(path))
        self._kept.pop(path, None)
        checked = session.check(self.reading({path: text}), self.settings(path).opted_in)
        return Snapshot(uri_of(path), path, None, checked, ())

    def judged(self, program: Program, path: str, settings: Settings) -> list[Diagnostic]:
        """The findings that lie in a file or in a template that it renders, under settings."""
        judged = [settings.judge(each) for each in at_calls(program, path)]
        return [each for each in judged if each is not None]

    def errors_beside(self, snapshot: Snapshot) -> dict[str, list[Diagnostic]]:
        """The errors of each file that a file imports and that is not open, under that file's settings."""
        found: dict[str, list[Diagnostic]] = {
            path: [] for path in snapshot.program.files if path != snapshot.path and path not in self.open
        }
        for each in snapshot.program.diagnostics:
            if each.severity == "error" and each.span.file in found:
                judged = self.settings(each.span.file).judge(each)
                found[each.span.file] += [] if judged is None else [judged]
        return found

    def reading(self, instead: dict[str, str]) -> Callable[[str], str]:
        """What reads a file and its imports with other texts than there are; the first is the file's."""
        reads = self._reader(next(iter(instead)))
        return lambda path: instead[path] if path in instead else reads(path)

    def _reader(self, root: str) -> Callable[[str], str]:
        from_disk = reader(root)

        def read(path: str) -> str:
            document = self.open.get(path)
            return from_disk(path) if document is None else document.text

        return read

    def stamp(self, path: str) -> Stamp:
        """What changes with a file: with its text where it is open, with its time and size on the disk."""
        document = self.open.get(path)
        if document is not None:
            return document.stamp
        return self.stamp_on_disk(path)

    def stamp_on_disk(self, path: str) -> Stamp:
        """What changes with a file, whether or not it is open."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return ()
        return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)

    def _forget(self) -> None:
        closed = [path for path in self._kept if path not in self.open]
        for path in closed[: max(0, len(closed) - KEPT)]:
            del self._kept[path]

"""What the files of a project say of themselves: the names that they declare at their top, its symbols and what offers
import; and the files that they import, with the words that may name things of those.

They are read off the texts, not parsed, and a little at a time: who asks for offers pays for a slice of the round over
the files, so that asking is cheap in a project of any size; who asks for all names lets others in between. Files that
are open are always as they are now.
"""

from __future__ import annotations

import re
import time
from itertools import chain
from typing import TYPE_CHECKING

from flowlang.compiler.loading import resolve
from flowlang.compiler.workspace import Unreadable, read_file
from flowlang.record import Record
from flowlang.source import Source
from flowlang.syntax.heads import heads

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from typing import Final

    from flowlang.lsp.project import Project

_IMPORTED: Final = re.compile(r"""\bimport\s*["']([^"'\n]+)["']""")
_MEMBER: Final = re.compile(r"\.\s*([A-Za-z_]\w*)")
FRESH: Final = 2.0
"""Seconds between the end of a round over the files and the next."""
SLICE: Final = 0.004
"""Seconds that one request spends on a round, and one slice of a request that waits for its end."""
AT_LEAST: Final = 16
"""Files that one request looks at, however slow the disk is."""


class Exported(Record):
    """A name that a file declares; `kind`: the word that declares it. Its place is as the protocol counts."""

    __slots__ = ()

    path: str
    name: str
    kind: str
    line: int
    character: int


class Entry(Record):
    """What a file says of itself. `words`: those that it spells behind a dot, if it imports a file."""

    __slots__ = ()

    stamp: object
    names: tuple[Exported, ...]
    imports: tuple[str, ...]
    words: frozenset[str]


class Index:
    """What a project's files say of themselves."""

    __slots__ = ("_files", "_folders", "_opened", "_project", "_round", "_spelling", "_until")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files: dict[str, Entry] = {}
        self._opened: set[str] = set()
        self._spelling: dict[tuple[str, str], dict[str, None]] = {}
        self._round: Iterator[None] = self._look()
        self._until = 0.0
        self._folders: list[str] | None = None
        """Those that the last whole round went over."""

    @property
    def is_whole(self) -> bool:
        """Whether every file of the folders that there are now was looked at once."""
        return self._folders == self._project.folders

    def refresh(self) -> None:
        """Look at the files that are open, and at some more."""
        self._go_on()
        for path in list(self._project.open):
            self._of(path)

    def names(self) -> Iterator[Exported]:
        """What the files declare, as far as they were looked at, those that are open first."""
        self.refresh()
        opened = dict.fromkeys(self._project.open)
        for path in opened:
            yield from self._of(path).names
        for path, entry in self._files.items():
            if path not in opened:
                yield from entry.names

    def all_names(self) -> Generator[None, None, list[Exported]]:
        """What all files declare now, those that are open first; a slice for each few of them."""
        found: dict[str, tuple[Exported, ...]] = {}
        until = time.monotonic() + SLICE
        for path in chain(list(self._project.open), self._project.on_disk()):
            if path not in found:
                found[path] = self._of(path).names
            if time.monotonic() > until:
                yield
                until = time.monotonic() + SLICE
        return [each for names in found.values() for each in names]

    def round(self) -> Generator[None, None, None]:
        """Look at all files again, a slice at a time, unless that was done just now; in any case at those that were
        closed, and at what is imported by those that are open.
        """
        while time.monotonic() >= self._until or not self.is_whole:
            self._go_on()
            yield
        opened = self._project.open.copy()
        for path in self._opened.difference(opened):
            self._of(path)
        self._opened = set(opened)
        for path, document in opened.items():
            entry = self._files.get(path)
            if (entry is not None and entry.imports) or _IMPORTED.search(document.text):
                self._of(path)

    def spelling(self, path: str, word: str) -> Iterable[str]:
        """The files that import a file and spell a word behind a dot, as far as they were looked at."""
        return self._spelling.get((path, word), ())

    def importers(self, path: str) -> set[str]:
        """The files that import one, at however many removes, as far as they were looked at."""
        importing: dict[str, list[str]] = {}
        for name, entry in self._files.items():
            for target in entry.imports:
                importing.setdefault(target, []).append(name)
        found: set[str] = set()
        left = [path]
        while left:
            fresh = [each for each in importing.get(left.pop(), ()) if each not in found]
            found.update(fresh)
            left += fresh
        return found

    def _go_on(self) -> None:
        """Look at some more files; begin again with the first when the last round was long ago."""
        now = time.monotonic()
        if now < self._until and self.is_whole:
            return
        for number, _ in enumerate(self._round):
            if number >= AT_LEAST and time.monotonic() > now + SLICE:
                return
        self._round, self._until = self._look(), time.monotonic() + FRESH

    def _look(self) -> Iterator[None]:
        folders = list(self._project.folders)
        seen = set()
        for path in self._project.on_disk():
            seen.add(path)
            self._of(path)
            yield
        for path in self._files.keys() - seen - self._project.open.keys():
            self._forget(path)
        self._folders = folders

    def _of(self, path: str) -> Entry:
        """What a file declares; it is read again only when it has changed."""
        document = self._project.open.get(path)  # once: texts are opened and closed on another thread
        stamp = self._project.stamp_on_disk(path) if document is None else document.stamp
        kept = self._files.get(path)
        if kept is None or kept.stamp != stamp:
            text = _text(path) if document is None else document.text
            self._forget(path)
            targets = tuple(dict.fromkeys(imported(path, text)))
            words = frozenset(_MEMBER.findall(text)) if targets else frozenset()
            kept = self._files[path] = Entry(stamp, tuple(_exported(Source(path, text))), targets, words)
            for target in targets:
                for word in words:
                    self._spelling.setdefault((target, word), {})[path] = None
        return kept

    def _forget(self, path: str) -> None:
        entry = self._files.pop(path, None)
        for target in entry.imports if entry is not None else ():
            for word in entry.words if entry is not None else ():
                spelling = self._spelling[target, word]
                del spelling[path]
                if not spelling:
                    del self._spelling[target, word]


def imported(path: str, text: str) -> Iterator[str]:
    """The files that one imports, read from its text alone."""
    return (resolve(path, target) for target in _IMPORTED.findall(text))


def _text(path: str) -> str:
    try:
        return read_file(path)
    except Unreadable:
        return ""


def _exported(source: Source) -> Iterator[Exported]:
    for head in heads(source.text):
        yield Exported(source.path, head.name, head.word, *source.utf16(head.start))

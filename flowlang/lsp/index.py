"""The names that the files of a project declare at their top: its symbols, and what offers import.

They are read off the texts, not parsed, and a little at a time: who asks for offers pays for a slice of the round over
the files, so that asking is cheap in a project of any size; who asks for all names lets others in between. Files that
are open are always as they are now.
"""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING

from flowlang.compiler.workspace import Unreadable, read_file
from flowlang.record import Record
from flowlang.source import Source
from flowlang.syntax.heads import heads

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Final

    from flowlang.lsp.project import Project

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


class Index:
    """The names of a project's files. `is_whole`: whether every file was looked at once."""

    __slots__ = ("_files", "_project", "_round", "_until", "is_whole")

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files: dict[str, tuple[object, tuple[Exported, ...]]] = {}
        self._round: Iterator[None] = self._look()
        self._until = 0.0
        self.is_whole = False

    def names(self) -> Iterator[Exported]:
        """What the files declare, as far as they were looked at."""
        self._go_on()
        opened = list(self._project.open)
        for path in opened:
            yield from self._of(path)
        for path, (_, names) in self._files.items():
            if path not in opened:
                yield from names

    def all_names(self) -> Generator[None, None, list[Exported]]:
        """What all files declare now, those that are open first; a slice for each few of them."""
        found: dict[str, tuple[Exported, ...]] = {}
        until = time.monotonic() + SLICE
        for path in chain(list(self._project.open), self._project.on_disk()):
            if path not in found:
                found[path] = self._of(path)
            if time.monotonic() > until:
                yield
                until = time.monotonic() + SLICE
        return [each for names in found.values() for each in names]

    def _go_on(self) -> None:
        """Look at some more files; begin again with the first when the last round was long ago."""
        now = time.monotonic()
        if now < self._until:
            return
        for number, _ in enumerate(self._round):
            if number >= AT_LEAST and time.monotonic() > now + SLICE:
                return
        self.is_whole = True
        self._round, self._until = self._look(), now + FRESH

    def _look(self) -> Iterator[None]:
        seen = set()
        for path in self._project.on_disk():
            seen.add(path)
            self._of(path)
            yield
        for path in self._files.keys() - seen:
            del self._files[path]

    def _of(self, path: str) -> tuple[Exported, ...]:
        """What a file declares; it is read again only when it has changed."""
        document = self._project.open.get(path)  # once: texts are opened and closed on another thread
        stamp = self._project.stamp_on_disk(path) if document is None else document.stamp
        kept = self._files.get(path)
        if kept is None or kept[0] != stamp:
            text = _text(path) if document is None else document.text
            kept = self._files[path] = stamp, tuple(_exported(Source(path, text)))
        return kept[1]


def _text(path: str) -> str:
    try:
        return read_file(path)
    except Unreadable:
        return ""


def _exported(source: Source) -> Iterator[Exported]:
    for head in heads(source.text):
        yield Exported(source.path, head.name, head.word, *source.utf16(head.start))

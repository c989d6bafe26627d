"""The names that the files of a project declare at their top, for offers that import them.

They are read off the texts, not parsed, and a little at a time: whoever asks pays for a slice of the round over the
files, so that asking is cheap in a project of any size. Files that are open are always as they are now.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from flowlang.compiler.workspace import Unreadable, read_file
from flowlang.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.project import Project

FRESH: Final = 2.0
"""Seconds between the end of a round over the files and the next."""
SLICE: Final = 0.004
"""Seconds that one request spends on a round."""
AT_LEAST: Final = 16
"""Files that one request looks at, however slow the disk is."""
_declaration: Final = re.compile(r"^(flow|type|action|function|service|let) +(\w+)", re.MULTILINE)


class Exported(Record):
    """A name that a file declares; `kind`: the word that declares it."""

    __slots__ = ()

    path: str
    name: str
    kind: str


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
        opened = {path: document.text for path, document in list(self._project.open.items())}
        for path, text in opened.items():
            yield from _declared(path, text)
        for path, (_, names) in self._files.items():
            if path not in opened:
                yield from names

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
            stamp = self._project.stamp(path)
            kept = self._files.get(path)
            if kept is None or kept[0] != stamp:
                self._files[path] = stamp, tuple(_declared(path, _text(path)))
            yield
        for path in self._files.keys() - seen:
            del self._files[path]


def _text(path: str) -> str:
    try:
        return read_file(path)
    except Unreadable:
        return ""


def _declared(path: str, text: str) -> Iterator[Exported]:
    for found in _declaration.finditer(text):
        yield Exported(path, found[2], found[1])

"""Findings of files that are as they were when they were last checked: kept by content, so that only what has changed
is checked again.

A file's findings hang on the texts of the file and of all it imports and renders, on the rules that are turned on, and
on flowlang itself; what is kept stands under all of them, in the user's cache, one file for each working folder. A
cache that is absent, corrupt or refused costs time only, and order and findings never depend on it.
"""

from __future__ import annotations

import os
import sys

from flowlang import bundled
from flowlang.cli.parallel import Result
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics.codec import from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

    Read = Callable[[str], str]

FORMAT: Final = 1
MOST: Final = 20_000
"""Files whose findings are kept for one working folder; those checked last stay."""


def remembered() -> Remembered | None:
    """What is known in the working folder; None where flowlang cannot tell whether it is still itself (in a zip)."""
    try:
        return Remembered(_state())
    except OSError:
        return None


class Remembered:
    """What is known of files by path: what it hangs on beside texts, the mark of each text, and the findings."""

    __slots__ = ("_file", "_key", "_known", "_new")

    def __init__(self, key: str) -> None:
        self._file = f"checks-{bundled.digest(os.fsencode(os.getcwd()))}.json"
        self._key = key
        stored = bundled.read_cache(self._file)
        body = None if stored is None else bundled.unseal(stored, key)
        self._known: dict[str, Any] = {} if body is None else bundled.read_json(body.decode(), 0)
        self._new: dict[str, Any] = {}

    def find(self, path: str, under: str, read: Read) -> Result | None:
        """What was found in a file, if it and all it imports and renders read as they did."""
        entry = self._known.get(path)
        if entry is None or entry[0] != under:
            return None
        for name, mark in entry[1].items():
            if _mark_of(read, name) != mark:
                return None
        return Result(entry[1], tuple(map(from_json, entry[2])))

    def add(self, path: str, under: str, result: Result) -> None:
        """Remember what was found in a file."""
        self._new[path] = [under, result.marks, result.found]

    def keep(self) -> None:
        """Write what was added."""
        if not self._new:
            return
        entries = {**{path: entry for path, entry in self._known.items() if path not in self._new}, **self._new}
        latest = dict(list(entries.items())[-MOST:])
        bundled.write_cache(self._file, bundled.pack(latest, self._key))


def marking(read: Read, marks: dict[str, str]) -> Read:
    """A function that reads and notes the mark of each text."""

    def reads(path: str) -> str:
        try:
            text = read(path)
        except Unreadable as error:
            marks[path] = _mark_of_none(error)
            raise
        marks[path] = _mark(text)
        return text

    return reads


def _mark_of(read: Read, path: str) -> str:
    try:
        return _mark(read(path))
    except Unreadable as error:
        return _mark_of_none(error)


def _mark_of_none(error: Unreadable) -> str:
    """The mark of a file that cannot be read: of what is said of it, and of what may be suggested instead."""
    return _mark(error.said)


def _mark(text: str) -> str:
    return bundled.digest(text.encode(errors="surrogatepass"))


def _state() -> str:
    """What changes whenever flowlang does: size and time of each of its files."""
    parts = [b"checks %d %d" % (FORMAT, sys.hexversion)]
    for folder in bundled.folders():
        parts += [f"{name} {size} {time}".encode() for name, size, time in sorted(_files(folder))]
    return bundled.digest(*parts)


def _files(folder: str) -> Iterable[tuple[str, int, int]]:
    """The files below a folder, but for byte code."""
    waiting = [folder]
    for each in waiting:
        with os.scandir(each) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                else:
                    found = entry.stat()
                    yield entry.path[len(folder) :], found.st_size, found.st_mtime_ns

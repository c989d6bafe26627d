"""What was told of files that are not open, of which editors know by those that import them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from lsprotocol import types

    Found = Mapping[str, list[types.Diagnostic]]


class Beside:
    """The findings of imported files, by importer; what the importer says that was looked at last counts."""

    def __init__(self) -> None:
        self._by_importer: dict[str, Found] = {}
        self._told: dict[str, list[types.Diagnostic]] = {}

    def note(self, importer: str, found: Found) -> None:
        """An open file was looked at: `found` has every file that it imports, those without findings too."""
        self._by_importer.pop(importer, None)
        self._by_importer[importer] = found

    def close(self, path: str) -> None:
        """A file is open no more, and nothing is told of it."""
        self._by_importer.pop(path, None)
        self._told.pop(path, None)

    def hand_over(self, path: str) -> bool:
        """The findings of a file reach the client another way; whether something was told that is to be taken back."""
        return self._told.pop(path, None) is not None

    def changes(self, opened: Container[str]) -> Iterator[tuple[str, list[types.Diagnostic]]]:
        """What is to be told of which file, once. Of open files others tell."""
        now: dict[str, list[types.Diagnostic]] = {}
        for found in self._by_importer.values():
            now.update((path, each) for path, each in found.items() if path not in opened)
        before, self._told = self._told, {path: each for path, each in now.items() if each}
        for path in dict.fromkeys((*before, *self._told)):
            if path not in opened and before.get(path) != self._told.get(path):
                yield path, self._told.get(path, [])

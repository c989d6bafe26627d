"""Checking a file again after an edit: only the items that changed are parsed, only they and what hangs on them are
checked, and what is found is what a check from scratch finds.

An item hangs on those whose names it spells, and on what they hang on. That is coarse, and never too little: words are
taken from the text, whatever they mean there. An edit of imports, or one that joins or parts items in a way that cannot
be judged from close by, means a check from scratch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.patchwork import Patchwork
from flowlang.compiler.pieces import Checked, Scratch
from flowlang.compiler.pipeline import Undisturbed, check
from flowlang.compiler.workspace import Unreadable
from flowlang.semantics.suggest import MOST_SUGGESTED
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from flowlang.semantics.facts import Program

    Read = Callable[[str], str]

EDITS: Final = 1_000
"""Edits after which a file is checked from scratch: nodes that are gone leave something behind in tables that stay."""
_CYCLES: Final = frozenset(("import-cycle", "name-cycle", "recursion", "type-cycle"))


class Session:
    """One file, checked again and again. `pieces` says how many were parsed and how many checked the last time."""

    __slots__ = ("_at_hand", "_edits", "_is_whole", "_opted_in", "_texts", "path", "pieces")

    def __init__(self, path: str) -> None:
        self.path = path
        self.pieces = 0, 0
        self._at_hand: Patchwork | None = None
        self._edits = 0
        self._is_whole = False  # it could not be checked in pieces the last time: that is not tried in vain again
        self._opted_in: frozenset[str] = frozenset()
        self._texts: dict[str, str] = {}

    def check(self, read: Read, opted_in: frozenset[str] = frozenset()) -> Checked:
        """Check the file as it reads now."""
        known = self._at_hand
        if known is not None and self._edits < EDITS and opted_in == self._opted_in and self._are_as_they_were(read):
            self._at_hand = None  # in pieces until it is done
            self._edits += 1
            try:
                with Undisturbed():
                    checked = known.change(read(self.path), _noting(read, self._texts))
                self._at_hand = known
                self.pieces = known.counted
                return checked
            except (Scratch, Unreadable):
                pass
        return self._from_scratch(read, opted_in)

    def _are_as_they_were(self, read: Read) -> bool:
        return all(_text_of(read, path) == text for path, text in self._texts.items())

    def _from_scratch(self, read: Read, opted_in: frozenset[str]) -> Checked:
        texts: dict[str, str] = {}
        reads = _noting(read, texts)
        self._at_hand = None
        self._edits = 0
        self._opted_in = opted_in
        pieces = None if self._is_whole else Patchwork(self.path, opted_in)
        try:
            if pieces is None:
                raise Scratch
            with Undisturbed():
                checked = pieces.begin(reads)
        except Scratch:
            program = check(self.path, reads, opted_in)
            self._is_whole = _is_only_whole(program)
            file = program.files.get(self.path)
            return Checked(program, Source(self.path, "") if file is None else file.source, (), [])
        texts.pop(self.path, None)
        self._texts = texts
        self._at_hand = pieces
        self.pieces = pieces.counted
        return checked


def _is_only_whole(program: Program) -> bool:
    """Whether a program is one that cannot be checked in pieces: what refers to itself, or has too many mistakes."""
    found = [each for each in program.diagnostics if each.severity == "error"]
    return len(found) >= MOST_SUGGESTED or any(each.rule in _CYCLES for each in found)


def _noting(read: Read, texts: dict[str, str]) -> Read:
    """What reads and notes the text of each file, or why it has none."""

    def reads(path: str) -> str:
        texts[path] = _text_of(read, path)
        return read(path)

    return reads


def _text_of(read: Read, path: str) -> str:
    """The text of a file, or why it has none."""
    try:
        return read(path)
    except Unreadable as error:
        return error.said

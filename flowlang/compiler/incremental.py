"""Checking a file again after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.checks.registry import SYNTAX
from flowlang.compiler.pipeline import check
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.semantics.facts import Program

    Read = Callable[[str], str]


class Checked:
    """A program, with the text of its root as it was given. `is_sound`: the root's text parsed without a mistake."""

    __slots__ = ("is_sound", "program", "source")

    def __init__(self, program: Program, source: Source) -> None:
        self.program = program
        self.source = source
        self.is_sound = program.root in program.files and not any(
            each.rule in SYNTAX and each.span.file == program.root for each in program.diagnostics
        )

    def to_tree(self, offset: int) -> int:
        """The offset in the tree's text of one in the text."""
        return offset

    def to_text(self, offset: int) -> int:
        """The offset in the text of one in the tree's text."""
        return offset


class Session:
    """One file, checked again and again."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def check(self, read: Read, opted_in: frozenset[str] = frozenset()) -> Checked:
        """Check the file as it reads now."""
        program = check(self.path, read, opted_in)
        file = program.files.get(self.path)
        return Checked(program, file.source if file is not None else Source(self.path, ""))

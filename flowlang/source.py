"""A source text and its places: the only converter between offsets, lines, columns and UTF-16 units.

Offsets count code points from 0 in the text exactly as it was read: line ends are not translated. Lines and columns
count from 1. A line ends at LF, CRLF or CR.
"""

from __future__ import annotations

from _bisect import bisect_right

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Span(Record):
    """A place in one file: code-point offsets, `start` inclusive, `end` exclusive."""

    __slots__ = ()

    file: str
    start: int
    end: int


class Position(Record):
    """A line and a column, both from 1, in code points."""

    __slots__ = ()

    line: int
    column: int


class Source:
    """One text with its display path; line starts are computed when first asked for."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path: Final = path
        self.text: Final = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        if self._starts is None:
            self._starts = _line_starts(self.text)
        return self._starts

    def position(self, offset: int) -> Position:
        """Convert an offset; one past the end of the text is the end of the last line."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Convert a line and column, both from 1, clamped into the text."""
        if line < 1:
            return 0
        if line > len(self.starts):
            return len(self.text)
        start = self.starts[line - 1]
        return start + max(0, min(column - 1, len(self.line(line))))

    def line(self, number: int) -> str:
        """The text of a line, from 1, without its line end."""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def utf16(self, offset: int) -> tuple[int, int]:
        """Convert an offset to a line and a UTF-16 column, both from 0, as the language server protocol counts."""
        at = self.position(offset)
        before = self.line(at.line)[: at.column - 1]
        return at.line - 1, len(before.encode("utf-16-le", "surrogatepass")) // 2

    def from_utf16(self, line: int, column: int) -> int:
        """Convert a line and a UTF-16 column, both from 0; inside a surrogate pair means before it."""
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(self.text)
        units = self.line(line + 1).encode("utf-16-le", "surrogatepass")[: max(column, 0) * 2]
        return self.starts[line] + len(units.decode("utf-16-le", "ignore"))

    def edited(self, start: int, end: int, text: str) -> Source:
        """The source with another text between two offsets. Where its lines begin is not looked for again."""
        made = Source(self.path, self.text[:start] + text + self.text[end:])
        if self._starts is not None and "\r" not in self.text and "\r" not in text:
            first, last = bisect_right(self._starts, start), bisect_right(self._starts, end)
            shift = start + len(text) - end
            within = [start + each for each in _line_starts(text)[1:]]
            made._starts = [*self._starts[:first], *within, *[each + shift for each in self._starts[last:]]]
        return made


def _line_starts(text: str) -> list[int]:
    starts = [0]
    if "\r" not in text:
        at = 0
        for line in text.split("\n")[:-1]:
            at += len(line) + 1
            starts.append(at)
        return starts
    for index, char in enumerate(text):
        if char == "\n" or (char == "\r" and text[index + 1 : index + 2] != "\n"):
            starts.append(index + 1)
    return starts

"""The text of one file in pieces: which of them an edit replaces, and what stands there instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.loading import load
from flowlang.compiler.pieces import Piece, Scratch, begins_item, cut, differing, parse_at
from flowlang.compiler.piecewise import Piecewise
from flowlang.compiler.regrown import regrown
from flowlang.source import Source
from flowlang.syntax.foreign_files import format_of
from flowlang.syntax.word_hints import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.compiler.pieces import Checked
    from flowlang.syntax.parser import Parsed

    Read = Callable[[str], str]

SLACK: Final = 64 * 1024
"""Characters by which the tree's text may outgrow three times the text."""
SPARE: Final = 1_024
"""Characters by which a piece that was moved may grow, gaps counted, before it moves again; a long one by a quarter."""
LOOKED_AT: Final = 3
"""Pieces behind an edit with a mistake that are parsed with it, to see where the mistake ends."""


class Patchwork:
    """The pieces of one file. `counted` says how many were parsed and how many checked the last time. Raises `Scratch`
    where they do not suffice.
    """

    __slots__ = ("_known", "_path", "_pieces", "_tree_text", "counted")

    def __init__(self, path: str, opted_in: frozenset[str]) -> None:
        self.counted = 0, 0
        self._path = path
        self._pieces: list[Piece] = []
        self._tree_text = ""
        self._known = Piecewise(path, self._pieces, opted_in)

    def begin(self, read: Read) -> Checked:
        """Load the file and all it imports, and check it piece by piece."""
        known = self._known
        known.open(read)
        loaded = load(self._path, read, known.reporter)
        if not loaded or loaded[-1].path != self._path:
            raise Scratch
        *imported, root = loaded
        known.begin(imported, root.imports)
        self._tree_text = root.source.text
        self._pieces.extend(cut(root.source.text, 0, root.parsed))
        known.check(self._pieces, self._tree_text, root.parsed.tree.doc)
        self.counted = len(self._pieces), len(self._pieces)
        return known.result(root.source)

    def change(self, text: str, read: Read) -> Checked:
        """Check the file with another text; `read` reads the templates that are new in it."""
        known = self._known
        known.open(read)
        first, last, start, end = differing(self._pieces, text)
        source = Source(self._path, text)
        if first == last and start == end:
            self.counted = 0, 0
            return known.result(source)
        mistaken = [piece for piece in self._pieces if piece.syntax]
        if len(self._tree_text) > 3 * len(text) + SLACK or text.startswith("\ufeff"):
            raise Scratch
        while first and (not self._pieces[first - 1].is_whole or not begins_item(text[start:end])):
            first -= 1
            start -= len(self._pieces[first].text)
        while last < len(self._pieces) and self._pieces[last].hangs_on_end(text[start:end]):
            end += len(self._pieces[last].text)
            last += 1
        if not first and format_of(text):
            raise Scratch
        grown = self._regrown(first, last, text[start:end])
        fresh, last = ([grown], last) if grown is not None else self._parsed(text, start, end, first, last)
        gone = self._pieces[first:last]
        is_dense = any(piece.is_dense and (piece.inferred or piece.checked) for piece in gone)
        if not all(piece.is_plain for piece in (*gone, *fresh)):
            raise Scratch
        if any(piece not in gone for piece in mistaken) and _declared(gone) != _declared(fresh):
            raise Scratch  # what is said of a mistake may hang on what is declared
        self._exchange(first, last, fresh)
        if grown is not None and grown.touches_gap():
            is_dense = True
            fresh, _ = self._parsed(text, start, end, first, last)
            self._exchange(first, last, fresh)
        for piece in fresh:
            piece.is_dense = is_dense
        return known.result(source)

    def _exchange(self, first: int, last: int, fresh: list[Piece]) -> None:
        """Put pieces in place of others, and check them and what hangs on them."""
        gone = self._pieces[first:last]
        self._replace(first, last, fresh)
        stale = self._known.exchange(gone, fresh)
        self.counted = len(fresh), len(stale)
        self._known.check(stale, self._tree_text)

    def _regrown(self, first: int, last: int, text: str) -> Piece | None:
        """The one piece that an edit concerns with another text, laid out so that the next edit moves little."""
        if last - first != 1:
            return None
        piece = self._pieces[first]
        return regrown(self._path, piece, text, len(self._tree_text) + 1)

    def _parsed(self, text: str, start: int, end: int, first: int, last: int) -> tuple[list[Piece], int]:
        """Parse what is new; a mistake in it may reach into the pieces behind it, which are then new too."""
        for _ in range(LOOKED_AT):
            fresh = text[start:end]
            gone = self._pieces[first:last]
            base = self._place(gone, len(fresh))
            is_in_place = len(gone) == 1 and base == gone[0].base and not gone[0].gaps
            marks = gone[0].marks_before(fresh) if is_in_place else ()
            parsed = parse_at(self._path, fresh, base, marks)
            if parsed.diagnostics:
                head = "".join(sorted(declared(text)))  # what is said of a mistake may hang on it
                parsed = parse_at(self._path, fresh, base, marks, (), head)
            if not parsed.diagnostics or last == len(self._pieces):
                pieces = cut(fresh, base, parsed)
                if len(pieces) == 1 and not parsed.diagnostics:
                    pieces[0].marks = parsed.marks
                return pieces, last
            following = self._pieces[last]
            both = parse_at(self._path, fresh + following.text, base, (), (), head)
            if _ends_before(both, base + len(fresh), following):
                items = both.tree.items[: len(both.tree.items) - len(following.items)]
                comments = tuple(each for each in both.comments if each.start < base + len(fresh))
                return cut(fresh, base, both.replace(tree=both.tree.replace(items=items), comments=comments)), last
            end += len(following.text)
            last += 1
        raise Scratch

    def _place(self, gone: list[Piece], length: int) -> int:
        """Where in the tree's text something new stands: in place of the one piece that goes, if there is room."""
        return gone[0].base if len(gone) == 1 and length <= gone[0].room else len(self._tree_text) + 1

    def _replace(self, first: int, last: int, fresh: list[Piece]) -> None:
        """Put pieces in place of others."""
        gone = self._pieces[first:last]
        text = self._tree_text
        written = "".join([piece.laid for piece in fresh])
        base = self._place(gone, len(written))
        if base < len(text):
            room = gone[0].room
            blank = "\n" * (gone[0].end - base - len(written))
            self._tree_text = "".join((text[:base], written, blank, text[base + len(written) + len(blank) :]))
        else:
            room = len(written) + max(SPARE, len(written) // 4)
            for piece in gone:
                text = "".join((text[: piece.base], "\n" * (piece.end - piece.base), text[piece.end :]))
            self._tree_text = "".join((text, "\n", written, "\n" * (room - len(written))))
        if fresh:
            fresh[-1].room += room - len(written)
        self._pieces[first:last] = fresh
        at = 0
        for piece in self._pieces:
            piece.start = at
            at += len(piece.text)


def _declared(pieces: Iterable[Piece]) -> frozenset[str]:
    return frozenset().union(*[declared(piece.text, 1) for piece in pieces])


def _ends_before(parsed: Parsed, end: int, following: Piece) -> bool:
    """Whether what stands before a place was parsed without touching the piece behind it."""
    items = parsed.tree.items
    count = len(following.items)
    behind = items[len(items) - count :] if count else ()
    before = items[: len(items) - count]
    return (
        len(behind) == count
        and all(item.end <= end for item in before)
        and not any(each.span.end > end for each in parsed.diagnostics)
        and not any(start < end < behind for start, behind in parsed.stretches)
        and all(
            new == old and new.start - end == following.offset(old.start) and new.end - end == following.offset(old.end)
            for new, old in zip(behind, following.items, strict=True)
        )
    )

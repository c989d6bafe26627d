"""A flow that grows in the middle: what stands behind the statement that is typed in stays where it is.

A gap, blank lines that only the tree's text has, stands behind that statement, and gives way as it grows. So the
statements behind it are the nodes that they were, and are not even parsed again.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from flowlang.compiler.pieces import Piece, begin, laid, parse_at
from flowlang.syntax import ast

if TYPE_CHECKING:
    from typing import Final

    from flowlang.compiler.pieces import Gaps
    from flowlang.syntax.context import Mark

ROOM: Final = 256
"""Blank lines of a new gap: characters by which a statement may grow before those behind it move."""


def regrown(path: str, piece: Piece, text: str, elsewhere: int) -> Piece | None:
    """A piece that is one flow, with another text, where it was or `elsewhere`; none where the edit is not within
    statements, or makes a mistake.
    """
    if len(piece.items) != 1 or piece.is_dense or piece.syntax:
        return None
    (flow,) = piece.items
    found = _gaps(piece, flow.body, text) if type(flow) is ast.FlowDecl else None
    if found is None:
        return None
    gaps, behind = found
    size = len(text) + sum([size for _, size in gaps])
    base = piece.base if size <= piece.room else elsewhere
    marks = piece.marks_before(text) if base == piece.base else ()
    parsed = parse_at(path, laid(text, gaps), base, marks, behind)
    items = parsed.tree.items
    if parsed.diagnostics or len(items) != 1 or type(items[0]) is not ast.FlowDecl:
        return None
    new = Piece(text, base, items, gaps)
    if not _is_between_statements(new, items[0].body):
        return None
    new.room = size
    new.comments += parsed.comments
    new.marks = parsed.marks
    return new


def _gaps(piece: Piece, body: ast.Body, text: str) -> tuple[Gaps, tuple[Mark, ...]] | None:
    """The gaps of a text in a piece's place, with one behind the edit, and the marks behind it that stay."""
    same = begin(piece.text, text)
    at = _line_behind(piece, body, _same_end(piece.text, text, same))
    if at is None:
        return None
    before = [gap for gap in piece.gaps if gap[0] <= same]
    grows = len(text) - len(piece.text)
    size = piece.place(at) - piece.base - at - grows - sum([size for _, size in before])
    if size < 0:
        return (*before, (at + grows, ROOM)), ()
    gap = [(at + grows, size)] if size else []
    behind = [(each + grows, size) for each, size in piece.gaps if each > at]
    return (*before, *gap, *behind), _marks_behind(piece.marks, piece.place(at))


def _line_behind(piece: Piece, body: ast.Body, offset: int) -> int | None:
    """Where the line begins behind the first statement that ends, with its line, behind an offset; that before another
    statement.
    """
    for statement, following in pairwise(body.statements):
        if piece.offset(following.start) > offset:
            at = piece.text.find("\n", piece.offset(statement.end)) + 1
            if offset < at <= piece.offset(following.start):
                return at
    return None


def _is_between_statements(piece: Piece, body: ast.Body) -> bool:
    """Whether each gap follows the line on which a statement ends: not in a text, nor below a doc."""
    ends = [statement.end for statement in body.statements]
    for at, size in piece.gaps:
        number = bisect_right(ends, piece.place(at) - size)
        if not number or number == len(ends) or body.statements[number].start < piece.place(at):
            return False
        if piece.text.find("\n", piece.offset(ends[number - 1])) + 1 != at:
            return False
    return True


def _marks_behind(marks: tuple[Mark, ...], place: int) -> tuple[Mark, ...]:
    """Of the marks behind a place those before a statement of the same body as the first."""
    behind = [mark for mark in marks if mark.at >= place]
    return tuple([mark for mark in behind if mark.stacks.starts[:-1] == behind[0].stacks.starts[:-1]])


def _same_end(old: str, new: str, start: int) -> int:
    """From where on an old text ends as a new one does, not before a place in both."""
    same, differs = 0, min(len(old), len(new)) - start + 1
    while differs - same > 1:
        middle = (same + differs) // 2
        same, differs = (middle, differs) if new.endswith(old[len(old) - middle :]) else (same, middle)
    return len(old) - same

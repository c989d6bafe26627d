"""A change of a text as the fewest edits, so that an editor's cursor and marks stay where they are."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.places import span
from flowlang.record import Record
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 4_000
"""Lines that differ, above which a text is replaced at once: comparing them would take longer than it helps."""


class Hunk(Record):
    """Other lines for some lines of a text: places in it, where they begin and end."""

    __slots__ = ()

    start: int
    end: int
    text: str


def edits_between(source: Source, after: str) -> list[types.TextEdit]:
    """The edits, of whole lines, that turn a text into another."""
    return [edit_of(source, each) for each in hunks(source.text, after)]


def edit_of(source: Source, hunk: Hunk) -> types.TextEdit:
    """A hunk as the protocol says it."""
    return types.TextEdit(range=span(source, hunk.start, hunk.end), new_text=hunk.text)


def hunks(before: str, after: str) -> list[Hunk]:
    """What turns a text into another, in order; as many lines for as many are a hunk for each."""
    old, new = _lines(before), _lines(after)
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    changed, fresh = old[first : len(old) - last], new[first : len(new) - last]
    starts = [sum(map(len, old[:first]))]
    for line in changed:
        starts.append(starts[-1] + len(line))
    if len(changed) + len(fresh) > MOST:
        return [Hunk(starts[0], starts[-1], "".join(fresh))]
    found = []
    # Most lines differ in their white space only: those are the same line, written anew.
    matcher = SequenceMatcher(None, [_bare(line) for line in changed], [_bare(line) for line in fresh], autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        if b - a == d - c:
            pairs = [(starts[a + n], starts[a + n + 1], fresh[c + n]) for n in range(b - a)]
            found += [Hunk(start, end, line) for start, end, line in pairs if before[start:end] != line]
        else:
            found.append(Hunk(starts[a], starts[b], "".join(fresh[c:d])))
    return found


def _bare(line: str) -> str:
    return "".join(line.split())


def applied(text: str, made: Sequence[Hunk]) -> str:
    """A text after some of its hunks."""
    parts, at = [], 0
    for each in made:
        parts += [text[at : each.start], each.text]
        at = each.end
    return "".join([*parts, text[at:]])


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends, as the protocol counts them."""
    starts = Source("", text).starts
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]

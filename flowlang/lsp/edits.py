"""A change of a text as the fewest edits, so that an editor's cursor and marks stay where they are."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.places import span
from flowlang.record import Record
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 10_000
"""Pairs of lines, between two that stand alone in both texts, above which those between are replaced at once: comparing
them would take longer than it helps.
"""


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
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    found = []
    for a, b, c, d in _differing([*map(_bare, old)], [*map(_bare, new)]):
        if b - a == d - c:
            pairs = [(starts[a + n], starts[a + n + 1], new[c + n]) for n in range(b - a)]
            found += [Hunk(start, end, line) for start, end, line in pairs if before[start:end] != line]
        else:
            found.append(Hunk(starts[a], starts[b], "".join(new[c:d])))
    return found


def _differing(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Which lines become which, in order, all lines told; most differ in their white space only, which is not here.

    Lines that stand alone in both texts are held on to ("patience diff"), and what is between two of them compared.
    """
    at = to = 0
    for i, j in [*_anchors(old, new), (len(old), len(new))]:
        yield from _compared(old, at, i, new, to, j)
        if i < len(old):
            yield i, i + 1, j, j + 1
        at, to = i + 1, j + 1


def _compared(old: list[str], a: int, b: int, new: list[str], c: int, d: int) -> Iterator[tuple[int, int, int, int]]:
    if (b - a) * (d - c) > MOST:
        yield a, b, c, d
        return
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    yield from ((a + i, a + j, c + k, c + m) for _, i, j, k, m in matcher.get_opcodes())


def _anchors(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """The longest run, growing in both texts, of lines that stand alone in each. It is found from its end, so that of
    two lines that changed places the first is held on to.
    """
    times, others = Counter(old), Counter(new)
    where = {line: j for j, line in enumerate(new) if others[line] == 1}
    alone = [(i, where[line]) for i, line in enumerate(old) if times[line] == 1 and line in where]
    begins: list[int] = []  # of the runs of each length the last beginning, negated, and in `first` which pair it is
    first: list[int] = []
    behind = [-1] * len(alone)
    for number in range(len(alone) - 1, -1, -1):
        length = bisect_left(begins, -alone[number][1])
        behind[number] = first[length - 1] if length else -1
        begins[length : length + 1] = [-alone[number][1]]
        first[length : length + 1] = [number]
    found = []
    at = first[-1] if first else -1
    while at >= 0:
        found.append(alone[at])
        at = behind[at]
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

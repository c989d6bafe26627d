"""A change of a text as the fewest edits, so that an editor's cursor and marks stay where they are."""

from __future__ import annotations

from difflib import SequenceMatcher

from lsprotocol import types

from flowlang.lsp.places import span
from flowlang.source import Source

MOST = 4_000
"""Lines that differ, above which a text is replaced at once: comparing them would take longer than it helps."""


def edits_between(source: Source, after: str) -> list[types.TextEdit]:
    """The edits, of whole lines, that turn a text into another."""
    old, new = _lines(source.text), _lines(after)
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    changed, fresh = old[first : len(old) - last], new[first : len(new) - last]
    begin = sum(map(len, old[:first]))
    if len(changed) + len(fresh) > MOST:
        return [_edit(source, begin, begin + sum(map(len, changed)), "".join(fresh))]
    starts = [begin]
    for line in changed:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, changed, fresh, autojunk=False)
    return [
        _edit(source, starts[a], starts[b], "".join(fresh[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends, as the protocol counts them."""
    starts = Source("", text).starts
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _edit(source: Source, start: int, end: int, text: str) -> types.TextEdit:
    return types.TextEdit(range=span(source, start, end), new_text=text)

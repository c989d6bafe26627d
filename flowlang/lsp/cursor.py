"""Where a cursor stands in a text that may be half written, and the text as it would be with a whole word there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.meaning import chain_at
from flowlang.lsp.unfinished import CLOSERS, closing, lacking, lacks_comma
from flowlang.lsp.words import ITEM_WORDS
from flowlang.record import Record
from flowlang.source import Source

if TYPE_CHECKING:
    from typing import Final

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Symbol
    from flowlang.syntax import ast

PLACEHOLDER: Final = "zz_here"
_items: Final = re.compile(rf"^(?:@|(?:{'|'.join(ITEM_WORDS)}|annotation|trigger)\b)", re.MULTILINE)
_word: Final = re.compile(r"\w*\Z")
_rest: Final = re.compile(r"\w*")
_line_ends: Final = re.compile(r"(?:#[^\n]*)?\s*\n\s*")
_lone_return: Final = re.compile(r"\r(?!\n)")
HOLE: Final = "hole"
TEXTS: Final = ('"', "'", '"""')


class Cursor(Record):
    """`mode`: 'code', 'text' or 'comment'. `word`: what is written of the word there, from `start`; `before`: what
    stands before it on its line, in its hole or, where it begins its line, in its bracket. `open`: brackets, texts and
    holes around it, outermost first, with their places.
    """

    __slots__ = ()

    mode: str
    offset: int
    start: int
    word: str
    before: str
    open: tuple[tuple[str, int], ...]

    @property
    def is_in_hole(self) -> bool:
        return any(kind == HOLE for kind, _ in self.open)


def by_lines(path: str, text: str) -> Source:
    """A text with LF where CR alone ends a line, place by place the same: what stands around a cursor is read by LF."""
    return Source(path, _lone_return.sub("\n", text))


def cursor_at(text: str, offset: int) -> Cursor:
    """Read the item around an offset up to it."""
    begin = max((found.start() for found in _items.finditer(text, 0, offset)), default=0)
    mode, opened = _scan(text, begin, offset)
    found = _word.search(text, begin, offset)
    start = offset if found is None else found.start()
    line = max(text.rfind("\n", 0, start) + 1, begin)
    if opened and opened[-1][0] in (HOLE, *TEXTS):
        line = max(line, opened[-1][1] + (2 if opened[-1][0] == HOLE else len(opened[-1][0])))
    before = text[line:start]
    if not before.strip() and opened and opened[-1][0] in "([":
        before = _line_ends.sub(" ", text[opened[-1][1] : start])
    return Cursor(mode, offset, start, text[start:offset], before, tuple(opened))


def _scan(text: str, at: int, end: int) -> tuple[str, list[tuple[str, int]]]:
    """What is open at the end of a stretch of text."""
    opened: list[tuple[str, int]] = []
    while at < end:
        inside = opened[-1][0] if opened else ""
        char = text[at]
        if inside in TEXTS:
            if char == "\\":
                at += 2
            elif text.startswith(inside, at) or (char in "\r\n" and inside != '"""'):
                opened.pop()
                at += len(inside) if char not in "\r\n" else 1
            elif inside != "'" and text.startswith("{{", at):
                opened.append((HOLE, at))
                at += 2
            else:
                at += 1
            continue
        if char == "#":
            line = text.find("\n", at)
            if line < 0 or line >= end:
                return "comment", opened
            at = line
        elif inside == HOLE and text.startswith("}}", at):
            opened.pop()
            at += 1
        elif char in "\"'":
            quote = '"""' if text.startswith('"""', at) else char
            opened.append((quote, at))
            at += len(quote) - 1
        elif char in "([{":
            opened.append((char, at))
        elif char in ")]}" and opened and CLOSERS.get(inside) == char:
            opened.pop()
        at += 1
    return "text" if opened and opened[-1][0] in TEXTS else "code", opened


class Probe(Record):
    """The file as it would be with a whole word at the cursor, and the nodes around that word."""

    __slots__ = ()

    snapshot: Snapshot
    chain: list[ast.Node]

    @property
    def names(self) -> dict[str, Symbol]:
        """What the file declares and imports."""
        return {} if self.snapshot.file is None else self.snapshot.file.names


def probe(
    project: Project, path: str, text: str, cursor: Cursor, word: str = PLACEHOLDER, ending: str = ""
) -> Probe | None:
    """Check the file with a word at the cursor, what is open on its line closed, and what is lacking put in."""
    rest = _rest.match(text, cursor.offset)
    after = cursor.offset if rest is None else rest.end()
    texts, behind, brackets = closing(text, cursor, after)
    place, lack = lacking(text, cursor, behind)
    comma = ending or ("," if lacks_comma(text, cursor, after) else "")
    parts = (text[: cursor.start], word, texts, comma, text[after:behind], brackets, text[behind:place], lack)
    whole = "".join(parts) + text[place:]
    snapshot = project.probe(path, whole)
    if snapshot.file is None:
        return None
    offset = snapshot.tree_offset(cursor.start + (1 if word else 0))
    return Probe(snapshot, chain_at(snapshot.file.tree, offset))

"""A text in pieces, each with the item that ends in it, and the two places that everything in a piece has.

The tree's text is not the editor's: a piece that is parsed again is put in its own place if there is room, else behind
everything else, and what stood for it before is blanked. So the nodes of all other pieces, and the facts about them,
stay as they are when the text before them grows or shrinks. Nor do the statements of a flow move behind the one that is
typed in: blank lines of the tree's text, a gap, stand between them, into which that one grows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from flowlang.checks.index import around, spelled
from flowlang.checks.registry import SYNTAX
from flowlang.diagnostics import Related
from flowlang.diagnostics.model import Edit
from flowlang.semantics.declarations import KINDS
from flowlang.semantics.unparsed import is_broken_import
from flowlang.source import Source, Span
from flowlang.syntax import ast
from flowlang.syntax.braces import line_of
from flowlang.syntax.parser import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Final

    from flowlang.checks.sites import Sites
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import Facts, Program
    from flowlang.semantics.infer.course import Course
    from flowlang.semantics.ledger import Keys
    from flowlang.semantics.scopes import Binding
    from flowlang.syntax.context import Comment, Mark
    from flowlang.syntax.parser import Parsed
    from flowlang.types.model import Type

    Gaps = tuple[tuple[int, int], ...]

LARGEST: Final = 1 << 62
_words: Final = re.compile(r"[^\W\d]\w*").findall
_dashed: Final = re.compile(r"[^\W\d]\w*(?:-\w+)+").findall
_begins: Final = re.compile(
    r"(?:[ \t]*(?:\#[^\r\n]*)?\r?\n)*"
    r"(?:@[A-Za-z_]|(?:flow|type|service|action|function|let|import|config|annotation|trigger|test)\b[ \t]*[\w{'\"])"
).match
_NAMED: Final = (ast.Let, ast.TypeDecl, ast.ServiceDecl, ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl)
_PLAIN: Final = (*_NAMED, ast.Config, ast.Broken)


class Scratch(Exception):
    """An edit is to be checked from scratch."""


class Piece:
    """A stretch of whole lines, as a rule with one item at its end; and all that was found out about it.

    `start`: its place in the text; `base`: its place in the tree's text, where all nodes and findings have theirs, with
    `room` for as many characters; `gaps`: where blank lines stand in the tree's text only, as offsets in the text of
    what follows them, and how many; `is_dense`: it is to have none; `marks`: from where it can be parsed again;
    `course`: from where it can be inferred again; `configures`: whether it declares configuration values; `facts`:
    those about it, once it is checked; `heads` and `keys`: those in the tables of facts because of what it declares,
    and of all else; `seen`: the text in which rules found what is `checked`, empty if there was an error in the file;
    `memo`: what others found out about it, until it is checked again.
    """

    __slots__ = (
        "_spelling",
        "_spells",
        "base",
        "bindings",
        "checked",
        "comments",
        "configures",
        "course",
        "facts",
        "gaps",
        "heads",
        "inferred",
        "is_dense",
        "items",
        "keys",
        "marks",
        "memo",
        "names",
        "own",
        "room",
        "seen",
        "sites",
        "start",
        "syntax",
        "text",
        "uses",
    )

    def __init__(self, text: str, base: int, items: tuple[ast.Item, ...], gaps: Gaps = ()) -> None:
        self.text = text
        self.start = base
        self.base = base
        self.gaps = gaps
        self.is_dense = False
        self.room = len(text)
        self.items = items
        self.comments: list[Comment] = []
        self.syntax: list[Diagnostic] = []
        self.names = frozenset(_declares(items))
        self.configures = ("config", "config") in self.names
        self._spelling: tuple[str, str, str] | None = None
        self._spells: frozenset[str] | None = None
        self.uses: list[set[str]] | None = None
        self.facts: Facts
        self.heads: Keys = []
        self.keys: Keys = []
        self.course: Course | None = None
        self.marks: tuple[Mark, ...] = ()
        self.memo: dict[str, Any] = {}
        self.own: dict[str, Type] = {}
        self.bindings: dict[str, Binding] = {}
        self.inferred: list[Diagnostic] = []
        self.checked: list[Diagnostic] = []
        self.seen = ""
        self.sites: Sites | None = None

    @property
    def end(self) -> int:
        """Where it ends in the tree's text."""
        return self.base + len(self.text) + sum([size for _, size in self.gaps])

    @property
    def laid(self) -> str:
        """Its text as it stands in the tree's text."""
        return laid(self.text, self.gaps)

    def place(self, offset: int) -> int:
        """The offset in the tree's text of one in its own; behind the gap, where there is one."""
        return self.base + offset + sum([size for at, size in self.gaps if at <= offset])

    def offset(self, place: int) -> int:
        """The offset in its own text of one in the tree's that lies in no gap."""
        offset = place - self.base
        for at, size in self.gaps:
            if offset <= at:
                break
            offset -= size
        return offset

    @property
    def bases(self) -> list[tuple[int, int]]:
        """Where its stretches without a gap begin, in the tree's text and in the text."""
        bases, place = [(self.base, self.start)], self.base
        for at, size in self.gaps:
            place += size
            bases.append((place + at, self.start + at))
        return bases

    def touches_gap(self) -> bool:
        """Whether a finding of it may be another one because of a gap."""
        if not self.gaps:
            return False
        found = [*self.inferred, *self.checked]
        ends = [(self.place(at) - size, self.place(at)) for at, size in self.gaps]
        return any(
            place.start < end + is_edit and place.end > start - is_edit
            for each in found
            for place, is_edit in _places(each)
            for start, end in ends
        )

    @property
    def words(self) -> frozenset[str]:
        """The words in it; looked for when something else changes."""
        if self._spells is None:
            self._spells = frozenset(_words(self.text))
        return self._spells

    @property
    def spelling(self) -> tuple[str, str, str]:
        """Its text as the words of rules are looked for in it."""
        if self._spelling is None:
            self._spelling = spelled(self.text)
        return self._spelling

    @property
    def spelled(self) -> set[str]:
        """The words by which others refer to it, or could if it had no mistake."""
        spelled = {word for name, _ in self.names for word in (name, name.removeprefix("is_"))}
        for item in self.items:
            if isinstance(item, ast.Config):
                spelled |= self.words if self.syntax else {field.name.name for field in item.fields}
            elif isinstance(item, ast.Broken):
                spelled.update(*map(_words, _dashed(self.text)))
        return spelled

    @property
    def is_plain(self) -> bool:
        """Whether it holds nothing that may change what the whole file means."""
        is_plain = all(isinstance(item, _PLAIN) for item in self.items) and "##!" not in self.text
        return is_plain and not any(is_broken_import(item, self.text, self.base) for item in self.items)

    def hangs_on(self, spelled: set[str]) -> bool:
        """Whether it spells one of some names, or a finding in it suggests one."""
        words = self._spells
        if words is None:
            words = self.words
        if not words.isdisjoint(spelled):
            return True
        if not self.inferred and not self.checked:
            return False
        found = (*self.inferred, *self.checked)
        return any(not spelled.isdisjoint(_words(each.help)) for each in found if each.help)

    @property
    def hangs_on_none_of_its_own(self) -> bool:
        """Whether it spells no name of its own but where it declares it."""
        return all(self.text.count(word) == 1 for word in self.spelled)

    def marks_before(self, text: str) -> tuple[Mark, ...]:
        """The marks before which another text in place of this piece has the same, and in the line behind them."""
        line = self.place(self.text.rfind("\n", 0, begin(self.text, text)))
        return tuple([each for each in self.marks if each.at <= line])

    @property
    def is_open(self) -> bool:
        """Whether a text of several lines may not be closed in it: where that ends is not seen from here."""
        return bool(self.syntax) and has_open_text(self.text)

    @property
    def is_whole(self) -> bool:
        """Whether it has an item without a mistake, to which nothing behind it belongs."""
        return bool(self.items) and not self.syntax

    @property
    def begins_item(self) -> bool:
        """Whether it begins, behind comments, as only an item does: what stands before it is not continued."""
        return begins_item(self.text)

    def hangs_on_end(self, before: str) -> bool:
        """Whether it may be another one where another text ends before it."""
        return bool(self.syntax) or not self.begins_item or ends_in_comment(before)

    def refers_into(self, ranges: list[tuple[int, int]]) -> bool:
        """Whether a finding of this piece shows a place in one of some stretches of the tree's text."""
        return bool(self.inferred or self.checked) and any(
            start <= place.start < end
            for found in (*self.inferred, *self.checked)
            for place, _ in _places(found)
            for start, end in ranges
        )


def laid(text: str, gaps: Gaps) -> str:
    """A text with gaps."""
    for at, size in reversed(gaps):
        text = "".join((text[:at], "\n" * size, text[at:]))
    return text


def begins_item(text: str) -> bool:
    """Whether a text begins, behind comments, as only an item does."""
    return _begins(text) is not None


def ends_in_comment(text: str) -> bool:
    """Whether the last line of a text with something on it is a comment: it may be the doc of what follows."""
    text = text.rstrip()
    return text[line_of(text, len(text)) :].lstrip().startswith("#")


def has_open_text(text: str) -> bool:
    """Whether a text of several lines may begin in some lines and not end there."""
    return any(text.count(sign) % 2 for sign in ('"""', "'''"))


def _declares(items: Iterable[ast.Item]) -> Iterator[tuple[str, str]]:
    """The names that items declare, with what they are."""
    for item in items:
        if isinstance(item, ast.Broken):
            if item.name is not None:
                yield item.name, "broken"
        elif isinstance(item, ast.BrokenFlow):
            yield item.name.name, "broken"
        elif isinstance(item, ast.Import):
            yield (item.alias or item.target).name, "import"
        elif isinstance(item, ast.Config):
            yield "config", "config"
        elif isinstance(item, _NAMED):
            yield item.name.name, KINDS[type(item)]


# ---- cutting


def parse_at(
    path: str, text: str, base: int, marks: tuple[Mark, ...] = (), behind: tuple[Mark, ...] = (), head: str = ""
) -> Parsed:
    """Parse lines as if they stood at a place of the tree's text, with nothing around them but, somewhere before, a
    head; from the last of some marks on, up to others. Raises `Scratch` where there is no room for the head.
    """
    if len(head) > base:
        raise Scratch
    return parse(Source(path, head + "\n" * (base - len(head)) + text), base, marks, behind)


def cut(text: str, base: int, parsed: Parsed) -> list[Piece]:
    """Cut a text that was parsed at a place into pieces: behind the line on which an item ends, but not where only
    more of the text tells what a mistake is.
    """
    pieces: list[Piece] = []
    at = base
    items: list[ast.Item] = []
    last = base + len(text)
    stretches, far = sorted(parsed.stretches, reverse=True), base
    for number, item in enumerate(parsed.tree.items):
        items.append(item)
        line_end = text.find("\n", max(item.end - 1, item.start) - base)
        end = last if line_end < 0 else base + line_end + 1
        if number + 1 < len(parsed.tree.items) and parsed.tree.items[number + 1].start < end:
            continue
        while stretches and stretches[-1][0] < end:
            far = max(far, stretches.pop()[1])
        if far > end:
            continue
        pieces.append(Piece(text[at - base : end - base], at, tuple(items)))
        items, at = [], end
    if at < last:
        pieces.append(Piece(text[at - base :], at, tuple(items)))
    _deal(pieces, parsed)
    return pieces


def _deal(pieces: list[Piece], parsed: Parsed) -> None:
    """Give each piece its comments and its findings."""
    bases = [piece.base for piece in pieces]
    for comment in parsed.comments:
        pieces[max(0, bisect_right(bases, comment.start) - 1)].comments.append(comment)
    for found in parsed.diagnostics:
        pieces[max(0, bisect_right(bases, found.span.start) - 1)].syntax.append(found)


def differing(pieces: Sequence[Piece], text: str) -> tuple[int, int, int, int]:
    """Which pieces a text no longer has, and what it has instead: first and last piece, first and last character."""
    first, start = 0, 0
    for piece in pieces:
        own = piece.text
        if not text.startswith(own, start) or (own[-1:] != "\n" and start + len(own) != len(text)):
            break
        first += 1
        start += len(own)
    last, end = len(pieces), len(text)
    while last > first:
        begin = end - len(pieces[last - 1].text)
        if begin < start or not text.startswith(pieces[last - 1].text, begin) or (begin and text[begin - 1] != "\n"):
            break
        last, end = last - 1, begin
    return first, last, start, end


def differing_lines(old: str, new: str) -> tuple[str, str]:
    """The lines in which two texts differ, with those around them that may share a word with them."""
    start = old.rfind("\n", 0, begin(old, new)) + 1
    one, other = old[start:].split("\n"), new[start:].split("\n")
    behind = 0
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        behind += len(one.pop()) + 1
        other.pop()
    first, last = around(old, start, len(old) - behind)
    return old[first:last], new[first : len(new) - (len(old) - last)]


def begin(text: str, other: str) -> int:
    """With how many characters both of two texts begin."""
    same, differs = 0, min(len(text), len(other)) + 1
    while differs - same > 1:
        middle = (same + differs) // 2
        same, differs = (middle, differs) if other.startswith(text[:middle]) else (same, middle)
    return same


# ---- places


class Checked:
    """A program, with the text of its root as it was given. `is_sound`: that text parsed without a mistake.

    `program.diagnostics` have places in the text, everything else of the root has places in the tree's text. Of
    imported files there are the errors only.
    """

    __slots__ = ("_by_base", "_by_start", "_pieces", "is_sound", "program", "source")

    def __init__(
        self, program: Program, source: Source, pieces: Iterable[Piece], by_base: list[tuple[int, int]]
    ) -> None:
        self.program = program
        self.source = source
        self.is_sound = program.root in program.files and not any(
            each.rule in SYNTAX and each.span.file == program.root for each in program.diagnostics
        )
        self._pieces = [*pieces]
        self._by_start: list[tuple[int, int]] | None = None
        self._by_base = by_base

    def pieces(self) -> list[Piece]:
        """The text in pieces that can be read one by one, in order; it is one where it was not cut."""
        if self._pieces and not any(piece.is_open for piece in self._pieces):
            return self._pieces
        return [_Uncut(self)]

    def to_tree(self, offset: int) -> int:
        """The offset in the tree's text of one in the text."""
        if self._by_start is None:
            self._by_start = sorted([(start, base) for base, start in self._by_base])
        return moved(self._by_start, offset)

    def to_text(self, offset: int) -> int:
        """The offset in the text of one in the tree's text."""
        return moved(self._by_base, offset)


def bases(pieces: Iterable[Piece]) -> list[tuple[int, int]]:
    """Where pieces begin in the tree's text and in the text, sorted."""
    found = []
    for piece in pieces:
        if piece.gaps:
            found += piece.bases
        else:
            found.append((piece.base, piece.start))
    return sorted(found)


class _Uncut(Piece):
    """A whole text as one piece, wherever its parts stand in the tree's text."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Checked) -> None:
        file = whole.program.files.get(whole.program.root)
        super().__init__(whole.source.text, 0, () if file is None else file.tree.items)
        self._whole = whole

    def place(self, offset: int) -> int:
        return self._whole.to_tree(offset)

    def offset(self, place: int) -> int:
        return self._whole.to_text(place)


def moved(places: list[tuple[int, int]], offset: int) -> int:
    """An offset on the other side."""
    at = bisect_right(places, (offset, LARGEST)) - 1
    return offset if at < 0 else offset - places[at][0] + places[at][1]


def in_text(found: Diagnostic, path: str, places: list[tuple[int, int]], size: int) -> Diagnostic:
    """A finding with its places in a text of a size: the tree's may have a line end behind the last one."""

    def at(span: Span) -> Span:
        if span.file != path:
            return span
        start = moved(places, span.start)
        return Span(path, start, min(size, moved(places, span.end - 1) + 1) if span.end > span.start else start)

    related = tuple([Related(each.message, at(each.span)) for each in found.related])
    fixes = tuple([fix.replace(edits=tuple([Edit(at(e.span), e.text) for e in fix.edits])) for fix in found.fixes])
    return found.replace(span=at(found.span), related=related, fixes=fixes)


def _places(found: Diagnostic) -> Iterator[tuple[Span, bool]]:
    """Each place that a finding names, and whether it is changed there."""
    yield found.span, False
    for related in found.related:
        yield related.span, False
    for fix in found.fixes:
        for edit in fix.edits:
            yield edit.span, True

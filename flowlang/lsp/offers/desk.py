"""What is known about the place where completion was asked for, and how an offer looks."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.pipeline import first_import, standard_library
from flowlang.lsp.cursor import PLACEHOLDER, probe
from flowlang.lsp.features.hovering import signature_line
from flowlang.lsp.places import span
from flowlang.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from flowlang.lsp.cursor import Cursor, Probe
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Signature
    from flowlang.source import Source

Item = types.CompletionItem
Kind = types.CompletionItemKind
KINDS: Final = {
    "param": Kind.Variable,
    "flow": Kind.Function,
    "function": Kind.Function,
    "action": Kind.Method,
    "service": Kind.Interface,
    "type": Kind.Struct,
    "module": Kind.Module,
    "file": Kind.Module,
    "const": Kind.Constant,
    "let": Kind.Variable,
}
"""How editors draw what a symbol is; all else is a variable."""


class Rank(IntEnum):
    """What sorts offers; the lower the nearer."""

    WANTED = 1
    FITS = 2
    NEAR = 3
    GENERAL = 4
    LIBRARY = 5
    FAR = 6
    MISFIT = 7


class Import(Record):
    """What an offer must import: a module, or a file under a name."""

    __slots__ = ()

    target: str
    alias: str = ""

    def __str__(self) -> str:
        return f'import "{self.target}" as {self.alias}' if self.alias else f"import {self.target}"


class Desk:
    """One cursor in one text. `range`: what an offer replaces. `is_incomplete`: whether more letters bring more."""

    def __init__(self, project: Project, path: str, source: Source, cursor: Cursor) -> None:
        self.project, self.path, self.source, self.cursor = project, path, source, cursor
        self.catalog = standard_library()
        self.range = span(source, cursor.start, cursor.offset)
        self.is_incomplete = False

    @property
    def before(self) -> str:
        """What stands before the word on its line, or in its hole."""
        return self.cursor.before

    @cached_property
    def found(self) -> Probe | None:
        """The file with a whole word at the cursor."""
        return self.probe()

    def probe(self, word: str = PLACEHOLDER) -> Probe | None:
        """The file with something at the cursor."""
        return probe(self.project, self.path, self.source.text, self.cursor, word)

    @cached_property
    def settled(self) -> Snapshot:
        """The file as it is, with nothing put in: cheaper where the text before the cursor says enough."""
        return self.project.look(self.path)

    def offer(
        self,
        label: str,
        kind: Kind,
        rank: Rank = Rank.LIBRARY,
        *,
        detail: str = "",
        doc: str = "",
        insert: str = "",
        needs: Import | None = None,
    ) -> Item:
        """One offer, which replaces the word at the cursor, and may need an import."""
        return Item(
            label=label,
            kind=kind,
            detail=detail or None,
            documentation=types.MarkupContent(kind=types.MarkupKind.Markdown, value=doc) if doc else None,
            sort_text=f"{rank:d}{label}",
            filter_text=label,
            text_edit=types.TextEdit(range=self.range, new_text=insert or label),
            additional_text_edits=None if needs is None else [self.importing(needs)],
        )

    def signature(
        self,
        signature: Signature,
        name: str,
        kind: Kind = Kind.Function,
        rank: Rank = Rank.LIBRARY,
        needs: Import | None = None,
    ) -> Item:
        """An offer of what can be called."""
        detail = signature_line(signature, signature.kind)
        return self.offer(name, kind, rank, detail=detail, doc=signature.doc, needs=needs)

    def words(self, words: Iterable[str], rank: Rank = Rank.LIBRARY) -> Iterator[Item]:
        """Offers of words of the language."""
        return (self.offer(word, Kind.Keyword, rank) for word in words)

    def importing(self, needs: Import) -> types.TextEdit:
        """The edit that imports: above the imports there are, else where the first belongs, a blank line behind it."""
        text = self.source.text
        found = re.search(r"^import\b", text, re.MULTILINE)
        at = first_import(text) if found is None else found.start()
        blank = "" if found is not None or text.startswith("\n", at) else "\n"
        return types.TextEdit(range=span(self.source, at, at), new_text=f"{needs}\n{blank}")

"""One file as it was checked: its text, tree, facts and findings, and the only converter between their places.

Features ask here where a node is shown and which offset a place is at; they never compute either. Nodes and facts
count offsets in `file.source`, the text of the tree, which need not be the text of the editor (see
`compiler.incremental`); `text` is that of the editor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang import bundled
from flowlang.lsp import places
from flowlang.lsp.library import LIBRARY, library_source

if TYPE_CHECKING:
    from flowlang.compiler.pieces import Checked, Piece
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import CheckedFile, Facts, Program
    from flowlang.source import Source, Span
    from flowlang.syntax.ast import Node


class Snapshot:
    """What is known about one file. `version` is the editor's, None for a file that is not open. `findings` are those
    that lie in the file, under the settings in force.
    """

    __slots__ = ("_checked", "findings", "path", "source", "uri", "version")

    def __init__(
        self, uri: str, path: str, version: int | None, checked: Checked, findings: tuple[Diagnostic, ...]
    ) -> None:
        self._checked = checked
        self.uri = uri
        self.path = path
        self.version = version
        self.source: Source = checked.source
        self.findings = findings

    @property
    def text(self) -> str:
        """The text of the editor."""
        return self.source.text

    @property
    def program(self) -> Program:
        """The file with all it imports, checked."""
        return self._checked.program

    @property
    def facts(self) -> Facts:
        """What is known about the nodes of all files of the program."""
        return self._checked.program.facts

    @property
    def file(self) -> CheckedFile | None:
        """The tree and the names of the file; None where it could not be read."""
        return self._checked.program.files.get(self.path)

    @property
    def is_sound(self) -> bool:
        """Whether the text parsed without a mistake, so that its tree is all there is."""
        return self._checked.is_sound

    def pieces(self) -> list[Piece]:
        """The text in pieces of whole lines, each with its items; what is found out about one stays until it or what
        it hangs on changes.
        """
        return self._checked.pieces()

    # ---- places

    def offset(self, at: types.Position) -> int:
        """The offset in the tree's text of a place in the editor."""
        return self.tree_offset(self.text_offset(at))

    def tree_offset(self, offset: int) -> int:
        """The offset in the tree's text of one in the editor's."""
        return self._checked.to_tree(offset)

    def text_offset(self, at: types.Position) -> int:
        """The offset in the editor's text of a place in the editor."""
        return places.offset(self.source, at)

    def to_text(self, offset: int) -> int:
        """The offset in the editor's text of one in the tree's."""
        return self._checked.to_text(offset)

    def range(self, node: Node | Span) -> types.Range:
        """Where a node of the file is shown."""
        return self.range_between(node.start, node.end)

    def range_between(self, start: int, end: int) -> types.Range:
        """Where a part of the tree's text is shown."""
        return self.text_range(self.to_text(start), self.to_text(end))

    def text_range(self, start: int, end: int) -> types.Range:
        """Where a part of the editor's text is shown."""
        return places.span(self.source, start, end)

    def written(self, node: Node, file: str | None = None) -> str:
        """The text of a node of the file, or of another file of the program or the library."""
        path = self.path if file is None else file
        if path.startswith(LIBRARY):
            return library_source(path).text[node.start : node.end]
        known = self.program.files.get(path)
        return known.source.text[node.start : node.end] if known is not None else ""

    def location(self, span: Span) -> types.Location:
        """Where a place of any file of the program is shown."""
        if span.file == self.path:
            return types.Location(uri=self.uri, range=self.range(span))
        other = self.program.sources.get(span.file)
        if other is not None:
            return types.Location(uri=places.uri_of(span.file), range=places.span(other, span.start, span.end))
        path = bundled.path(span.file) if span.file.startswith(LIBRARY) else None
        if path is not None:
            where = places.span(library_source(span.file), span.start, span.end)
            return types.Location(uri=places.uri_of(path), range=where)
        beginning = types.Position(line=0, character=0)
        return types.Location(uri=places.uri_of(span.file), range=types.Range(start=beginning, end=beginning))

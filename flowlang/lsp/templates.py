"""The files of document templates, where calls of `text.render` name them, and the fields that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.lsp.meaning import Meaning, chain_at, children
from flowlang.source import Source, Span
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.meaning import Target
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import Document


def template_at(snapshot: Snapshot, offset: int) -> str | None:
    """The template whose name stands at an offset of the tree."""
    if snapshot.file is None or not snapshot.facts.documents:
        return None
    chain = chain_at(snapshot.file.tree, offset)
    for node in chain[-3:]:
        named = _named(snapshot, node)
        if named is not None and named[0] is chain[-1]:
            return named[1]
    return None


def templates(snapshot: Snapshot) -> Iterator[tuple[ast.Expr, str]]:
    """The names of templates in a file, and the files that they mean."""
    waiting: list[ast.Node] = []
    if snapshot.file is not None and snapshot.facts.documents:
        waiting += snapshot.file.tree.items
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        named = _named(snapshot, node)
        if named is not None:
            yield named


def _named(snapshot: Snapshot, node: ast.Node) -> tuple[ast.Expr, str] | None:
    document, call = snapshot.facts.documents.get(id(node)), snapshot.facts.calls.get(id(node))
    if document is None or call is None:
        return None
    name = next((value for param, value in call.arguments if param.name == "template"), None)
    return None if name is None else (name, document.source.path)


def fields_in_templates(snapshot: Snapshot, field: Target) -> list[Span]:
    """Where the templates that are rendered in a file, or in those it imports, read a field; each place once."""
    meaning, found = Meaning(snapshot), dict[Span, None]()
    for document in snapshot.facts.documents.values():
        waiting: list[ast.Node] = [document.body]
        while waiting:
            node = waiting.pop()
            waiting += children(node)
            if isinstance(node, ast.Attribute) and node.name.name == field.name:
                target = meaning.of([node, node.name])
                if target is not None and target.key == field.key:
                    found[_placed(document, node.name)] = None
    return sorted(found, key=lambda each: (each.file, each.start))


def _placed(document: Document, node: ast.Node) -> Span:
    """A node of a template in its file, whose line ends may be others than those that were read."""
    source = document.source
    normal = Source(source.path, source.text.replace("\r\n", "\n").replace("\r", "\n"))
    start, end = (normal.position(offset) for offset in (node.start, node.end))
    return Span(source.path, source.offset(start.line, start.column), source.offset(end.line, end.column))

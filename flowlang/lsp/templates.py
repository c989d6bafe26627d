"""The files of document templates, where calls of `text.render` name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.lsp.meaning import chain_at, children
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.snapshot import Snapshot


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

"""The texts that a file writes out, found by a walk: for rules whose words stand in it."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def texts(root: ast.Node) -> Iterator[ast.Text | ast.Template]:
    """Every text and template beneath a node, in source order."""
    pending: list[object] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Text, ast.Template)):
            yield part
        if isinstance(part, tuple):
            pending.extend(reversed(part))


def names(root: ast.Node) -> set[str]:
    """Every name that a file declares or refers to."""
    found: set[str] = set()
    pending: list[object] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Ident, ast.Name)):
            found.add(part.name)
        if isinstance(part, tuple):
            pending.extend(part)
    return found

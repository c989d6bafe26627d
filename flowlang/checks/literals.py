"""The texts that a file writes out, found by a walk: for rules whose words stand in it."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look


def texts(root: ast.Node) -> Iterator[ast.Text | ast.Template]:
    """Every text and template beneath a node, in source order."""
    pending: list[object] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Text, ast.Template)):
            yield part
        if isinstance(part, tuple):
            pending.extend(reversed(part))


def known_around(look: Look, node: ast.Node) -> set[str]:
    """Every name that the file declares, or the item around a node declares or refers to; found once per item."""
    global _last
    item = next((each for each in look.file.tree.items if each.start <= node.start < each.end), None)
    if _last[0] is not item or _last[1] is not look.file.names:
        _last = (item, look.file.names, {*_names(item), *look.file.names})
    return _last[2]


_last: tuple[object, object, set[str]] = (None, None, set())


def _names(root: ast.Node | None) -> set[str]:
    """Every name that a piece of syntax declares or refers to."""
    found: set[str] = set()
    pending: list[object] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Ident, ast.Name)):
            found.add(part.name)
        if isinstance(part, tuple):
            pending.extend(part)
    return found

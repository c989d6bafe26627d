"""The texts that a file writes out, found by a walk: for rules whose words stand in it."""

from __future__ import annotations

from flowlang.checks.sites import sites
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
    item = look.file.tree.item_at(node.start)
    memo = sites(look).memo
    key = f"names around {id(item)}"
    if key not in memo:
        memo[key] = {*_names(item), *look.file.names}
    found: set[str] = memo[key]  # type: ignore[assignment]
    return found


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

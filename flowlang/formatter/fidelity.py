"""What formatting must not change: the tree, up to the order of clauses, and the comments, up to their places."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.syntax.printer import canonical_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.parser import Parsed


class Unfaithful(Exception):
    """The formatter would change what a file means or lose a comment: a bug, never the author's fault."""


def check_fidelity(before: Parsed, after: Parsed) -> None:
    """Raise Unfaithful if a formatted file does not say what the file said."""
    if after.diagnostics:
        raise Unfaithful(f"the formatted text does not parse: {after.diagnostics[0].message}")
    if sorted([c.text for c in before.comments]) != sorted([c.text for c in after.comments]):
        raise Unfaithful("a comment would be lost or changed")
    if meaning(before.tree) != meaning(after.tree):
        raise Unfaithful("the tree would change")


def meaning(node: Any) -> Any:
    """A tree without places and docs (those are comments), clauses in the canonical order; `1` is not `1.0` here."""
    if isinstance(node, ast.Node):
        fields = type(node)._fields[2:]
        return (type(node).__name__, *[_field(node, f) for f in fields if f != "doc"])
    if isinstance(node, tuple):
        return [meaning(part) for part in node]
    return (type(node).__name__, node)


def _field(node: Any, field: str) -> Any:
    value = getattr(node, field)
    return meaning(tuple([value[index] for index in canonical_order(value)]) if field == "clauses" else value)

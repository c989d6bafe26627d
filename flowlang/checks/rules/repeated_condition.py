"""One condition twice in a chain of `else if`, `and` or `or`."""

from __future__ import annotations

from flowlang.checks.conditions import repetitions
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(node: ast.If | ast.Logic, look: Look) -> Iterator[Diagnostic]:
    """Each condition that stands above in its chain."""
    if isinstance(node, ast.Logic) and (not _is_outermost(node, look) or look.is_broken(node)):
        return
    for each, earlier in repetitions(node):
        what = "this branch never runs: its condition" if isinstance(node, ast.If) else "this condition"
        related = (look.related("it is here already", earlier),)
        yield look.found(f"{what} stands in the chain already", each, "take it out, or ask something else", related)


def _is_outermost(node: ast.Logic, look: Look) -> bool:
    """Whether a chain is not the left part of a longer one of the same operator, which is looked at as a whole."""
    rest = look.file.source.text[node.end : node.end + 40].lstrip()
    return not (rest.startswith(node.operator) and not rest[len(node.operator) : len(node.operator) + 1].isalnum())

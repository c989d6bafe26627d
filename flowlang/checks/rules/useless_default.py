"""`default` on what is never none."""

from __future__ import annotations

from flowlang.checks.paths import is_always_there
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("default", "|d", "d(")


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each `x | default(y)` whose x is always there; with `boolean` it also stands for what is empty."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name not in ("default", "d") or not fact.signature.file.startswith("stdlib/"):
        return
    value, instead, boolean = (given for _, given in fact.arguments)
    if value is None or instead is None or boolean is not None or not is_always_there(look, value):
        return
    if look.is_broken(node):
        return
    text = look.file.source.text
    written = text[value.start : value.end]
    edit = Edit(Span(look.file.path, node.start, node.end), written)
    fixes = (Fix("take the default out", (edit,)),) if isinstance(node, ast.Filter) else ()
    yield look.found(f"`{written}` is never none: its default is never used", node, "leave it out", fixes=fixes)

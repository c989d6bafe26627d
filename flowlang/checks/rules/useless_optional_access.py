"""`?.` on what is never none."""

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
WORDS = ("?.",)


def check(node: ast.Attribute, look: Look) -> Iterator[Diagnostic]:
    """Each `x?.y` whose x is always there."""
    if not node.optional or not is_always_there(look, node.value):
        return
    text = look.file.source.text
    at = text.find("?.", node.value.end, node.name.start)
    fixes = (Fix("write `.`", (Edit(Span(look.file.path, at, at + 2), "."),)),) if at >= 0 else ()
    written = text[node.value.start : node.value.end]
    yield look.found(f"`{written}` is never none: `.` reads from it", node, "write `.` for `?.`", fixes=fixes)

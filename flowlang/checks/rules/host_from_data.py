"""`url(x)` takes a whole URL, its host too, from data."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each `url(x)` and `x | url` of something that is not written out."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name != "url" or not fact.signature.file.startswith("stdlib/"):
        return
    value = fact.arguments[0][1]
    if value is not None and not isinstance(value, ast.Text):
        help = (
            "take the host from `config` and put data into the path, or allow the hosts and ignore this with a reason"
        )
        yield look.found(
            "the host of this url comes from data: whoever writes the data chooses whom the flow calls", node, help
        )

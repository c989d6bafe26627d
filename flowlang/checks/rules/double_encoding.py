"""`urlencode` where the value is encoded anyway."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("urlencode",)


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each `urlencode` right in the hole of a url, or as a value of `params` or `form`."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name != "urlencode" or not fact.signature.file.startswith("stdlib/"):
        return
    where = _where(node, look)
    value = fact.arguments[0][1]
    if where and value is not None:
        written = look.file.source.text[value.start : value.end]
        fix = Fix("leave it out", (Edit(look.span(node), written),), safe=False)
        yield look.found(f"{where} is encoded anyway: here it is encoded twice", node, "leave it out", fixes=(fix,))


def _where(node: ast.Expr, look: Look) -> str:
    """The place that encodes a value, in words; '' if none does."""
    path = path_to(look.file.tree, node)
    above = path[-2] if len(path) > 1 else None
    if isinstance(above, ast.Template) and look.facts.places.get(id(above)) == "url":
        return "what stands in a url"
    for each in reversed(path[:-1]):
        if isinstance(each, ast.Argument):
            name = each.name.name if each.name is not None and isinstance(above, ast.Entry) else ""
            return f"a value of `{name}`" if name in ("params", "form") else ""
    return ""

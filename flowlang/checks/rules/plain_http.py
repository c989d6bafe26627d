"""A url to a public host without encryption."""

from __future__ import annotations

from flowlang.checks.beginnings import beginning
from flowlang.checks.hosts import host_of, is_public
from flowlang.checks.literals import texts
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
WORDS = ("p://", "P://")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each literal `http://` url of a host that is neither this machine nor in a private network; that `url(…)` makes
    one of a text too.
    """
    for node in texts(file):
        if look.facts.places.get(id(node)) == "url":
            first = node.parts[0] if isinstance(node, ast.Template) else node
            text = first.value if isinstance(first, (ast.Text, ast.TemplateText)) else ""
            yield from _found(look, node, text)
    for each in look.facts.called.get(look.file.path, ()):
        value = _made_url(look, each)
        if value is not None:
            text, is_whole = beginning(look, value)
            if is_whole or "/" in text.partition("://")[2]:
                yield from _found(look, value, text)


def _made_url(look: Look, node: ast.Node) -> ast.Expr | None:
    """What the library's `url(…)` makes a url of, if that is what a node does."""
    fact = look.facts.calls.get(id(node)) if isinstance(node, (ast.Call, ast.Filter)) else None
    if fact is None or fact.signature.name != "url" or not fact.signature.file.startswith("stdlib/"):
        return None
    return fact.arguments[0][1]


def _found(look: Look, node: ast.Expr, text: str) -> Iterator[Diagnostic]:
    if text[:7].lower() != "http://" or not is_public(host_of(text)):
        return
    at = look.file.source.text[node.start : node.end].lower().find("http://")
    fixes: tuple[Fix, ...] = ()
    if at >= 0:
        edit = Edit(Span(look.file.path, node.start + at + 4, node.start + at + 4), "s")
        fixes = (Fix("use https", (edit,), safe=False),)
    message = f"what goes to `{host_of(text)}` goes unencrypted"
    yield look.found(message, node, "use `https://`", fixes=fixes)

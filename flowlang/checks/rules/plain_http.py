"""A url to a public host without encryption."""

from __future__ import annotations

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
    """Each literal `http://` url of a host that is neither this machine nor in a private network."""
    for node in texts(file):
        if look.facts.places.get(id(node)) != "url":
            continue
        first = node.parts[0] if isinstance(node, ast.Template) else node
        text = first.value if isinstance(first, (ast.Text, ast.TemplateText)) else ""
        if text[:7].lower() == "http://" and is_public(host_of(text)):
            at = look.file.source.text.find("http", node.start, node.end)
            fixes: tuple[Fix, ...] = ()
            if at >= 0:
                edit = Edit(Span(look.file.path, at + 4, at + 4), "s")
                fixes = (Fix("use https", (edit,), safe=False),)
            message = f"what goes to `{host_of(text)}` goes unencrypted"
            yield look.found(message, node, "use `https://`", fixes=fixes)

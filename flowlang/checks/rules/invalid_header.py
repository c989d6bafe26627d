"""A header that no request can carry."""

from __future__ import annotations

from flowlang.checks.headers import entries, maps, names
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("headers", "header(")
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
FRAMING = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "accept-encoding")
)
"""What the transport sets itself, and refuses from others."""


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each literal name that is no token (RFC 9110, 5.6.2) or the transport's, each value with a control character."""
    for name, place in names(look):
        if not name or not TOKEN.issuperset(name):
            shown = "an empty text" if not name else f"`{name}`"
            yield look.found(
                f"{shown} is not the name of a header", place, "letters, digits and hyphens, such as `X-Request-Id`"
            )
        elif name.lower() in FRAMING:
            yield look.found(f"the header `{name}` is set by the transport and refused here", place, "leave it out")
    for map_ in maps(look):
        for name, entry in entries(map_):
            if any((char < " " and char != "\t") or char == "\x7f" for char in _text(entry.value).strip(" \t")):
                yield look.found(
                    f"the header `{name}` holds a line end or another control character",
                    entry.value,
                    "a header is one line; put longer text into the body",
                )


def _text(value: ast.Expr) -> str:
    """What is written out of a text or a template; a hole counts as a letter."""
    if isinstance(value, ast.Template):
        return "".join(part.value if isinstance(part, ast.TemplateText) else "x" for part in value.parts)
    return value.value if isinstance(value, ast.Text) else ""

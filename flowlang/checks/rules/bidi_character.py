"""A control character that shows text in another order than it is."""

from __future__ import annotations

from flowlang.checks.characters import hidden
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("\u061c", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each bidirectional control character, in texts and comments: a reader sees something else than what runs."""
    yield from hidden(file, look, _BIDI, "shows what follows in another order than it is")


_BIDI = frozenset("\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

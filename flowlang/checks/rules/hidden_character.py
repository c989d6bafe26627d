"""A character that nobody sees."""

from __future__ import annotations

from flowlang.checks.characters import hidden
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = (
    "\xad",
    "\u180e",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u2060",
    "\u2061",
    "\u2062",
    "\u2063",
    "\u2064",
    "\ufeff",
)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each zero-width character, in texts and comments; those that join emoji or letters of scripts that need it are
    meant.
    """
    yield from hidden(file, look, _INVISIBLE, "cannot be seen")


_INVISIBLE = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")

"""A character that nobody sees."""

from __future__ import annotations

from flowlang.checks.characters import hidden
from flowlang.checks.index import TAG
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
_CONTROLS = tuple(
    [chr(code) for code in (*range(9), *range(14, 28), 127)]
)  # what separates lines and pages is white space
WORDS = (
    *_CONTROLS,
    "\xad",
    "\u034f",
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
    "\u3164",
    "\ufeff",
    "\uffa0",
    "\ufff9",
    "\ufffa",
    "\ufffb",
    TAG,
)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each zero-width or control character in texts and comments; joiners of emoji, or of letters of scripts that need
    them, the tags of flags, and selectors behind ideographs are meant.
    """
    yield from hidden(file, look, _INVISIBLE, "cannot be seen")


_INVISIBLE = frozenset((*WORDS, *map(chr, range(0xE0000, 0xE0080)), *map(chr, range(0xE0100, 0xE01F0))))

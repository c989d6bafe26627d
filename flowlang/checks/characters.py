"""Characters that do not show what they are: where they stand, and what to write instead."""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, Edit, Fix
from flowlang.source import Span
from flowlang.syntax.lexing import OTHER
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.syntax import ast


def hidden(file: ast.File, look: Look, characters: frozenset[str], what: str) -> Iterator[Diagnostic]:
    """A finding for each of some characters that stand in a file's texts and comments: elsewhere none can stand."""
    text = look.file.source.text
    strange: set[int] | None = None
    for at, char in enumerate(text[file.start : file.end], file.start):
        if char not in characters or (at == 0 and char == "\ufeff") or _joins(text, at) or at in look.errors:
            continue  # an error stands there where it breaks a hole
        if strange is None:
            strange = {start for group, start, _ in tokens(text) if group == OTHER and text[start] not in "\"'"}
        if at in strange:
            continue
        span = Span(look.file.path, at, at + 1)
        fix = Fix("delete it", (Edit(span, ""),), safe=False)
        message = f"the character U+{ord(char):04X} {what}"
        help = f"delete it, or write it as `\\u{ord(char):04x}` in a text"
        yield Diagnostic(look.rule, look.severity, message, span, help, (), (fix,))


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands between two characters of an emoji, or of a script that joins its letters."""
    if text[at] not in "\u200c\u200d" or not 0 < at < len(text) - 1:
        return False
    return ord(text[at - 1]) >= 0x0600 and ord(text[at + 1]) >= 0x0600

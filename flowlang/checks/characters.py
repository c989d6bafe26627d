"""Characters that do not show what they are: where they stand, and what to write instead."""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, Edit, Fix
from flowlang.source import Span
from flowlang.syntax.lexing import OTHER, TEXT
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
        if char not in characters or (at == 0 and char == "\ufeff") or _is_meant(text, at) or at in look.errors:
            continue  # an error stands there where it breaks a hole
        if strange is None:
            strange = _told(text[: file.end], file.start, look.errors)
        if at in strange:
            continue
        span = Span(look.file.path, at, at + 1)
        fix = Fix("delete it", (Edit(span, ""),), safe=False)
        message = f"the character U+{ord(char):04X} {what}"
        escape = f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\u{{{ord(char):x}}}"
        help = f"delete it, or write it as `{escape}` in a text"
        yield Diagnostic(look.rule, look.severity, message, span, help, (), (fix,))


def _told(text: str, begin: int, errors: list[int]) -> set[int]:
    """Where no character is told of: in a text that is an error as it is, and where the parser has told of it."""
    found: set[int] = set()
    for group, start, end in tokens(text, begin):
        if group == OTHER and text[start] not in "\"'":
            found.add(start)
        elif group in (OTHER, TEXT) and start in errors:
            found.update(range(start, end))
    return found


def _is_meant(text: str, at: int) -> bool:
    """Whether a joiner stands between two characters of an emoji, or of a script that joins its letters; a tag behind
    the black flag, whose place it names; a selector behind an ideograph.
    """
    char = text[at]
    if char in "\u034f\u200c\u200d" and 0 < at < len(text) - 1:
        least = 0x0300 if char == "\u034f" else 0x0600
        return ord(text[at - 1]) >= least and ord(text[at + 1]) >= least
    if "\U000e0020" <= char <= "\U000e007f":
        before = text[max(0, at - _LONGEST_FLAG) : at]
        return before.rstrip("".join(map(chr, range(0xE0020, 0xE007F))))[-1:] == "\U0001f3f4"
    return char >= "\U000e0100" and at > 0 and _is_ideograph(text[at - 1])


_LONGEST_FLAG = 16
"""Characters of a flag with its tags."""


def _is_ideograph(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"

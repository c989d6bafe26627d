"""How values and names are spelled in source text: texts with their escapes, numbers, keys."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.lexing import RESERVED

_IDENTIFIER = patterns.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\"}


def is_word(text: str) -> bool:
    """Whether a text may stand bare as a key or a field."""
    return _IDENTIFIER(text) is not None


def is_name(text: str) -> bool:
    """Whether a text may name a value."""
    return is_word(text) and text not in RESERVED


def spell_text(value: str) -> str:
    """Spell a plain text, in single quotes unless it holds some and no double ones."""
    if "'" in value and '"' not in value:
        return f'"{escaped(value, chr(34))}"'
    return "'" + "".join([_ESCAPES.get(c, "\\'" if c == "'" else _printable(c)) for c in value]) + "'"


def escaped(value: str, quote: str) -> str:
    """Escape a stretch of a template; a brace that could begin a hole or a statement is escaped too."""
    found = []
    for index, char in enumerate(value):
        if char == quote:
            found.append("\\" + char)
        elif char == "{" and value[index + 1 : index + 2] in ("{", "%", ""):
            found.append("\\{")
        else:
            found.append(_ESCAPES.get(char) or _printable(char))
    return "".join(found)


def spell_number(value: int | float) -> str:
    """Spell a number that is not negative as JSON does."""
    return repr(value)


def _printable(char: str) -> str:
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"

"""Text of strangers made safe and measurable for a terminal.

Whatever is not printable (controls, escapes, bidirectional marks, lone surrogates, line separators) becomes a visible
escape, so that a source file can neither steer the terminal nor show other text than it holds.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

TAB: Final = 4


def visible(text: str) -> str:
    """Escape what is not printable; line ends too."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else escape(char) for char in text])


def escape(char: str) -> str:
    """The spelling of an unprintable character: `\\x1b`, `\\u202e`, `\\U000e0001`."""
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if known:
        return known
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def columns(text: str) -> tuple[list[str], list[int]]:
    """Split a line into what each character is shown as and how many columns that takes; tabs reach the next stop."""
    if text.isascii() and text.isprintable():
        return list(text), [1] * len(text)
    shown, widths, at = [], [], 0
    for char in text:
        if char == "\t":
            cell, width = " " * (TAB - at % TAB), TAB - at % TAB
        elif char.isprintable():
            cell, width = char, 1 if char.isascii() else _width(char)
        else:
            cell = escape(char)
            width = len(cell)
        shown.append(cell)
        widths.append(width)
        at += width
    return shown, widths


def _width(char: str) -> int:
    from unicodedata import combining, east_asian_width  # 0.5 ms that a clean ASCII file need not pay

    if combining(char):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1

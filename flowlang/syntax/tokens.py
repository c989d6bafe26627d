"""The tokens of a text without a parser: where texts and holes end, and what the formatter and recovery walk over.

Keywords are not told from names here, and a line end is a token wherever it stands.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.lexing import CLOSER, LINES, OTHER, SIGN, TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_plain = patterns.compile(r"'(?:[^'\\\r\n]|\\[^\r\n])*'").match
_template_run = patterns.compile(r'(?:[^"\\{\r\n]|\\[^\r\n]|\{(?!\{))*').match
_long_run = patterns.compile(r'(?:[^"\\{]|\\.|"(?!"")|\{(?!\{))*', patterns.DOTALL).match
_line = patterns.compile(r"[^\r\n]*").match


HOLES = 8
"""Templates in holes of templates."""


def tokens(text: str, pos: int = 0, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Give (group of the lexer, start, end) of each token, END included; a text is one OTHER or TEXT.

    In a hole a text that is never closed ends it: each line of its inside would be looked at again at every depth.
    """
    while True:
        m = TOKEN.match(text, pos)
        group: int = m.lastindex  # type: ignore[assignment,union-attr]
        start, pos = m.span(group)  # type: ignore[union-attr]
        if group == OTHER and text[start] in "\"'":
            pos = _closed(text, start, depth)
            if pos < 0 and depth:
                return
            pos = pos if pos >= 0 else _line(text, start).end()  # type: ignore[union-attr]
        yield group, start, pos
        if start == len(text):
            return


def text_end(text: str, at: int, depth: int = 0) -> int:
    """The end of the text whose quote stands at a place; of one that is never closed, the end of its line."""
    end = _closed(text, at, depth)
    return end if end >= 0 else _line(text, at).end()  # type: ignore[union-attr]


def _closed(text: str, at: int, depth: int) -> int:
    """The end of the text whose quote stands at a place; -1 where it is never closed."""
    if text[at] == "'":
        found = _plain(text, at)
        return found.end() if found else -1
    long = text.startswith('"""', at)
    run, here = (_long_run, at + 3) if long else (_template_run, at + 1)
    while True:
        here = run(text, here).end()  # type: ignore[union-attr]
        if text.startswith("{{", here):
            here = hole_end(text, here + 2, long, depth + 1)
            if here < 0:
                return -1
        elif text.startswith('"', here):
            return here + (3 if long else 1)
        else:
            return -1


def holes(text: str, at: int, depth: int = 0) -> Iterator[tuple[int, int]]:
    """The insides of the holes of the template whose quote stands at a place, up to one that is never closed."""
    long = text.startswith('"""', at)
    run, here = (_long_run, at + 3) if long else (_template_run, at + 1)
    while True:
        here = run(text, here).end()  # type: ignore[union-attr]
        if not text.startswith("{{", here):
            return
        end = hole_end(text, here + 2, long, depth + 1)
        if end < 0:
            return
        yield here + 2, end - 2
        here = end


def closed_hole_end(text: str, at: int, multiline: bool, depth: int = 1) -> int:
    """The place behind the `}}` that closes the hole whose inside begins at a place and whose brackets are balanced;
    -1 where there is none.
    """
    open_brackets: list[str] = []
    for group, start, end in tokens(text, at, depth) if depth <= HOLES else ():
        if group == LINES and not multiline:
            break
        sign = text[start:end] if group == SIGN else ""
        if sign in CLOSER:
            open_brackets.append(CLOSER[sign])
        elif open_brackets and sign == open_brackets[-1]:
            open_brackets.pop()
        elif sign == "}" and not open_brackets and text.startswith("}}", start):
            return start + 2
    return -1


def hole_end(text: str, at: int, multiline: bool, depth: int = 1) -> int:
    """The place behind the `}}` of the hole whose inside begins at a place; -1 where there is none."""
    end = closed_hole_end(text, at, multiline, depth)
    if end >= 0:
        return end
    # Unbalanced inside: the next braces in sight will do.
    limit = len(text) if multiline else _line(text, at).end()  # type: ignore[union-attr]
    found = text.find("}}", at, limit)
    quote = text.find('"""' if multiline else '"', at, limit)
    return found + 2 if found >= 0 and (multiline is False or quote < 0 or found < quote) else -1

"""What the items of a text declare, read off their heads in a fraction of the time of a parse.

Of a text without a mistake these are the names that its tree declares, in order and at their places. Of one with
mistakes they are the names of what begins as only an item does, so that an item that is broken by the key typed just
now still has its name. Imports, `config` and tests are not among them, nor is what only the library declares.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.record import Record
from flowlang.syntax.lexing import begins_afresh
from flowlang.syntax.tokens import text_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Each alternative begins with a character, the whole of `_head` with one of a set: only then does the engine look for
# these instead of trying at each place.
_not_code = patterns.compile(
    r"""\#[^\r\n]*+
    |'(?!'')[^'\\\r\n]*+'
    |"(?!"")[^"\\{\r\n]*+(?:\{\{[^"'{}\#\r\n]*+(?:'(?!'')[^'\\\r\n]*+'[^"'{}\#\r\n]*+)*+\}\}[^"\\{\r\n]*+)*+"
    |'|\"""",
    patterns.VERBOSE,
)
# An item begins its line, or stands behind annotations: `@name` or `)`.
_head = patterns.compile(
    r"""[\r\n)@](?:(?<=@)[A-Za-z0-9_]++)?+[ \t]*+
    (flow|type|action|function|service|let)\b\s*+([A-Za-z_][A-Za-z0-9_]*+)\s*+(?:[(\[{:]|=(?!=)|from\b)""",
    patterns.VERBOSE,
)


class Head(Record):
    """A name that an item declares, the word that declares it, and the offset of the name."""

    __slots__ = ()

    word: str
    name: str
    start: int


def heads(text: str) -> Iterator[Head]:
    """What the items of a text declare."""
    code = _code("\n" + text)
    depth = counted = 0
    for found in _head.finditer(code):
        at = found.start(1)
        depth = _depth(code, depth, counted, at)
        counted = at
        if depth and found[1] != "let" and begins_afresh(code, at):
            depth = 0  # what stands open was not closed
        if not depth:
            yield Head(found[1], found[2], found.start(2) - 1)


def _depth(code: str, depth: int, start: int, end: int) -> int:
    """How many brackets are open at a place, if so many were at one before; too many that close count for nothing."""
    for opener, closer in ("()", "[]", "{}"):
        depth += code.count(opener, start, end) - code.count(closer, start, end)
    return max(depth, 0)


def _code(text: str) -> str:
    """A text with blanks in place of comments, and of what stands in quotes."""
    parts: list[str] = []
    kept = 0
    search = _not_code.scanner(text).search  # type: ignore[attr-defined]
    while found := search():
        start, end = found.span()
        if end - start == 1 and text[start] != "#":
            end = text_end(text, start)
            search = _not_code.scanner(text, end).search  # type: ignore[attr-defined]
        parts += text[kept:start], " " * (end - start)
        kept = end
    return "".join((*parts, text[kept:]))

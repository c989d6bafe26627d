"""Which brace is missing, or one too many, as the layout of the lines tells.

Counting brackets shows such a mistake only where the item ends, or goes on behind its end.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.lexing import CLOSER, END, LINES, SIGN
from flowlang.syntax.tokens import tokens

_BLOCK_LINES = 200
"""Lines below a `:` that are looked at for the end of its block."""
_ends_line = patterns.compile(r":[ \t]*(?:#[^\r\n]*)?[\r\n]").match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet


def misplaced_opener(
    text: str, brackets: list[int], end: int, closed: Mapping[int, list[int]], told: AbstractSet[int]
) -> int:
    """The open brace that lacks its `}`, judged by indentation: the first whose `}` begins a line indented less.

    The brackets are those that counting leaves open; people leave open what stands inside. `closed` gives the braces
    that count as closed before a line, `told` the brackets that are known to be open and are passed over.
    """
    for opener, closer in _pairs(text, brackets[0], end, closed, told):
        if text[closer] == "}" and begins_line(text, closer) and indentation(text, closer) < indentation(text, opener):
            return opener
    return brackets[-1]


def misplaced_closer(text: str, start: int, end: int, closed: Mapping[int, list[int]], told: AbstractSet[int]) -> int:
    """The `}` that is one too many: the first on a line indented deeper than its opener's; -1 if there is none."""
    for opener, closer in _pairs(text, start, end, closed, told):
        if text[closer] == "}" and begins_line(text, closer) and indentation(text, closer) > indentation(text, opener):
            return closer
    return -1


def line_without(text: str, opener: int, end: int, closed: Mapping[int, list[int]], told: AbstractSet[int]) -> int:
    """The line before which an open brace should have been closed: the first that is indented no deeper; else -1.

    That may be the line at the end, if the brace is that of a map.
    """
    margin, waiting = indentation(text, opener), []
    is_block = next(tokens(text, opener + 1))[0] == LINES and text[line_of(text, opener) : opener].rstrip()[-1:] != "="
    for group, start, after in tokens(text, opener):
        if after > end or (after == end and is_block):
            break
        sign = text[start:after] if group == SIGN else ""
        if sign in CLOSER and start not in told:
            waiting.append(start)
        elif sign in (")", "]", "}"):
            _closed_by(text, waiting, sign)
            if not waiting:
                break
        elif group == LINES:
            if after in closed:
                waiting = [each for each in waiting if each not in closed[after]]
            if opener not in waiting[:1]:
                break
            if waiting == [opener] and indentation(text, after) <= margin:
                return after
    return -1


def _pairs(
    text: str, start: int, end: int, closed: Mapping[int, list[int]], told: AbstractSet[int]
) -> Iterator[tuple[int, int]]:
    """Each pair of brackets between two places, as counting pairs them, in the order in which they are closed."""
    waiting: list[int] = []
    for group, at, after in tokens(text, start):
        if at >= end or group == END:
            return
        sign = text[at:after] if group == SIGN else ""
        if sign in CLOSER and at not in told:
            waiting.append(at)
        elif sign in (")", "]", "}"):
            opener = _closed_by(text, waiting, sign)
            if opener >= 0:
                yield opener, at
        elif group == LINES and after in closed:
            waiting = [each for each in waiting if each not in closed[after]]


def _closed_by(text: str, waiting: list[int], closer: str) -> int:
    """Take the bracket that a sign closes off the open ones; -1 if none. A `}` closes what is open in its block."""
    while closer == "}" and waiting and text[waiting[-1]] != "{":
        waiting.pop()
    return waiting.pop() if waiting and CLOSER[text[waiting[-1]]] == closer else -1


def line_of(text: str, at: int) -> int:
    """Where the line of a place begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def begins_line(text: str, at: int) -> bool:
    """Whether only space stands before a place on its line."""
    while at and text[at - 1] in " \t":
        at -= 1
    return not at or text[at - 1] in "\r\n"


def indentation(text: str, at: int) -> int:
    """How far the line of a place is indented."""
    line = at
    while line and text[line - 1] not in "\r\n":
        line -= 1
    first = line
    while text[first : first + 1] in (" ", "\t"):
        first += 1
    return first - line


def is_block(text: str, colon: int) -> bool:
    """Whether a `:` ends the head of a block that a `}` ends, below it."""
    if _ends_line(text, colon) is None:
        return False
    margin = indentation(text, colon)
    for line in text[text.find("\n", colon) + 1 :].split("\n", _BLOCK_LINES)[:_BLOCK_LINES]:
        if line.strip() and len(line) - len(line.lstrip(" \t")) <= margin:
            return line.strip().startswith("}") and len(line) - len(line.lstrip(" \t")) == margin
    return False

"""What the text around a cursor lacks where it is half written: the body of a head, what an annotation stands on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

    from flowlang.lsp.cursor import Cursor

_head: Final = re.compile(
    r"\s*(?:@\w+(?:\([^()]*\))?\s*)*(?:(?:if\b.*)?(?:\}\s*)?else\s+|step\s+\w+\s*(?::[^=]*)?=\s*|do\s+)?"
    r"(if|for|match|case|repeat|catch)\b"
)
_annotation: Final = re.compile(r"@\w+\s*\Z")
_block: Final = re.compile(r"(?<!\{)\{(?!\{)")
_blank: Final = re.compile(r"(?:\s|#.*)*")
_code: Final = re.compile(r"[^#\n]*")
_goes_on: Final = re.compile(r"\}|(?:case|else)\b")
_item: Final = re.compile(r"@|(?:flow|type|service|action|function)\b")
_statement: Final = re.compile(r"@|(?:step|do|if|for|match|parallel|race|sequence|repeat)\b|\w+\s*:")


def lacking(text: str, cursor: Cursor, after: int) -> tuple[int, str]:
    """What to put in behind the word at a cursor, which ends at `after`, and where; nothing for a whole text."""
    outer = next((at for kind, at in cursor.open if kind != "{"), cursor.start)
    begin = text.rfind("\n", 0, outer) + 1
    if begin != text.rfind("\n", 0, cursor.start) + 1:
        return after, ""
    blocks = [at for kind, at in cursor.open if kind == "{" and at < outer]
    begin = max(begin, blocks[-1] + 1 if blocks else 0)
    if _annotation.search(text, begin, outer):
        return _below_annotation(text, after, len(blocks))
    found = _head.match(text, begin, cursor.start)
    return (after, "") if found is None else _body(text, found[1], after)


def _below_annotation(text: str, after: int, depth: int) -> tuple[int, str]:
    """A step or a flow for an annotation below which there is none; at the end of a text the blocks around it end."""
    line_end = _line_end(text, after)
    below = _next(text, line_end)
    if (_statement if depth else _item).match(text, below):
        return after, ""
    ends = " }" * depth if below == len(text) else ""
    return line_end, f"\ndo wait(1s){ends}" if depth else "\nflow zz_below() { }"


def _body(text: str, word: str, after: int) -> tuple[int, str]:
    """A body for a head, and the end of the `match` that it begins or is in."""
    line_end = _line_end(text, after)
    code = _code.match(text, after, line_end)
    end = after if code is None else after + len(code[0].rstrip())
    brace = _block.search(text, after, end)
    if word == "match":
        place = end if brace is None else brace.end()
        is_open = brace is not None and _goes_on.match(text, _next(text, place))
        return (after, "") if is_open else (place, " { }" if brace is None else " }")
    if brace is not None:
        return after, ""
    is_last = word == "case" and not _goes_on.match(text, _next(text, line_end))
    return end, " { } }" if is_last else " { }"


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return found if found >= 0 else len(text)


def _next(text: str, at: int) -> int:
    """Where the code behind a place goes on."""
    found = _blank.match(text, at)
    return at if found is None else found.end()

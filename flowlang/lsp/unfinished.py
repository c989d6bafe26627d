"""What the text around a cursor lacks where it is half written: brackets that nothing closes, the body of a head, what
an annotation stands on. A head may stretch over several lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.words import ANNOTATED_ITEMS, ANNOTATED_STATEMENTS, HEADS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from flowlang.lsp.cursor import Cursor

CLOSERS: Final = {"(": ")", "[": "]", "{": "}", "hole": " }}", '"': '"', "'": "'", '"""': '"""'}
MOST_LINES: Final = 50
"""Lines above a cursor that its head may begin on."""
_head: Final = re.compile(
    r"\s*(?:@\w+(?:\([^()]*\))?\s*)*(?:(?:if\b.*)?(?:\}\s*)?else\s+|step\s+\w+\s*(?::[^=]*)?=\s*|do\s+)?"
    rf"({'|'.join(HEADS)})\b(?![ \t]*[:.=])"
)
_annotation: Final = re.compile(r"@\w+\s*\Z")
_block: Final = re.compile(r"(?<!\{)\{(?!\{)")
_blank: Final = re.compile(r"(?:\s|#.*)*")
_code: Final = re.compile(r"[^#\n]*")
_goes_on: Final = re.compile(r"\}|(?:case|else)\b")
_item: Final = re.compile(rf"@|(?:{'|'.join(ANNOTATED_ITEMS)})\b")
_statement: Final = re.compile(rf"@|(?:{'|'.join(ANNOTATED_STATEMENTS)})\b|\w+\s*:")
_top: Final = re.compile(r"^(?:@|\w)", re.MULTILINE)
_continuing: Final = re.compile(
    r"[ \t]*(?:[|.+/%~=<>-]|\?\.|!=|\*(?!\*)|(?:when|until|ensure|and|or|is|in|not[ \t]+in)\b(?![ \t]*(?::|=(?!=))))"
)
_operand: Final = re.compile(r"""["'(\[{]|(?!(?:and|or|is|in|if|else|for|not[ \t]+in)\b)\w""")
_expecting: Final = re.compile(r"(?:[=+\-*/%~<>|,]|\b(?:and|or|not|in|is))\s*\Z")
_bracket: Final = re.compile(
    r"""#[^\n]*|\"""(?:\\.|[^\\])*?\"""|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[()\[\]{}]""", re.DOTALL
)


def closing(text: str, cursor: Cursor, after: int) -> tuple[str, int, str]:
    """What closes the texts that are open on the line of a cursor, behind the word there, which ends at `after`; where
    the brackets around it end, and what closes those that nothing closes there.
    """
    line = text.rfind("\n", 0, cursor.start) + 1
    tail = text[after : _line_end(text, after)]
    outer = next((number for number, (kind, _) in enumerate(cursor.open) if kind != "{"), len(cursor.open))
    inner = next((number for number, (kind, _) in enumerate(cursor.open) if kind not in "([{"), len(cursor.open))
    # Quotes in pairs are texts that begin below the cursor.
    is_long_open = text.count('"""', after) % 2 == 0
    if all(at >= line for _, at in cursor.open[outer:inner]):
        return _closers(cursor.open, line, tail, is_long_open), after, ""
    texts = _closers(cursor.open[inner:], line, tail, is_long_open)
    behind = _text_end(text, cursor, after, inner)
    count, place = _left_open(text, behind, [kind for kind, _ in cursor.open[outer:inner]])
    brackets = [CLOSERS[kind] for kind, _ in cursor.open[outer : outer + count]]
    return texts, place, "".join(reversed(brackets))


def _closers(opened: Sequence[tuple[str, int]], line: int, tail: str, is_long_open: bool) -> str:
    """What closes that which is open since a line began, and which the rest of the line does not close."""
    ends = [
        CLOSERS[kind]
        for kind, at in opened
        if (is_long_open if kind == '"""' else at >= line and CLOSERS[kind].strip() not in tail)
    ]
    return "".join(reversed(ends))


def _text_end(text: str, cursor: Cursor, after: int, inner: int) -> int:
    """Where the text ends that a cursor is in, if it is in one and that ends."""
    if inner == len(cursor.open):
        return after
    quote = cursor.open[inner][0]
    found = text.find(quote, after) if quote == '"""' else text.rfind(quote, after, _line_end(text, after))
    return after if found < 0 else found + len(quote)


def _left_open(text: str, at: int, kinds: Sequence[str]) -> tuple[int, int]:
    """How many of some open brackets nothing closes, and where the last that is closed ends."""
    top = _top.search(text, _line_end(text, at))
    opened, left, place = list(kinds), len(kinds), at
    for found in _bracket.finditer(text, at, len(text) if top is None else top.start()):
        if found[0] in CLOSERS and found[0] in "([{":
            opened.append(found[0])
        elif found[0] in ")]}":
            if not opened or CLOSERS[opened.pop()] != found[0]:
                break
            if len(opened) < left:
                left, place = len(opened), found.end()
    return left, place


def lacks_comma(text: str, cursor: Cursor, after: int) -> bool:
    """Whether a word in a bracket of several lines ends its line, and the next begins another argument or item."""
    holders = [each for each in cursor.open if each[0] in "([{"]
    if not holders or holders[-1][0] == "{" or "\n" not in text[holders[-1][1] : cursor.start]:
        return False
    line_end = _line_end(text, after)
    code = _code.match(text, after, line_end)
    is_last = code is None or not code[0].strip()
    return is_last and _operand.match(text, _next(text, line_end)) is not None


def lacking(text: str, cursor: Cursor, place: int) -> tuple[int, str]:
    """What to put in behind the brackets around a cursor, which end at `place`, and where; nothing for a whole text."""
    outer = next((at for kind, at in cursor.open if kind != "{"), cursor.start)
    blocks = [at for kind, at in cursor.open if kind == "{" and at < outer]
    inside = blocks[-1] + 1 if blocks else 0
    begin = max(text.rfind("\n", 0, outer) + 1, inside)
    if _annotation.search(text, begin, outer):
        return _below_annotation(text, place, len(blocks))
    found = _head_above(text, begin, outer, inside)
    return (place, "") if found is None else _body(text, found[1], place)


def _head_above(text: str, begin: int, end: int, inside: int) -> re.Match[str] | None:
    """The head that is being written: on the line that begins at a place, or above lines that go on with it."""
    for _ in range(MOST_LINES):
        found = _head.match(text, begin, end)
        if found is not None:
            is_done = "\n" in text[begin:end] and _block.search(text, found.end(), end) is not None
            return None if is_done else found
        above, code = _line_above(text, begin, inside)
        if above == begin or not (_continuing.match(text, begin) or _expecting.search(code)):
            return None
        begin = above
    return None


def _line_above(text: str, begin: int, inside: int) -> tuple[int, str]:
    """The code above the beginning of a line, comments and blank lines apart, no further up than a place."""
    end, code = begin, ""
    while end > inside and not code.strip():
        begin = max(text.rfind("\n", 0, end - 1) + 1, inside)
        found = _code.match(text, begin, end - 1)
        code, end = "" if found is None else found[0], begin
    return begin, code


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

"""What kind of place a cursor is at, read off the text before it, which may be half written.

The tree would know better, but there is none of a statement that ends at the cursor. Places are recognised from the
inside out: what an open bracket means hangs on what stands before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.cursor import HOLE

if TYPE_CHECKING:
    from typing import Final

    from flowlang.lsp.cursor import Cursor

    Opened = tuple[tuple[str, int], ...]

LOOKED_AT: Final = 400
"""Characters that are looked at behind a bracket, or before a place that is in none."""
_NAMED: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("import", r"^\s*import\s+$"),
        ("annotation", r"@$"),
        ("after", r"(?:^|\s)after\s+(?:\w+\s*,\s*)*$"),
        ("error", r"(?:^|\s)catch\s+(?:\w+\s*,\s*)*$"),
        ("trigger", r"^\s*on\s+$"),
        ("new name", r"(?:^|[\s{])(?:step|let|type|service|action|function|flow|repeat|as)\s+$"),
        ("new name", r"(?:^|=)\s*for\s+(?:\w+\s*,\s*)?$"),
        ("filter member", r"(?<!\|)\|\s*[A-Za-z_]\w*\.$"),
        ("test member", r"\bis\s+(?:not\s+)?[A-Za-z_]\w*\.$"),
        ("member", r"(?:^|[\w)\]}\"'])\s*\??\.$"),
        ("filter", r"(?<!\|)\|\s*$"),
        ("test", r"\bis\s+(?:not\s+)?$"),
    )
)
_holder: Final = re.compile(r"[A-Za-z_]\w*\.$")
_constrained: Final = re.compile(r"[A-Za-z_][\w.]*(?:\[[^()]*\])?\s*$")
_alternatives: Final = re.compile(r"(?:->|[:=])\s*([^:={}]*)\|$")
_colon: Final = re.compile(r"(?:^|[\s,({])\w+\s*:$")
_typed_name: Final = re.compile(r"\b(?:step|let|repeat)\s+\w+\s*:$")
_parameters: Final = re.compile(r"\b(?:flow|function|action|annotation|trigger)\s+\w+\s*(?:\[[^]]*\]\s*)?$")
_record: Final = re.compile(r"\b(?:type\s+\w+|config)\s*$")
_service: Final = re.compile(r"\bservice\s+\w+\s*(?:\bfrom\s+\S+\s*)?$")
_closed: Final = re.compile(r"\{[^{}]*\}|\([^()]*\)")
names_format: Final = re.compile(r"\bformat\s*=\s*$").search
_entry: Final = re.compile(r"(?:^|[\n,])[ \t]*$")


def kind_of(text: str, cursor: Cursor) -> str:
    """One of the names above, 'type', 'type member', 'constraint', 'format', 'bound', 'setting', else 'expression'."""
    at, opened = cursor.start, cursor.open
    holder = _holder.search(text, max(0, at - LOOKED_AT), at)
    if holder is not None and is_type(text, holder.start(), opened):
        return "type member"
    if is_type(text, at, opened):
        return "type"
    if opened and opened[-1][0] == "(" and constrained_type(text, opened):
        inside = _inside(text, at, opened)
        return "constraint" if _entry.search(inside) else "format" if names_format(inside) else "bound"
    if opened and opened[-1][0] in "({" and _entry.search(_inside(text, at, opened)):
        before, outer = text[: opened[-1][1]][-LOOKED_AT:], opened[:-1]
        if opened[-1][0] == "{" and _service.search(before):
            return "setting"
        if _parameters.search(before) if opened[-1][0] == "(" else _is_record(text, opened[-1][1], outer):
            return "new name"
    return next((name for name, pattern in _NAMED if pattern.search(cursor.before)), "expression")


def constrained_type(text: str, opened: Opened) -> str:
    """The type before an open parenthesis, as it is written; nothing if there is none."""
    at = opened[-1][1]
    found = _constrained.search(text, max(0, at - LOOKED_AT), at)
    return found[0].strip() if found is not None and is_type(text, found.start(), opened[:-1]) else ""


def is_type(text: str, at: int, opened: Opened) -> bool:
    """Whether a type is wanted at an offset."""
    bracket, place = opened[-1] if opened else ("", -1)
    if bracket in (HOLE, '"', "'", '"""'):
        return False
    before = _inside(text, at, opened).rstrip()
    if before.endswith("->") or re.search(r"\btype\s+\w+\s*=$", before):
        return True
    if before.endswith("|"):
        anchor = _alternatives.search(_without_closed(before))
        begin = place + 1 if anchor is None else at - len(_inside(text, at, opened)) + anchor.start(1)
        return begin < at and is_type(text, begin, opened)
    if bracket == "[" and (not before or before.endswith(",")):
        return re.search(r"\b(?:list|map|secret)\s*$", text[:place][-LOOKED_AT:]) is not None
    if bracket == "(" and not before:
        return is_type(text, place, opened[:-1])
    if not _colon.search(before):
        return False
    if _typed_name.search(before):
        return True
    if bracket == "(":
        return _parameters.search(text[:place][-LOOKED_AT:]) is not None
    return bracket == "{" and _is_record(text, place, opened[:-1])


def _is_record(text: str, brace: int, outer: Opened) -> bool:
    """Whether a brace opens the fields of a type, or the configuration."""
    return _record.search(text[:brace][-LOOKED_AT:]) is not None or is_type(text, brace, outer)


def _without_closed(text: str) -> str:
    """A text with what stands in closed brackets blotted out, as long as it was."""
    while (found := _closed.search(text)) is not None:
        text = text[: found.start()] + "_" * len(found[0]) + text[found.end() :]
    return text


def _inside(text: str, at: int, opened: Opened) -> str:
    """What stands before an offset in its bracket."""
    begin = opened[-1][1] + len(opened[-1][0]) if opened and opened[-1][0] != HOLE else 0
    return text[max(begin, at - LOOKED_AT) : at]

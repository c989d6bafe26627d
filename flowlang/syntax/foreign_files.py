"""A file in the format of another tool in place of a flow: it is one mistake, whatever stands in it.

The whole text tells, so a part of it that is parsed alone is never taken for such a file.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.lexing import LINES
from flowlang.syntax.sayings import FLOW
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.parser import Parser

_key = r"(?:[\w.$/-]+|\"[^\"\r\n]*\"|'[^'\r\n]*')[ \t]*:(?=[ \t\r\n]|\Z)"
_top_lines = patterns.compile(r"(?m)^[^\s#][^\r\n]*").finditer
_yaml_line = patterns.compile(rf"---|\.\.\.|-[ \t]+\S|[\]}}]|{_key}").match
_yaml_item = patterns.compile(rf"---|%YAML|-[ \t]+{_key}").match
_json = patterns.compile(r"(?:\[\s*)?\{\s*\"(?:[^\"\\\r\n]|\\.)*\"\s*:").match


def format_of(text: str) -> str:
    """The format of a text that is none of ours; '' if it may be ours."""
    if _json(text, _first(text)):
        return "JSON"
    count = 0
    for line in _top_lines(text):
        if not _yaml_line(line[0]):
            return ""
        count += 1 + (not count and _yaml_item(line[0]) is not None)
    return "YAML" if count > 1 else ""


def report_format(p: Parser, start: int, end: int) -> bool:
    """Report a file of another format at its first token, which stands between two places; whether it is one."""
    name = format_of(p.text) if p.marks is None and not p.diagnostics and start == _first(p.text) else ""
    if not name:
        return False
    p.report("syntax-error", f"this file is {name}, and no flow", start, end, FLOW)
    return True


def _first(text: str) -> int:
    """Where the first token begins."""
    return next((at for group, at, _ in tokens(text) if group != LINES), len(text))

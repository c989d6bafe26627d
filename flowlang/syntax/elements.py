"""The list around a mistake (items, statements, fields, settings), and the broken node in place of an element of it."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax import ast
from flowlang.syntax.automaton import cut, feed, reduce
from flowlang.syntax.lexing import CLOSER, KIND_OF_WORD, LINES, SIGN, WORD
from flowlang.syntax.lookalikes import as_seen
from flowlang.syntax.tables import REFUSED, is_shift
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_TERMINALS = ("BROKEN_STATEMENT", "BROKEN_FIELD", "BROKEN_SETTING", "BROKEN_ITEM")
_NAMELESS = frozenset(
    "do return yield on ensure if for match repeat case else catch undo after when until test".split()
)
_QUOTED = frozenset(("service", "type", "flow", "function", "action"))
_alias = patterns.compile(r"[^\r\n]*[ \t]as[ \t]+([A-Za-z_]\w*)").match
_members = patterns.compile(
    r"(?:from[ \t]+\S+[ \t]+import[ \t]+\(?|import[ \t]*\{)[ \t]*([A-Za-z_]\w*)(?:[ \t]+as[ \t]+([A-Za-z_]\w*))?"
).match
set_tag = patterns.compile(r"\{%[-+]?[ \t]*set[ \t]+([A-Za-z_]\w*)[ \t]*=[ \t]*([^\r\n%]*?)[ \t]*[-+]?%\}").match
_modifies = patterns.compile(r"(?:mut|int|string|float|bool|datetime|date|any|list|map)[ \t]+[A-Za-z_]").match
_label = patterns.compile(r"[A-Za-z_]\w*").match
_quoted = patterns.compile(r"(['\"])([A-Za-z_]\w*)\1[ \t]*(?=[{(:=]|from\b)").match


def list_around(p: Parser, stacks: Stacks, terminals: tuple[str, ...] = _TERMINALS) -> tuple[str, int]:
    """The innermost open list of statements, fields or items: its terminal, and how many symbols to keep."""
    for terminal in _TERMINALS:
        action = p.table.row(stacks.state).get(terminal, REFUSED)
        after = action[2]
        if after is not None and after.origin.endswith("s_open"):
            reduce(p, stacks, action, stacks.last)  # a line end or a brace that is not yet part of the list
    states = [*stacks.below, stacks.state]
    for count in range(len(states) - 1, -1, -1):
        row = p.table.row(states[count])
        for terminal in terminals:
            if is_shift(row.get(terminal)) and (
                terminal == "BROKEN_ITEM" or stacks.starts[count - 1] in stacks.brackets
            ):
                return terminal, count
    return "BROKEN_ITEM", 0


def break_element(p: Parser, stacks: Stacks, terminals: tuple[str, ...], token: int, end: int) -> None:
    """Put a broken node in place of the innermost element of one of these kinds; it ends at a place."""
    terminal, count = list_around(p, stacks, terminals)
    element = stacks.starts[count] if count < len(stacks.starts) else token
    bracket = stacks.starts[count - 1] if terminal != "BROKEN_ITEM" else -1
    stacks.brackets[:] = [b for b in stacks.brackets if b <= bracket]
    cut(stacks, count)
    stacks.last = max(end, stacks.last)
    feed(p, stacks, terminal, _broken(p, terminal, element, max(end, element + 1)), element)


def _broken(p: Parser, terminal: str, start: int, end: int) -> Any:
    if terminal in ("BROKEN_ITEM", "BROKEN_STATEMENT"):
        seen = as_seen(p.text[start:end])
        return ast.Broken(start, end, _declared(seen, 0, len(seen)))
    label = _label(as_seen(p.text[start:end]), 0)
    spelled = label[0] if label else "_"
    ident = ast.Ident(start, min(start + len(spelled), end), spelled)
    if terminal == "BROKEN_SETTING":
        return ast.Setting(start, end, ident, ast.BrokenExpr(start, end))
    anything = ast.TypeName(start, end, ast.Ident(start, end, ""), (), ())
    return ast.Field(start, end, (), ident, anything, None, "")


def _declared(text: str, start: int, end: int) -> str | None:
    """The name that a broken statement or item would have declared: its second word, annotations apart."""
    members = _members(text, start, end)
    if members:
        return members[2] or members[1]
    named = set_tag(text, start, end)
    if named:
        return named[1]
    words: list[str] = []
    depth, annotated = 0, False
    for group, at, after in tokens(text, start):
        if at >= end or len(words) == 2:
            break
        if group == SIGN:
            sign = text[at:after]
            depth += (sign in CLOSER) - (sign in ")]}")
            annotated = annotated or sign == "@"
            if words and sign not in (",", "."):
                if sign == "=" and len(words) == 1 and words[0] not in KIND_OF_WORD:
                    return words[0]  # `step` or `let` is missing
                break
        elif group == WORD and not depth:
            if not annotated and (words != ["let"] or not _modifies(text, at)):
                words.append(text[at:after])
            annotated = False
        elif group != LINES and not depth and words[:1] != ["import"]:
            quoted = _quoted(text, at) if len(words) == 1 else None
            return quoted[2] if quoted is not None and words[0] in _QUOTED else None
    if words[:1] == ["config"]:
        return "config"
    if words[:1] == ["import"]:
        alias = _alias(text, start, end)
        return alias[1] if alias else words[1] if len(words) > 1 else None
    return words[1] if len(words) == 2 and words[0] not in _NAMELESS else None

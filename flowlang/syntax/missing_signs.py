"""A comma or an opening bracket that is missing: it is told, and what follows is read as if it stood there.

A comma belongs where one pair of a name and a value follows another. An opening bracket is one that its line closes, or
whose line ends before what belongs into it: it is tried, on states alone, at each place on the line that has white
space for it, and the element around it is read again with it at the first place that is right.
"""

from __future__ import annotations

from itertools import islice

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax.automaton import accepts, advance, cut, feed
from flowlang.syntax.braces import indentation, line_of
from flowlang.syntax.elements import list_around
from flowlang.syntax.lexing import (
    BRACED_WORD,
    CLOSER,
    CONTINUING,
    END,
    KIND_OF_WORD,
    LINES,
    NUMBER,
    RESERVED,
    RESERVED_WORD,
    SIGN,
    WORD,
    before_brace,
    before_colon,
    begins_afresh,
    continues,
    duration,
)
from flowlang.syntax.messages import unclosed
from flowlang.syntax.putting_right import MOST_TRIED, may_mend
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_LENGTH: Final = 400
"""Tokens of a line that are looked at, and of an element that are read to try it."""
_LINES_ABOVE: Final = 20
"""Lines of names alone in a map that are looked at above a mistake in it."""
_OPENER: Final = {closer: opener for opener, closer in CLOSER.items()}
_BEFORE_VALUE: Final = frozenset(["", *"= ( [ : yield return next with else".split()])
_waits: Final = patterns.compile(r"(?:[=(\[]|\b(?:return|yield|next|with))\Z").search
_is_shorthand: Final = patterns.compile(r"[ \t]*[A-Za-z_]\w*\Z").match
_pair: Final = patterns.compile(r"([A-Za-z_]\w*)[ \t]*(:|=(?!=))").match


def part_pairs(p: Parser, stacks: Stacks, told: Diagnostic) -> bool:
    """Go on as if a comma stood before a mistake that a pair begins at."""
    start = told.span.start
    pair = _pair(p.text, start)
    if pair is None or not accepts(p, stacks, ",", pair[1] if pair[1] in RESERVED else "NAME", pair[2]):
        return False
    if p.parted < line_of(p.text, start):  # else nothing parts the pairs of this line: one mistake
        fix = Fix("add `,`", (Edit(Span(p.path, stacks.last, stacks.last), ","),), safe=False)
        p.diagnostics.append(told if told.fixes else told.replace(fixes=(fix,)))
    p.parted = start
    return feed(p, stacks, ",", ",", stacks.last)


def close_on_line(p: Parser, stacks: Stacks, start: int) -> bool:
    """Go on as if the brace that its line opened last were closed before a mistake, if the line reads on with that."""
    if not stacks.brackets or stacks.brackets[-1] < line_of(p.text, start) or p.text[stacks.brackets[-1]] != "{":
        return False
    *others, opener = stacks.brackets
    _, count = list_around(p, stacks)
    states = [*stacks.below, stacks.state]
    element = stacks.starts[count] if count < len(stacks.starts) else start
    is_inside = opener >= element or (count and opener == stacks.starts[count - 1])
    if not is_inside or not advance(p, states, "}") or not Attempt(p, states, others, start).reads(p.text, start):
        return False
    p.diagnostics.append(unclosed(p, opener))
    stacks.brackets.pop()
    return feed(p, stacks, "}", "}", stacks.last)


def put_opener(p: Parser, stacks: Stacks, expected: frozenset[str], start: int, told: Diagnostic) -> int:
    """Put the opening bracket that is missing into the text; gives where the element around it begins, or -1."""
    places = _places(p, stacks, expected, start) if p.tried < MOST_TRIED else []
    if not places:
        return -1
    p.tried += 1
    _, item = list_around(p, stacks, ("BROKEN_ITEM",))
    terminal, count = list_around(p, stacks)
    begin = stacks.starts[count] if count < len(stacks.starts) else start
    if terminal == "BROKEN_ITEM":
        places = [each for each in places if each[0] == "{"]  # of a flow without its `(` the body is read
    if not may_mend(p, stacks.starts[item] if item < len(stacks.starts) else start):
        return -1
    attempt = Attempt(
        p, [*stacks.below, stacks.state][: count + 1], [each for each in stacks.brackets if each < begin], begin
    )
    for sign, at in places:
        text = _with_sign(p.text, sign, at)
        if at >= begin and text is not None and attempt.reads(text, at):
            _go_back(p, stacks, count, begin)
            p.text = text
            if sign == "{":
                p.opened.add(at)
            p.mend(told if told.help and told.rule != "unclosed-bracket" else _missing(p, sign, at))
            return begin
    return -1


def _places(p: Parser, stacks: Stacks, expected: frozenset[str], start: int) -> list[tuple[str, int]]:
    """The brackets that may be missing, each with the white space where it would stand; the likeliest first."""
    line = line_of(p.text, start)
    places = _on_line(p.text, line, start)
    above = stacks.last if p.text[start : start + 1] in ("\r", "\n", "#") else line
    above = _code_above(p.text, above)
    for _ in range(_LINES_ABOVE):
        if not above or _waits(p.text, line_of(p.text, above), above) or stacks.last <= above:
            break
        begins = line_of(p.text, above)
        if indentation(p.text, above) != indentation(p.text, start) or not _is_shorthand(p.text, begins, above):
            break
        above = _code_above(p.text, begins)
    is_block = "{" in expected and "NUMBER" not in expected and stacks.last <= above
    if is_block or _waits(p.text, line_of(p.text, above), above):
        places.append(("{", above))
    return places


def _code_above(text: str, at: int) -> int:
    """Where what stands before white space ends."""
    while at and text[at - 1] in " \t\r\n":
        at -= 1
    return at


def _on_line(text: str, line: int, start: int) -> list[tuple[str, int]]:
    """The bracket that a line closes and does not open, and where it may stand up to a place."""
    waiting: list[str] = []
    likely: list[int] = []
    others: list[int] = []
    before, is_leading = "", True
    for group, at, after in islice(tokens(text, line), _LENGTH):
        shown = text[at:after]
        if group in (LINES, END):
            break
        if line < at <= start and text[at - 1] in " \t":
            (likely if before in _BEFORE_VALUE else others).append(at - 1)
        if group == SIGN and shown in CLOSER:
            waiting.append(shown)
        elif group == SIGN and shown in _OPENER and not is_leading:
            opener = _OPENER[shown]
            if waiting[-1:] != [opener]:
                return [(opener, place) for place in likely + others]
            waiting.pop()
        before, is_leading = shown, is_leading and shown in _OPENER
    return []


def _with_sign(text: str, sign: str, at: int) -> str | None:
    """The text with a sign in place of the white space at a place; none if there is no room."""
    if text[at : at + 1] in (" ", "\t"):
        return text[:at] + sign + text[at + 1 :]
    if text[at : at + 1] == "\n" and text[at + 1 : at + 2] in (" ", "\t", "\n"):
        return text[:at] + sign + "\n" + text[at + 2 :]
    return None


def _go_back(p: Parser, stacks: Stacks, count: int, begin: int) -> None:
    """Hold what was held before an element."""
    p.forget(begin)
    cut(stacks, count)
    stacks.brackets[:] = [each for each in stacks.brackets if each < begin]
    stacks.last = min(stacks.last, begin)


def _missing(p: Parser, sign: str, at: int) -> Diagnostic:
    """The finding: at what the bracket belongs before, or behind if that is on another line."""
    group, start, end = next(tokens(p.text, at + 1))
    place, added = start, f"{sign} "
    if group in (LINES, END):
        start, end, place, added = at - 1, at, at, f" {sign}"
    fix = Fix(f"add `{sign}`", (Edit(Span(p.path, place, place), added),), safe=False)
    return p.error("syntax-error", f"`{sign}` is missing here", start, end).replace(fixes=(fix,))


class Attempt:
    """An element that is read on states alone, to see whether a sign makes it right."""

    __slots__ = ("begin", "brackets", "p", "states")

    def __init__(self, p: Parser, states: list[int], brackets: list[int], begin: int) -> None:
        self.p, self.states, self.brackets, self.begin = p, states, brackets, begin

    def reads(self, text: str, place: int) -> bool:
        """Whether the text reads on to the end of the line on which a sign stands; if that begins what stands
        on the lines below, to the end of the next one.
        """
        states, brackets = self.states.copy(), self.brackets.copy()
        is_begun = False
        for group, at, after in islice(tokens(text, self.begin), _LENGTH):
            is_space = bool(brackets) and text[brackets[-1]] != "{"
            key = _key(self.p, states[-1], text, group, at, after, is_space)
            if key in CLOSER:
                brackets.append(at)
            elif key in (")", "]", "}") and (not brackets or CLOSER[text[brackets.pop()]] != key):
                return False
            if key and not advance(self.p, states, key):
                return False
            if group in (LINES, END) and at >= place:
                if place not in brackets or is_begun:
                    return True
                is_begun = not text[place + 1 : at].strip(" \t") and indentation(text, after) > indentation(text, place)
                if not is_begun:
                    return False
        return False


def _key(p: Parser, state: int, text: str, group: int, at: int, end: int, is_space: bool) -> str:
    """The terminal that a token is where the automaton is in a state, as the driver has it; empty for white space."""
    tok, row = text[at:end], p.table.row(state)
    if group == WORD:
        kind = KIND_OF_WORD.get(tok)
        if kind == RESERVED_WORD:
            return tok
        if kind is None or tok not in row:
            return "NAME"
        stands = before_brace(text, end) if kind == BRACED_WORD else not before_colon(text, end)
        return tok if stands else "NAME"
    if group == LINES:
        if is_space or (end < len(text) and text[end] in CONTINUING and continues(text, end)):
            return "FRESH" if is_space and begins_afresh(text, end) else ""
        return "NL" if "NL" in row else "FRESH" if begins_afresh(text, end) else ""
    if group == NUMBER:
        return "DURATION" if duration(tok) else "NUMBER"
    if group == END:
        return "$END"
    return tok if group == SIGN else "STRING" if tok[0] in "\"'" else "OTHER"

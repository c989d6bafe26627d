"""A word or sign of the language that is misspelt: it is told, and what follows is read as if it were spelled right.

So nothing behind it is a mistake of its own. A word is taken for one of ours only if what follows is what follows ours.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.automaton import accepts, cut, feed
from flowlang.syntax.braces import begins_line, line_of
from flowlang.syntax.elements import list_around
from flowlang.syntax.lexing import begins_afresh, begins_clause
from flowlang.syntax.putting_right import may_mend, read_item_again
from flowlang.syntax.repairs import with_blanks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_BEGIN = tuple("step let return yield import config type service action function flow annotation trigger test".split())
_CLAUSES = tuple("after when until ensure catch undo".split())
_LOOKS_AHEAD = 200
_literal = r"(?:'[^'\\\r\n]*'|\"[^\"\\{\r\n]*\"|-?\d[\w.]*)"
_values = patterns.compile(rf"[ \t]*case[ \t]+({_literal}(?:[ \t]*(?:\|\|?|,)[ \t]*{_literal})+)[ \t]*\{{").match
_bar = patterns.compile(rf"{_literal}|\|\|?").finditer


def respell(p: Parser, stacks: Stacks, start: int, pos: int) -> tuple[int, int] | None:
    """Go on behind a misspelt word as if it were ours; none if it is no such word."""
    text = p.text
    word, rest = text[start:pos], text[pos : pos + _LOOKS_AHEAD]
    for ours in _BEGIN + _CLAUSES:
        begins = begins_clause if ours in _CLAUSES else begins_afresh
        if not _is_near(word, ours) or not begins(ours + rest):
            continue
        if accepts(p, stacks, ours):
            p.diagnostics.append(_told(p, start, pos, ours))
            feed(p, stacks, ours, ours, start)
            stacks.last = pos
            return stacks.state, pos
        if ours in _CLAUSES and _is_clause_below(p, stacks, start, len(ours) - len(word)):
            return _read_clause(p, stacks, start, pos, ours)
    return None


def part_with_commas(p: Parser, stacks: Stacks, start: int) -> tuple[int, int] | None:
    """Go on in `case 'a' | 'b' {` as if commas parted the values; none if that is not what stands there."""
    found = _values(p.text, line_of(p.text, start))
    if found is None or not found.start(1) < start < found.end():
        return None
    bars = [each.span() for each in _bar(p.text, found.start(1), found.end()) if each[0][0] == "|"]
    edits = [Edit(Span(p.path, *edges), ", ") for bar in bars for *edges, _ in with_blanks(p.text, *bar, "")]
    help = "one after the other, as in `case 'a', 'b' { … }`"
    told = p.error("syntax-error", "the values of a `case` are parted with commas", *bars[0], help)
    p.diagnostics.append(told.replace(fixes=(Fix("write commas", tuple(edits)),)))
    for begin, end in bars:
        p.text = p.text[:begin] + ",".ljust(end - begin) + p.text[end:]
    if stacks.starts[-1] == bars[0][0]:
        cut(stacks, len(stacks.starts) - 1)
    return stacks.state, bars[0][0]


def _is_near(word: str, ours: str) -> bool:
    """Whether one letter is missing, too many or, in a longer word, another; or two have changed places, or only case
    differs.
    """
    longer, shorter = (word, ours) if len(word) >= len(ours) else (ours, word)
    if len(shorter) < 2 or word == ours:
        return False
    if word.lower() == ours:
        return True
    if len(longer) == len(shorter) + 1:
        return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    if len(longer) != len(shorter):
        return False
    differing = [at for at in range(len(ours)) if word[at] != ours[at]]
    if len(differing) == 1:
        return len(ours) > 4
    return sorted(word) == sorted(ours) and len(differing) == 2 and differing[1] == differing[0] + 1


def _is_clause_below(p: Parser, stacks: Stacks, start: int, longer: int) -> bool:
    """Whether a line stands below a statement that may have clauses, with room for the word before it."""
    terminal, count = list_around(p, stacks)
    if terminal != "BROKEN_STATEMENT" or count != len(stacks.values) or not begins_line(p.text, start):
        return False
    statements = stacks.values[-1]
    is_behind = type(statements) is list and statements and isinstance(statements[-1], ast.Step | ast.Do)
    return bool(is_behind) and (longer <= 0 or p.text[start - 1 : start] in (" ", "\t"))


def _read_clause(p: Parser, stacks: Stacks, start: int, pos: int, ours: str) -> tuple[int, int] | None:
    """Read the item again with the word in its place; what is longer begins further left."""
    begin = max(0, len(ours) - (pos - start))
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    if not may_mend(p, stacks.starts[count]):
        return None
    p.mend(_told(p, start, pos, ours))
    p.text = p.text[: start - begin] + ours.ljust(pos - start + begin) + p.text[pos:]
    return read_item_again(p, stacks, count, stacks.starts[count])


def _told(p: Parser, start: int, pos: int, ours: str) -> Diagnostic:
    fix = Fix(f"write `{ours}`", (Edit(Span(p.path, start, pos), ours),), False)
    told = p.error("syntax-error", f"there is no `{p.text[start:pos]}`", start, pos, f"did you mean `{ours}`?")
    return told.replace(fixes=(fix,))

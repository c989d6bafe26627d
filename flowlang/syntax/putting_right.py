"""A brace that is missing or one too many is put right, annotations are given to the statement they stand behind, and
comments of other languages are passed over.

What the layout shows only behind an item makes the parser read that item again, as if the brace stood where it belongs,
or did not stand at all; so the tree is the one that was meant, and one mistake gives one finding.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.automaton import accepts, cut, feed
from flowlang.syntax.braces import begins_line, indentation, line_of, line_without, misplaced_closer, misplaced_opener
from flowlang.syntax.context import found_behind
from flowlang.syntax.elements import break_element, list_around
from flowlang.syntax.foreign_comments import comment, comment_around, comment_end, comment_of_bracket
from flowlang.syntax.lexing import CLOSER, LINES, SIGN, begins_afresh, begins_clause, first_word
from flowlang.syntax.lines import given, is_behind, refuse
from flowlang.syntax.messages import next_code, unclosed
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

MOST_MENDED = 8
"""Braces of one item that are put right; each costs reading it again."""
MOST_TRIED = 60
"""Mistakes of a file for which a missing brace is looked for; each costs reading what is around it."""
MOST_BLANKED = 1000
"""Comments of other languages that are blanked; each costs a copy of the text."""
_HEADERS = frozenset("import config type service action function flow annotation trigger test".split())
_is_block_named = patterns.compile(
    r"let[ \t]+\w+[^=\r\n]*=[ \t]*(?:for|if|match|parallel|race|sequence|repeat)\b[^\r\n]*\{"
).match
_declares = patterns.compile(r"[ \t]*(?:step|let)[ \t]+\w+[ \t]*:[^=\r\n]*\Z").match
_bare = patterns.compile(
    r"(?m)^[ \t]*(?:(?:step|do)\b[^\r\n#'\"]*[= \t])?(?:parallel|race|sequence)()[ \t]*(?:#[^\r\n]*)?\n(?=[ \t])"
).finditer
_LINE_BEGINS = ("\n", "\r", "#")
_tighter = patterns.compile(r"\||\?\.|\.").match
_unannotated = patterns.compile(r"(?:return|yield|let|on|ensure)\b|\}").match


def item_below(p: Parser, stacks: Stacks, expected: frozenset[str], start: int) -> int:
    """Where an item begins that is indented no deeper than what is open, so that this lacks only its `}`; else -1.

    In a list of fields or settings the item's first word, and its annotations, were read as part of one.
    """
    text = p.text
    if not stacks.brackets or text[stacks.brackets[0]] != "{":
        return -1
    terminal, count = list_around(p, stacks)
    at = line_of(text, start) + indentation(text, start)
    found = begins_afresh(text, at)
    is_catch = at == start and text.startswith("catch", start)
    if not is_catch and not (found and at <= start <= found.end()):
        return -1
    margin = indentation(text, stacks.brackets[0])
    item = stacks.starts[count] if count < len(stacks.starts) and start > stacks.brackets[-1] else start
    if terminal in ("BROKEN_FIELD", "BROKEN_SETTING"):
        words = _HEADERS | {"let", "@"}
    elif expected & {"}", "step"}:
        words = _HEADERS
    else:
        return -1
    if not is_catch and first_word(text, at) not in words:
        return -1
    item = item if text.startswith("@", item) and begins_line(text, item) else at
    return item if indentation(text, at) <= margin and indentation(text, item) <= margin else -1


def close_before(p: Parser, stacks: Stacks, expected: frozenset[str], start: int, item: int) -> tuple[int, int]:
    """Go on at an item, or the end of the file, before which braces are open: as if the missing `}` stood there.

    Where the layout shows which line lacks it, the item that is open is read again as if it stood before that line.
    """
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    begin = stacks.starts[count]
    told = _told(p, begin)
    opener = misplaced_opener(p.text, stacks.brackets, item, p.closed, told)
    line = line_without(p.text, opener, item, p.closed, told)
    is_closed = any(opener in each for each in p.closed.values())
    if line >= 0 and opener not in told and not is_closed and may_mend(p, begin):
        close_at(p, opener, line)
        return read_item_again(p, stacks, count, begin)
    # What stands open at the end of the file was opened by one mistake.
    is_only = all(each < stacks.brackets[0] for each in told)
    if (is_only or item < len(p.text)) and opener not in p.opened:
        p.diagnostics.append(unclosed(p, opener))
    if item < start:
        cut(stacks, list_around(p, stacks)[1])
        p.comments[:] = [each for each in p.comments if each.start < item]
        stacks.last = min(stacks.last, item)
    _close_braces(p, stacks, item < start or "}" in expected, item)
    return stacks.state, item


def _told(p: Parser, item: int) -> frozenset[int]:
    """The brackets of an item that were told to be open and are not put right."""
    told = {each.span.start for each in found_behind(p.diagnostics, item) if each.rule == "unclosed-bracket"}
    return frozenset(told - {each.span.start for each in found_behind(p.mended, item)})


def may_mend(p: Parser, item: int) -> bool:
    """Whether the item at a place is still worth reading again."""
    return len(found_behind(p.mended, item)) < MOST_MENDED


def close_at(p: Parser, opener: int, line: int) -> None:
    """Take an open brace for closed before a line."""
    p.closed.setdefault(line, []).append(opener)
    if opener not in p.opened:
        p.mend(unclosed(p, opener))


def read_item_again(p: Parser, stacks: Stacks, count: int, item: int) -> tuple[int, int]:
    """Read an item again from its beginning; keep so many symbols."""
    p.read_again(item)
    cut(stacks, count)
    stacks.brackets.clear()
    stacks.last = item
    return stacks.state, item


def takes_annotations(p: Parser, stacks: Stacks, expected: frozenset[str], start: int) -> bool:
    """Take annotations off the stack that stand before what cannot have any: the statement before may have them."""
    if not _unannotated(p.text, start):
        return False
    if "NL" in expected:
        feed(p, stacks, "NL", "\n", stacks.last)
    count, found = _annotations(p, stacks)
    if not found:
        return False
    cut(stacks, count)
    statements = stacks.values[-1]
    previous = statements[-1] if type(statements) is list and statements else None
    if previous is not None and is_behind(p.text, previous, found[0], indentation(p.text, start)):
        statements[-1] = given(p, previous, found)
    elif not _is_block_named(p.text, start):  # as a step it may have them
        refuse(p, found)
    return True


def joins_clause(p: Parser, stacks: Stacks, start: int) -> int:
    """Put annotations between a step and a clause of it right; gives where the item begins, to be read again, or -1."""
    if not begins_clause(p.text, start):
        return -1
    begins = stacks.starts[list_around(p, stacks)[1] :]
    if not begins or not p.text.startswith("@", begins[0]):
        return -1
    feed(p, stacks, "NL", "\n", stacks.last)
    count, found = _annotations(p, stacks)
    statements = stacks.values[count - 1] if found else None
    previous = statements[-1] if type(statements) is list and statements else None
    _, item = list_around(p, stacks, ("BROKEN_ITEM",))
    if not isinstance(previous, ast.Step | ast.Do) or not may_mend(p, stacks.starts[item]):
        return -1
    given(p, previous, found, "syntax-error")
    p.mended.append(p.diagnostics[-1])
    p.blank(found[0].start, found[-1].end)
    return read_item_again(p, stacks, item, stacks.starts[item])[1]


def _annotations(p: Parser, stacks: Stacks) -> tuple[int, Sequence[ast.Annotation]]:
    """How many symbols stand before the annotations that were read last of a list of statements, and those."""
    terminal, count = list_around(p, stacks)
    found, *rest = stacks.values[count:] or [None]
    is_list = terminal == "BROKEN_STATEMENT" and type(found) in (list, tuple)
    if not is_list or any(each[:1] not in _LINE_BEGINS for each in rest):
        return count, ()
    return count, found if found and type(found[0]) is ast.Annotation else ()


def lacks_closer(p: Parser, stacks: Stacks, tok: Any, start: int) -> bool:
    """Whether a line goes on behind the block that is open, as `else` and `case` do, and is indented like it."""
    text = p.text
    if not stacks.brackets or text[stacks.brackets[-1]] != "{" or not begins_line(text, start):
        return False
    opener = stacks.brackets[-1]
    inside = next((at for group, at, _ in tokens(text, opener + 1) if group != LINES), start)
    margin = max(indentation(text, opener), indentation(text, inside) - 1)
    return indentation(text, start) <= margin and tok in ("else", "case") and accepts(p, stacks, "}", tok)


def ends_with_line(p: Parser, stacks: Stacks, start: int) -> int:
    """The line before which the last open brace should have been closed: it did not end its line, and the next one is
    indented no deeper; else -1.
    """
    text, opener = p.text, stacks.brackets[-1] if stacks.brackets else -1
    if opener < 0 or text[opener] != "{" or opener >= line_of(text, start):
        return -1
    ends = ((first, after) for group, first, after in tokens(text, opener + 1) if group == LINES)
    first, below = next(ends)
    is_whole = bool(text[opener + 1 : first].strip(" \t")) and below <= start
    is_over = indentation(text, below) <= indentation(text, opener) and below not in p.closed
    _, item = list_around(p, stacks, ("BROKEN_ITEM",))
    return below if is_whole and is_over and may_mend(p, stacks.starts[item]) else -1


def left_open_inside(p: Parser, stacks: Stacks, start: int) -> tuple[int, int] | None:
    """Read the item again with a brace closed that stands in the last open one, and whose `}` closed too little."""
    last = stacks.brackets[-1] if stacks.brackets else -1
    if last < 0 or p.text[last] != "{" or last >= line_of(p.text, start) or p.tried >= MOST_TRIED:
        return None
    p.tried += 1
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    begin = stacks.starts[count]
    told = _told(p, begin)
    opener = misplaced_opener(p.text, [last], start, p.closed, told)
    line = line_without(p.text, opener, start, p.closed, told) if opener not in (last, *told) else -1
    if line < 0 or not may_mend(p, begin) or any(opener in each for each in p.closed.values()):
        return None
    close_at(p, opener, line)
    return read_item_again(p, stacks, count, begin)


def ends_before_value(p: Parser, stacks: Stacks) -> int:
    """The white space before the `=` of a step or let whose type is the last open brace; else -1."""
    text, opener = p.text, stacks.brackets[-1] if stacks.brackets else -1
    line = line_of(text, opener) if opener >= 0 and text[opener] == "{" else -1
    if line < 0 or not _declares(text, line, opener) or opener in p.opened:
        return -1
    _, item = list_around(p, stacks, ("BROKEN_ITEM",))
    depth = 0
    for group, at, after in tokens(text, opener + 1):
        sign = text[at:after] if group == SIGN else ""
        depth += (sign in CLOSER) - (sign in (")", "]", "}"))
        if group == LINES or depth < 0:
            return -1
        if sign == "=" and not depth:
            return at - 1 if text[at - 1] in " \t" and may_mend(p, stacks.starts[item]) else -1
    return -1


def close_type(p: Parser, stacks: Stacks, at: int) -> tuple[int, int]:
    """Read the item again with the `}` of the last open brace in place of white space."""
    p.mend(unclosed(p, stacks.brackets[-1]))
    p.text = p.text[:at] + "}" + p.text[at + 1 :]
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    return read_item_again(p, stacks, count, stacks.starts[count])


def close_above(p: Parser, stacks: Stacks, line: int) -> tuple[int, int]:
    """Read the item again as if the last open brace were closed before a line."""
    close_at(p, stacks.brackets[-1], line)
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    return read_item_again(p, stacks, count, stacks.starts[count])


def bare_block(p: Parser, stacks: Stacks, start: int) -> int:
    """The white space behind `parallel`, `race` or `sequence` that lacks its `{` in the last item; else -1."""
    begin = _last_flow(p, stacks)
    if begin < 0 or not may_mend(p, begin):
        return -1
    for found in _bare(p.text, begin, start):
        at = found.end(1)
        if at not in p.opened and indentation(p.text, found.end()) > indentation(p.text, at):
            return at
    return -1


def _last_flow(p: Parser, stacks: Stacks) -> int:
    """Where the last flow begins, behind which `let` may stand that were to be its; else -1."""
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    items = stacks.values[count - 1] if count else None
    begin = stacks.starts[count] if count < len(stacks.starts) else -1
    for item in reversed(items) if type(items) is list else ():
        begin = item.start
        if type(item) is not ast.Let:
            break
    return begin


def open_bare(p: Parser, stacks: Stacks, at: int) -> tuple[int, int]:
    """Read the last item again with the `{` of a block in its place."""
    told = p.error("syntax-error", "`{` is missing here", line_of(p.text, at) + indentation(p.text, at), at)
    begin = _last_flow(p, stacks)
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    items = stacks.values[count - 1]
    while items and items[-1].start >= begin:
        items.pop()
    _open(p, at, told)
    return read_item_again(p, stacks, count, begin)


def closes_too_early(p: Parser, stacks: Stacks, start: int) -> int:
    """The `}` that closes the last item although the line behind it is indented as what belongs into it; else -1."""
    if stacks.brackets or not begins_line(p.text, start):
        return -1
    _, count = list_around(p, stacks)
    items = stacks.values[count - 1] if count else None
    begins = stacks.starts[count : count + 1]  # of an item that may go on, as a flow does with `catch`
    if type(items) is list and items and type(items[-1]) is not ast.Broken:
        begins.append(items[-1].start)
    for begin in begins:
        if indentation(p.text, start) > indentation(p.text, begin) and may_mend(p, begin):
            closer = misplaced_closer(p.text, begin, start, p.closed, _told(p, begin))
            if closer >= 0:
                return closer
    return -1


def leave_out(p: Parser, stacks: Stacks, closer: int) -> tuple[int, int]:
    """Read the last item again without the `}` that closes it too early."""
    _, count = list_around(p, stacks)
    help = "what follows is indented as if nothing were closed"
    p.mend(p.error("syntax-error", "this `}` is one too many", closer, closer + 1, help))
    p.text = p.text[:closer] + " " + p.text[closer + 1 :]
    begins = stacks.starts[count : count + 1]
    begin = begins[0] if begins and begins[0] < closer else stacks.values[count - 1].pop().start
    return read_item_again(p, stacks, count, begin)


def lacks_opener(p: Parser, stacks: Stacks, expected: frozenset[str], start: int) -> bool:
    """Whether a block lacks only its `{`: the next line is indented deeper and begins a statement."""
    text, last = p.text, stacks.last
    if "{" not in expected or "NUMBER" in expected or (stacks.brackets and text[stacks.brackets[-1]] != "{"):
        return False
    group, _, end = next(tokens(text, last))
    has_room = text[last : last + 1] in (" ", "\t") or text[last + 1 : last + 2] in (" ", "\t", "\r", "\n")
    if group != LINES or not last <= start <= end or not has_room:
        return False
    is_inside = indentation(text, end) > indentation(text, last) and begins_afresh(text, end) is not None
    return is_inside and may_mend(p, stacks.starts[list_around(p, stacks, ("BROKEN_ITEM",))[1]])


def open_block(p: Parser, stacks: Stacks, told: Diagnostic) -> tuple[int, int]:
    """Put a `{` into the white space behind the last token and read on there."""
    _open(p, stacks.last, told)
    return stacks.state, stacks.last


def _open(p: Parser, at: int, told: Diagnostic) -> None:
    text = p.text
    p.text = text[:at] + ("{" + text[at + 1 :] if text[at] in " \t" else "{\n" + text[at + 2 :])
    p.opened.add(at)
    fix = Fix("add `{`", (Edit(Span(p.path, at, at), " {"),), safe=False)
    p.mend(told if told.fixes else told.replace(fixes=(fix,)))


def without_comment(p: Parser, stacks: Stacks, start: int) -> int:
    """Blank the comment of another language that a token stands in; gives where to go on, or -1.

    That is where the comment begins, if what of it was read stands apart from what was read before; else it is the
    beginning of the item.
    """
    at = comment_around(p.text, start)
    if at < 0 and stacks.brackets:
        at = comment_of_bracket(p.text, stacks.brackets[-1], start)
    if at < 0:
        return -1
    keep = len(stacks.starts)
    while keep and stacks.starts[keep - 1] >= at:
        keep -= 1
    end = comment_end(p, at)
    told = comment(p, at, end)
    is_read = stacks.last > at
    if stacks.starts[keep : keep + 1] == ([at] if is_read else []) and not (is_read and _goes_on_tighter(p.text, end)):
        p.forget(at)
        p.diagnostics.append(told)
        if keep < len(stacks.starts):
            cut(stacks, keep)
            stacks.brackets[:] = [each for each in stacks.brackets if each < at]
            stacks.last = _end_before(p, at)
        if len(p.passed) >= MOST_BLANKED:
            return end
        p.passed.append(told)
        p.blank(at, end)
        return at
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    item = stacks.starts[count]
    if not may_mend(p, item):
        return -1
    p.mend(told)
    p.blank(at, end)
    read_item_again(p, stacks, count, item)
    return item


def _goes_on_tighter(text: str, end: int) -> bool:
    """Whether what stands behind a comment binds tighter than its sign, which was read as an operator, does."""
    return _tighter(text, next_code(text, end)) is not None


def _end_before(p: Parser, at: int) -> int:
    """Where the token before a place ends; white space and comments stand behind it."""
    index = len(p.comments)
    while True:
        while at and p.text[at - 1] in " \t\r\n":
            at -= 1
        index -= 1
        if index < 0 or p.comments[index].end != at:
            return at
        at = p.comments[index].start


def _close_braces(p: Parser, stacks: Stacks, complete: bool, start: int) -> None:
    """Go on as if every open brace were closed here; what is not complete is broken."""
    if not complete:
        break_element(p, stacks, ("BROKEN_STATEMENT", "BROKEN_ITEM"), start, start)
    while stacks.brackets:
        if p.text[stacks.brackets.pop()] != "{" or not feed(p, stacks, "}", "}", start):
            stacks.brackets.clear()
            break_element(p, stacks, ("BROKEN_ITEM",), start, start)
    if start < len(p.text) and not p.text.startswith("catch", start):
        feed(p, stacks, "NL", "\n", start)

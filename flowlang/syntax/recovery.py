"""Going on after a mistake: the broken statement, item or field becomes one node, and the rest of the file is parsed.

Where the broken part ends is decided by lines and indentation first, brackets second, for brackets are what people
forget: it ends before the next line that is indented no deeper than its own and either has no bracket of the broken
part open before it or begins as only a statement or an item does.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.record import Record
from flowlang.syntax import ast
from flowlang.syntax.annotations_inside import take_annotation
from flowlang.syntax.automaton import cut, expected_at, feed
from flowlang.syntax.braces import begins_line, indentation, line_of
from flowlang.syntax.broken_heads import begin_flow, read_as_body, read_body, trigger_above_body
from flowlang.syntax.elements import break_element, list_around
from flowlang.syntax.foreign_files import report_format
from flowlang.syntax.lexing import (
    CLOSER,
    END,
    KIND_OF_WORD,
    LINES,
    OTHER,
    SIGN,
    begins_afresh,
    begins_clause,
    begins_field,
    continues,
    first_word,
)
from flowlang.syntax.lost_names import read_nameless
from flowlang.syntax.messages import explain, lacks_else, unclosed
from flowlang.syntax.missing_signs import close_on_line, part_pairs, put_opener
from flowlang.syntax.misspelt import part_with_commas, respell
from flowlang.syntax.numbers import NAME
from flowlang.syntax.putting_right import (
    bare_block,
    close_above,
    close_at,
    close_before,
    close_type,
    closes_too_early,
    ends_before_value,
    ends_with_line,
    item_below,
    joins_clause,
    lacks_closer,
    lacks_opener,
    leave_out,
    left_open_inside,
    open_bare,
    open_block,
    takes_annotations,
    without_comment,
)
from flowlang.syntax.rewritten import read_as_ours
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_ITEM_WORDS = frozenset("import config let type service action function flow annotation trigger test @".split())
_INNER_WORDS = frozenset(("step", "do", "return", "yield", "on", ""))
_CHOICES = frozenset(("else", "elif", "elsif", "elseif"))
_PARTS = {
    **dict.fromkeys(("try", "begin"), frozenset(("except", "catch", "finally", "else", "rescue", "ensure"))),
    "do": frozenset(("while", "until")),
    **dict.fromkeys(("if", "unless", "step"), _CHOICES),
    **dict.fromkeys(("for", "while", "foreach"), frozenset(("else",))),
}
"""By the word that begins a statement elsewhere, those that go on with it on lines of their own."""
_TEXT_LINES = 200
"""Lines of a `<<END` text that are looked at for its end."""
_heredoc = patterns.compile(
    rf"<<[-~]?(['\"]?)(\w+)\1[ \t]*\r?\n(?:[^\n]*\n){{0,{_TEXT_LINES}}}?[ \t]*\2(?=[ \t]*(?:[\r\n]|\Z))"
).match
_ends = patterns.compile(r"(?:end|endif|endfor|done|esac|fi)[ \t]*(?:[#\r\n]|\Z)").match
_opens = patterns.compile(
    r"(?m)^[ \t]*(?:if|for|while|unless|until|case|def|begin|class|[\w.]+[ \t]+do)\b"
    r"(?:[^{\r\n]|\{(?![ \t]*[\r\n]))*[\r\n]"
).search
_is_name = patterns.compile(r"[A-Za-z_]\w*\Z").match
_tag = patterns.compile(r"\{%-?[ \t]*(?:end|el)").match
_word = patterns.compile(r"[A-Za-z_]\w*|@").match
_misspelt_item = patterns.compile(r"(?!(?:not|and|or|if|in|is|else)\b)[A-Za-z_]\w*[ \t]+[A-Za-z_]\w*[ \t]*[({]").match


def recover(p: Parser, stacks: Stacks, key: str, tok: Any, start: int, pos: int) -> tuple[int, int]:
    """Report the mistake at a token and put a broken node in place of what it spoils; give state and place to go on."""
    p.far = max(p.far, pos)
    place, times = p.stuck
    p.stuck = start, times + 1 if place == start else 1
    if (times > 2 and place == start) or report_format(p, start, pos):
        return _give_up(p, stacks, start)
    if key == "}" and not p.text.startswith("}", start):  # the brace that a line lacks: it still does
        _, _, line = next(tokens(p.text, start))
        p.closing[line] = p.closing.get(line, 0) + 1
        key = "NL"
    behind = without_comment(p, stacks, start)
    if behind < 0 and key == "@":
        behind = take_annotation(p, stacks, start)
    if behind >= 0:
        return stacks.state, behind
    if key != "UNCLOSED":
        met = Met(expected_at(p, stacks), key, tok, start, pos)
        put_right = _as_meant(p, stacks, met)
        if put_right is None and close_on_line(p, stacks, start):
            put_right = stacks.state, start
        put_right = put_right or _by_layout(p, stacks, met)
        put_right = put_right or _with_sign(p, stacks, met) or _by_line(p, stacks, met)
        if put_right is not None:
            return put_right
        if not _is_told(p, met) and not _ends_tag(p, stacks, start):
            p.diagnostics.append(_told(p, stacks, met))
        if "NL" in met.expected and p.text[stacks.last - 1 : stacks.last] == "}":
            feed(p, stacks, "NL", "\n", stacks.last)  # what ends in a block is whole: only what follows it is broken
    if key == "TOO_DEEP":
        end = _closed_at(p.text, start)
        p.hangs_on(start, end if end >= 0 else len(p.text))
        if end >= 0:
            stacks.brackets.remove(start)
            return _go_on(p, stacks, start, end)
    heredoc = _heredoc(p.text, start)
    if p.text.startswith("<<", start):
        p.hangs_on(start, heredoc.end() if heredoc else len(p.text))
    end = _end_of_text(p, stacks, pos) if key == "UNCLOSED" else heredoc.end() if heredoc else start
    return _go_on(p, stacks, start, end)


def _closed_at(text: str, start: int) -> int:
    """The place behind what closes the bracket at a place; -1 if nothing does, or brackets stand crosswise in it."""
    open_brackets: list[str] = []
    for group, at, end in tokens(text, start):
        sign = text[at:end] if group == SIGN else ""
        if sign in CLOSER:
            open_brackets.append(CLOSER[sign])
        elif sign and sign in ")]}":
            if sign != open_brackets.pop():
                return -1
            if not open_brackets:
                return end
    return -1


class Met(Record):
    """A token that cannot stand where it does, and what could."""

    __slots__ = ()

    expected: frozenset[str]
    key: str
    tok: Any
    start: int
    pos: int


def _is_told(p: Parser, met: Met) -> bool:
    """Whether a name is wanted and a word that begins with a digit stands there, which was told already: tell more."""
    last = p.diagnostics[-1] if p.diagnostics else None
    is_told = last is not None and last.rule in ("bad-number", "bad-name") and last.span.start == met.start
    if not is_told or "NAME" not in met.expected or "NUMBER" in met.expected:
        return False
    p.diagnostics[-1] = p.diagnostics[-1].replace(help=NAME)
    return True


def _told(p: Parser, stacks: Stacks, met: Met) -> Diagnostic:
    return explain(p, stacks, met.expected, met.key, met.tok, met.start, met.pos)


def _as_meant(p: Parser, stacks: Stacks, met: Met) -> tuple[int, int] | None:
    """Go on as if what was meant stood there, where the token tells what that is."""
    expected, start, pos = met.expected, met.start, met.pos
    if _is_stray(p, stacks, met.key, met.tok) and "NL" in expected:
        p.diagnostics.append(_told(p, stacks, met))
        return stacks.state, _behind_strays(p, stacks, pos)
    if "else" in expected and p.text[start:pos] in ("elif", "elseif", "elsif"):
        p.diagnostics.append(_told(p, stacks, met))
        feed(p, stacks, "else", "else", start)
        feed(p, stacks, "if", "if", start)
        return stacks.state, pos
    if lacks_else(p, stacks, expected, met.key):
        p.diagnostics.append(_told(p, stacks, met))
        feed(p, stacks, "else", "else", stacks.last)
        feed(p, stacks, "NUMBER", ast.BrokenExpr(stacks.last, stacks.last), stacks.last)
        return stacks.state, start
    if "NAME" in expected:
        nameless = read_nameless(p, stacks, start, pos, None if _is_told(p, met) else _told(p, stacks, met))
        if nameless is not None:
            return nameless
    flow = trigger_above_body(p, stacks, expected) or read_as_body(p, stacks, start)
    flow = flow or begin_flow(p, stacks, met.key, met.tok, start, pos)
    if flow is not None:
        return flow
    if met.key == "NAME" and (respelled := respell(p, stacks, start, pos)) is not None:
        return respelled
    ours = read_as_ours(p, stacks, expected, met.key, met.tok, start, pos)
    return ours or part_with_commas(p, stacks, start)


def _with_sign(p: Parser, stacks: Stacks, met: Met) -> tuple[int, int] | None:
    """Go on as if the comma or the opening bracket stood there that is missing."""
    told = _told(p, stacks, met)
    if "," in met.expected and told.span.start == met.start and part_pairs(p, stacks, told):
        return stacks.state, met.start
    begin = put_opener(p, stacks, met.expected, met.start, told)
    if begin < 0 and not told.help and "{" in met.expected and "NUMBER" not in met.expected and met.key != "TOO_DEEP":
        begin = _body_behind(p, stacks, met.start)
        if begin >= 0:
            p.diagnostics.append(told)
    return (stacks.state, begin) if begin >= 0 else None


def _is_clause_below_open(p: Parser, stacks: Stacks, start: int) -> bool:
    """Whether a clause begins a line where a bracket of a line above is open, so that the step is unfinished."""
    opener = stacks.brackets[-1] if stacks.brackets else -1
    is_above = 0 <= opener < line_of(p.text, start) and p.text[opener] != "{"
    return is_above and begins_line(p.text, start) and begins_clause(p.text, start) is not None


def _field_behind(p: Parser, stacks: Stacks, colon: int) -> int:
    """The comma before the name of a field that a `:` follows, where a bracket of the field before is open; else -1."""
    terminal, count = list_around(p, stacks)
    if terminal != "BROKEN_FIELD" or count >= len(stacks.starts) or not stacks.brackets:
        return -1
    opener = stacks.brackets[-1]
    if opener < stacks.starts[count] or p.text[opener] == "{":
        return -1
    comma = p.text.rfind(",", opener, colon)
    return comma if comma >= 0 and _is_name(p.text[comma + 1 : colon].strip()) else -1


def _body_behind(p: Parser, stacks: Stacks, start: int) -> int:
    """The `{` that ends the line of a mistake in the head of a block, from which on it is read; -1 if there is none."""
    if list_around(p, stacks)[0] != "BROKEN_STATEMENT":
        return -1
    depth, brace = 0, -1
    for group, at, after in tokens(p.text, start):
        if group in (LINES, END):
            return brace if depth == 1 else -1
        sign = p.text[at:after] if group == SIGN else ""
        depth += (sign in CLOSER) - (sign in (")", "]", "}"))
        brace = at if sign == "{" else -1
    return -1


def _by_layout(p: Parser, stacks: Stacks, met: Met) -> tuple[int, int] | None:
    """Go on as if a brace or an annotation stood where it belongs, where the lines tell that it does not."""
    expected, start = met.expected, met.start
    item = len(p.text) if met.key == "$END" else item_below(p, stacks, expected, start)
    if stacks.brackets and item > stacks.brackets[0]:
        return close_before(p, stacks, expected, start, item)
    again = joins_clause(p, stacks, start)
    if again >= 0:
        return stacks.state, again
    if takes_annotations(p, stacks, expected, start):
        return stacks.state, start
    if lacks_closer(p, stacks, met.tok, start):
        close_at(p, stacks.brackets.pop(), start)
        feed(p, stacks, "}", "}", start)
        return stacks.state, start
    inside = left_open_inside(p, stacks, start)
    if inside is not None:
        return inside
    blank = ends_before_value(p, stacks)
    if blank >= 0:
        return close_type(p, stacks, blank)
    line = ends_with_line(p, stacks, start)
    if line >= 0:
        return close_above(p, stacks, line)
    bare = bare_block(p, stacks, start) if not stacks.brackets else -1
    if bare >= 0:
        return open_bare(p, stacks, bare)
    closer = closes_too_early(p, stacks, start)
    if closer >= 0:
        return leave_out(p, stacks, closer)
    if lacks_opener(p, stacks, expected, start):
        return open_block(p, stacks, _told(p, stacks, met))
    return None


def _by_line(p: Parser, stacks: Stacks, met: Met) -> tuple[int, int] | None:
    """Go on at the line or the field of a token that begins something else: what is unfinished ends before it."""
    start = met.start
    comma = _field_behind(p, stacks, start) if met.key == ":" else -1
    if comma >= 0:
        p.diagnostics.append(unclosed(p, stacks.brackets[-1]))
        break_element(p, stacks, ("BROKEN_FIELD",), start, comma)
        return stacks.state, comma
    line = _fresh_line(p, stacks, start)
    if line < 0 and _is_clause_below_open(p, stacks, start):
        line = start
    if line >= 0:
        p.diagnostics.append(unclosed(p, stacks.brackets[-1]))
    else:
        line = _unfinished(p, stacks, start)
    return _go_on(p, stacks, line, line) if line >= 0 else None


def _ends_tag(p: Parser, stacks: Stacks, start: int) -> bool:
    """Whether `{% endif %}` or `end` stands at a place behind what it ends in the same item: one mistake."""
    found = _tag(p.text, start) or _ends(p.text, start)
    _, count = list_around(p, stacks, ("BROKEN_ITEM",)) if found else ("", 0)
    if not 0 < count < len(stacks.starts):
        return False
    item = stacks.starts[count]
    if _tag(p.text, start):
        return p.text.find("{%", item, start) >= 0
    return any(item <= each < start for each in p.opened) or _opens(p.text, item, start) is not None


def _end_of_text(p: Parser, stacks: Stacks, end: int) -> int:
    """Where a text that its line does not close may end: before what closes the brackets opened on that line.

    A bracket that ends the line was opened for the lines below it.
    """
    line = max(p.text.rfind("\n", 0, end), p.text.rfind("\r", 0, end)) + 1
    code = p.text[line:end].rstrip(" \t")
    if code[-1:] in CLOSER:
        stacks.brackets.append(line + len(code) - 1)
        return end
    for bracket in stacks.brackets:
        if bracket >= line:
            before = p.text[line:end].rstrip(" \t,")
            if before[-1:] != CLOSER[p.text[bracket]]:
                break
            end = line + len(before) - 1
    return end


def _give_up(p: Parser, stacks: Stacks, start: int) -> tuple[int, int]:
    """Break the rest of the file: no mistake may keep the parser at one place."""
    states = [*stacks.below, stacks.state]
    count = max((n for n, state in enumerate(states) if "BROKEN_ITEM" in p.table.row(state)), default=0)
    element = stacks.starts[count] if count < len(stacks.starts) else start
    cut(stacks, count)
    stacks.brackets.clear()
    feed(p, stacks, "BROKEN_ITEM", ast.Broken(element, max(len(p.text), element + 1), None), element)
    return stacks.state, len(p.text)


def _is_stray(p: Parser, stacks: Stacks, key: str, tok: Any) -> bool:
    """Whether the token is a closing bracket that closes nothing."""
    return key == "MISMATCH" and all(CLOSER[p.text[b]] != tok for b in stacks.brackets)


def _behind_strays(p: Parser, stacks: Stacks, at: int) -> int:
    """Where the closing brackets end that stand right behind a stray one and close nothing either: one mistake."""
    strays = set(CLOSER.values()) - {CLOSER[p.text[b]] for b in stacks.brackets}
    while p.text[at : at + 1] in strays:
        at += 1
    return at


def _fresh_line(p: Parser, stacks: Stacks, start: int) -> int:
    """Where the line before the token's own ends, if the token's line begins a new statement, item or field; else -1.

    Only inside a bracket of an earlier line that is not the one around the list of statements, items or fields.
    """
    text = p.text
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    if not stacks.brackets or stacks.brackets[-1] > line or not line:
        return -1
    terminal, count = list_around(p, stacks)
    if count and stacks.starts[count - 1] == stacks.brackets[-1]:
        return -1
    begins = begins_afresh if terminal in ("BROKEN_ITEM", "BROKEN_STATEMENT") else begins_field
    found = begins(text, line + indentation(text, line))
    return line - 1 if found and found.start() <= start <= found.end() else -1


def _unfinished(p: Parser, stacks: Stacks, start: int) -> int:
    """Report an expression that stops at the end of its line; give where that line ends, or -1.

    Two words that no operator joins begin the next line: a statement or item, if misspelt, and no part of it.
    """
    text = p.text
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    at = line + indentation(text, line)
    word = _word(text, at)
    if not word or not _word(text, start) or text[word.end() : start].strip(" \t") or word.end() == start:
        return -1
    _, count = list_around(p, stacks)
    element = stacks.starts[count] if count < len(stacks.starts) else start
    opened = [b for b in stacks.brackets if b > element]
    if element >= line or at - line > indentation(text, element) or any(text[b] == "{" for b in opened):
        return -1
    if opened:
        p.diagnostics.append(unclosed(p, opened[-1]))
        stacks.brackets[:] = [b for b in stacks.brackets if b <= element]
        return line - 1
    last = [token for token in tokens(text[:line], element) if token[0] not in (LINES, END)][-1]
    shown = text[last[1] : last[2]]
    if shown in (")", "]", "}") or text.startswith("@", last[1] - 1) or (last[0] != SIGN and shown not in KIND_OF_WORD):
        return -1
    p.diagnostics.append(p.error("syntax-error", f"expected an expression after `{shown}`", last[1], last[2]))
    return line - 1


def _go_on(p: Parser, stacks: Stacks, token: int, start: int) -> tuple[int, int]:
    """Read the body of a flow whose head is broken; else go on behind what is broken."""
    return read_body(p, stacks, start) or _replace(p, stacks, token, start)


def _replace(p: Parser, stacks: Stacks, token: int, start: int) -> tuple[int, int]:
    """Put a broken node in place of the innermost item, statement or field around a token; its end is after `start`."""
    terminal, count = list_around(p, stacks)
    element = stacks.starts[count] if count < len(stacks.starts) else token
    bracket = stacks.starts[count - 1] if terminal != "BROKEN_ITEM" else -1
    still_open = [b for b in stacks.brackets if bracket < b < start]
    end, resume = _end_of_broken(p, terminal, element, start, still_open)
    break_element(p, stacks, (terminal,), token, end)
    return stacks.state, resume


def _end_of_broken(p: Parser, terminal: str, element: int, start: int, still_open: list[int]) -> tuple[int, int]:
    """Where the broken element ends, and where the parser goes on."""
    text, margin = p.text, indentation(p.text, element)
    end = start
    head = first_word(text, element)
    count = {closer: sum(CLOSER[text[b]] == closer for b in still_open) for closer in ")]}"}
    for group, at, after in tokens(text, start):
        if group == LINES:
            if _resumes(text, after, terminal, margin, still_open) and not _goes_on(text, after, head):
                return end, at
            p.trivia(at, after)
        elif group == END:
            return end, at
        elif group == SIGN:
            sign = text[at:after]
            if sign in CLOSER:
                still_open.append(at)
                count[CLOSER[sign]] += 1
            elif sign in ")]}":
                if count[sign]:
                    count[sign] -= 1
                    while (closer := CLOSER[text[still_open.pop()]]) != sign:
                        count[closer] -= 1
                elif sign == "}" and terminal != "BROKEN_ITEM":
                    return end, at
            elif sign == "," and not still_open and terminal in ("BROKEN_FIELD", "BROKEN_SETTING"):
                return end, at
        elif group == OTHER and text.startswith('"""', at) and not text.endswith('"""', at + 3, after):
            p.hangs_on(at, len(text))
        if group != LINES:
            end = after
    return end, len(text)


def _goes_on(text: str, at: int, head: str) -> bool:
    """Whether a line goes on with what a word begins elsewhere: one mistake."""
    found = _word(text, at)
    return found is not None and found[0] in _PARTS.get(head, ())


def _resumes(text: str, at: int, terminal: str, margin: int, still_open: list[int]) -> bool:
    """Whether the line that begins at a place is no longer part of the broken element."""
    if at == len(text):
        return False
    if indentation(text, at) > margin or text[at] == "{":
        return False
    found = _word(text, at)
    word = found[0] if found else ""
    afresh = begins_afresh(text, at) is not None
    if terminal == "BROKEN_ITEM":
        if word == "import" and not still_open:
            return True  # in whatever way another language goes on behind it
        if still_open or word in _ITEM_WORDS:
            is_other = all(text[b] != "{" for b in still_open) and _misspelt_item(text, at)
            return bool(is_other) or (afresh and word in _ITEM_WORDS)
        return word not in _INNER_WORDS and not continues(text, at)
    if terminal != "BROKEN_STATEMENT" and begins_field(text, at):
        return True
    if text[at] == "}":
        return not any(text[b] == "{" for b in still_open)
    if still_open:
        return afresh
    return continues(text, at) is None

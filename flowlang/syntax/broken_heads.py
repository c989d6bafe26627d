"""The body of a flow whose head did not parse: it is read all the same, so that its mistakes are found too.

The head is replaced by one without parameters and result; what it names counts as declared in the body. Only a body
whose `{` ends a line is known to be one. A trigger before that `{` belongs behind it.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax.automaton import accepts, cut, feed
from flowlang.syntax.braces import indentation, line_of
from flowlang.syntax.elements import list_around
from flowlang.syntax.lexing import CLOSER, END, LINES, SIGN, begins_afresh, first_word
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_ELSEWHERE: Final = frozenset("workflow def fn func fun procedure pipeline job task".split())
_HELP: Final = {
    "async": "steps that do not depend on each other run at the same time",
    **dict.fromkeys(("export", "public", "pub"), "every flow can be called from another file"),
}
_STATEMENTS: Final = frozenset("step do let return on ensure".split())
_follows: Final = patterns.compile(r"[ \t]+flow[ \t]+[A-Za-z_]").match
_named: Final = patterns.compile(r"[ \t]+[A-Za-z_]\w*[ \t]*\(").match
_trigger: Final = patterns.compile(r"\s+(on[ \t]+[A-Za-z_]\w*)[ \t]*\(").match
_LINES: Final = 40
"""Lines of a head that are looked at."""


def read_body(p: Parser, stacks: Stacks, start: int) -> tuple[int, int] | None:
    """Go on at the body of the flow whose head has a mistake at a place; none if there is no such flow."""
    terminal, count = list_around(p, stacks)
    head = _head(stacks.values, count)
    if terminal != "BROKEN_ITEM" or head is None:
        return None
    brace = _brace(p, stacks.starts[head], start)
    return _go_on(p, stacks, head, start, brace) if brace >= start else None


def read_as_body(p: Parser, stacks: Stacks, start: int) -> tuple[int, int] | None:
    """Go on at the body of the flow whose `->` has no type, so that the body's `{` was taken for that of a record."""
    line = line_of(p.text, start)
    if begins_afresh(p.text, line + indentation(p.text, line)) is None or list_around(p, stacks)[0] != "BROKEN_FIELD":
        return None
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    head = _head(stacks.values, count)
    brace = stacks.brackets[0]
    before = p.text[: brace + 1].rstrip("{ \t")
    if head is None or len(stacks.brackets) != 1 or line <= brace or not before.endswith("->"):
        return None
    arrow = len(before) - 2
    p.diagnostics.append(p.error("syntax-error", "expected a type after `->`", arrow, arrow + 2))
    return _go_on(p, stacks, head, brace, brace)


def trigger_above_body(p: Parser, stacks: Stacks, expected: frozenset[str]) -> tuple[int, int] | None:
    """Read a trigger that stands between the head of a flow and its `{` as if that stood before it."""
    text, last = p.text, stacks.last
    found = _trigger(text, last)
    if found is None or "{" not in expected or stacks.brackets:
        return None
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    end, brace = _brace_behind(text, found.start(1)) if _head(stacks.values, count) is not None else (-1, -1)
    if brace < 0:
        return None
    is_on_line = next(tokens(text, brace + 1))[0] != LINES  # what follows it needs a line of its own
    blank = "\n" if is_on_line and line_of(text, brace) < end else " "
    p.text = text[:last] + "{" + text[last + 1 : brace] + blank + text[brace + 1 :]
    p.opened.add(last)
    begin = found.start(1)
    on_line = "\n" not in text[last:begin]
    opened = Edit(Span(p.path, last, begin if on_line else last), " {\n  " if on_line else " {")
    edits = (opened, Edit(Span(p.path, end, brace + 1), "\n " if is_on_line else ""))
    help = "write it behind the `{` of the flow"
    told = p.error("syntax-error", "a trigger stands in its flow", *found.span(1), help)
    p.mend(told.replace(fixes=(Fix("move the `{`", edits),)))
    return stacks.state, last


def begin_flow(p: Parser, stacks: Stacks, key: str, tok: Any, start: int, end: int) -> tuple[int, int] | None:
    """Go on at a flow that begins with a word of another language, as in `async flow f()` and `workflow f() {`."""
    if key != "NAME" or not accepts(p, stacks, "flow"):
        return None
    if _follows(p.text, end):
        gone, ours = next(tokens(p.text, end))[1], ""
    elif tok in _ELSEWHERE and _named(p.text, end) and _holds_statements(p.text, start):
        gone, ours = end, "flow"
        feed(p, stacks, "flow", "flow", start)
        stacks.last = end
    else:
        return None
    message, help = f"there is no `{tok}`", _HELP.get(tok, "a flow is written `flow name(id: string) { … }`")
    fix = Fix(f"write `{ours}`" if ours else "leave it out", (Edit(Span(p.path, start, gone), ours),))
    p.diagnostics.append(p.error("syntax-error", message, start, end, help).replace(fixes=(fix,)))
    return stacks.state, end


def _holds_statements(text: str, word: int) -> bool:
    """Whether the first line of what begins at a word opens a body, and the second is a statement."""
    opened = False
    for group, at, after in tokens(text, word):
        if group == LINES:
            return opened and first_word(text, after) in _STATEMENTS and begins_afresh(text, after) is not None
        opened = text[at:after] == "{"
    return False


def _brace_behind(text: str, trigger: int) -> tuple[int, int]:
    """The end of a trigger and the `{` behind it that begins a body: its line ends, or a statement follows; -1 if there
    is none.
    """
    depth, end, brace, word = 0, trigger, -1, ""
    for group, at, after in tokens(text, trigger):
        sign = text[at:after]
        if group in (LINES, END):
            if brace >= 0 or group == END or _begins_statement(text, after):
                break
            continue
        if brace >= 0 and _begins_statement(text, at):
            break
        is_body = group == SIGN and sign == "{" and not depth and word != "with"
        end, brace = (end, at) if is_body else (after, -1)
        depth += (group == SIGN) * ((sign in CLOSER) - (sign in (")", "]", "}")))
        word = sign
    return end, brace


def _begins_statement(text: str, at: int) -> bool:
    return begins_afresh(text, at) is not None and first_word(text, at) != "on"


def _go_on(p: Parser, stacks: Stacks, head: int, start: int, brace: int) -> tuple[int, int] | None:
    word, name = stacks.starts[head], stacks.values[head + 1]
    if word in p.broken_heads:
        return None
    p.broken_heads.add(word)
    place = stacks.starts[head + 1]
    cut(stacks, head)
    stacks.brackets[:] = [each for each in stacks.brackets if each < word]
    for key, tok, at in (("flow", "flow", word), ("NAME", name, place), ("(", "(", place), (")", ")", place)):
        feed(p, stacks, key, tok, at)
        stacks.last = place + len(name) if key == "NAME" else max(stacks.last, at)
    for group, at, after in tokens(p.text, start):
        if at >= brace:
            break
        if group == LINES:
            p.trivia(at, after)
    return stacks.state, brace


def _head(values: list[Any], count: int) -> int | None:
    """Where the symbols of a flow begin among those from a number on: `flow` and its name."""
    for index in (count, count + 1):
        begins = values[index : index + 2]
        if len(begins) == 2 and type(begins[0]) is str and begins[0] == "flow" and type(begins[1]) is str:
            return index
    return None


def _brace(p: Parser, word: int, start: int) -> int:
    """The `{` that ends a line and begins a body; -1 if there is none."""
    text, margin = p.text, indentation(p.text, word)
    last, depth, lines, inside, result, before, sign = -1, 0, 0, -1, -1, "", ""
    for group, at, after in tokens(text, word):
        if group in (LINES, END):
            if last >= start and text[last] == "{":
                if depth == 1 and before != "->":
                    return last
                result = last if depth == 1 and result < 0 else result
                inside = last if inside < 0 else inside
            lines += 1
            is_over = indentation(text, after) <= margin and begins_afresh(text, after) is not None
            if group == END or is_over or lines > _LINES:
                break
        else:
            before, sign = sign, text[at:after] if group == SIGN else ""
            depth += (sign in CLOSER) - (sign in (")", "]", "}"))
            last = at
    return max(inside, result)

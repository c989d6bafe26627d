"""The parser: Lark's LALR table run over the tokens of a text, with nodes made as rules are completed.

The table comes from `grammar/flow.lark` and nothing here knows the language's rules. A mistake costs one finding and
one `Broken` node: see `recovery`. Nothing here recurses except for a text in a hole in a text, which is bounded.
"""

from __future__ import annotations

from flowlang.record import Record, new
from flowlang.syntax import actions_expressions, actions_statements, ast, tables
from flowlang.syntax.context import Comment, Context, Mark, Mistake, Stacks
from flowlang.syntax.lexing import (
    BRACED_WORD,
    CLOSER,
    CONTINUING,
    KIND_OF_WORD,
    LINES,
    NUMBER,
    OTHER,
    RESERVED_WORD,
    SIGN,
    TEXT,
    WORD,
    before_brace,
    before_colon,
    begins_afresh,
    begins_clause,
    begins_field,
    continues,
    first_word,
    scanner,
)
from flowlang.syntax.numbers import is_refused, read_number
from flowlang.syntax.tables import REFUSED, is_shift
from flowlang.syntax.texts import read_text
from flowlang.syntax.tokens import HOLES, closed_hole_end, hole_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source

NESTING = 64
"""Brackets and blocks inside one another."""
ROOM = 32
"""Symbols that the stacks hold before they grow."""
_CLOSERS = frozenset(")]}")
_BRACKETS = _CLOSERS | CLOSER.keys()


class Parsed(Record):
    """What came of a text: a tree, always; nodes `Broken` stand where a diagnostic says so. `marks` are in order of
    place; `stretches` are those of the text that tell only as a whole what a mistake in them is.
    """

    __slots__ = ()

    tree: ast.File
    diagnostics: tuple[Diagnostic, ...]
    comments: tuple[Comment, ...]
    marks: tuple[Mark, ...] = ()
    stretches: tuple[tuple[int, int], ...] = ()


_table: tables.Table | None = None


def table() -> tables.Table:
    """The parse table with our actions, loaded once."""
    global _table
    if _table is None:
        actions: dict[str, Any] = {}
        for module in (actions_expressions, actions_statements):
            actions |= {name.rstrip("_"): made for name, made in vars(module).items() if type(made) is _function}
        _table = tables.load(actions)
    return _table


_function = type(table)


def parse(
    source: Source, start: int = 0, marks: tuple[Mark, ...] | None = None, behind: tuple[Mark, ...] = ()
) -> Parsed:
    """Parse a file, or what stands behind a place at the beginning of a line as if it were one. With marks, if only
    none: from the last of them, and with those that are met. `behind`: marks from the first of which on the text is as
    it was, so that the statements between them stay.
    """
    p = Parser(source)
    p.marks = None if marks is None else [*marks]
    p.behind = behind
    tree: ast.File = p.run("file", start, None)[0]
    p.complain_of_strays()
    return Parsed(tree, p.found(), tuple(p.comments), tuple(p.marks or ()), tuple(p.stretches))


def parse_expression(source: Source) -> tuple[ast.Expr, tuple[Diagnostic, ...]]:
    """Parse a text that is one expression."""
    p = Parser(source)
    try:
        tree, _ = p.run("expression", 0, None)
    except Mistake as mistake:
        return ast.BrokenExpr(0, len(source.text)), p.found(mistake)
    return tree, p.found()


def parse_type(source: Source) -> tuple[ast.TypeExpr | None, tuple[Diagnostic, ...]]:
    """Parse a text that is one type."""
    p = Parser(source)
    try:
        tree, _ = p.run("type", 0, None)
    except Mistake as mistake:
        return None, p.found(mistake)
    return tree, p.found()


class Parser(Context):
    """One text on its way to a tree: the driver of the table, and the holes of templates."""

    __slots__ = ("behind", "holes", "marks")

    def __init__(self, source: Source) -> None:
        super().__init__(source, table())
        self.holes = 0
        self.marks: list[Mark] | None = None
        self.behind: tuple[Mark, ...] = ()

    def hole(self, at: int, multiline: bool) -> tuple[ast.Expr | None, int]:
        """Parse the hole whose `{{` stands at a place; gives it and the place behind it.

        Where it is never closed, that is reported, and the result is None and where to go on.
        """
        mark = len(self.diagnostics)
        if self.holes >= HOLES:
            what = f"templates nest at most {HOLES} deep"
            raise Mistake(self.error("too-deep", what, at, at + 2, "name the inner text with `let`"))
        self.holes += 1
        try:
            if self.text.startswith("-", at + 2) and self.text[at + 3 : at + 4] in " \t":
                help = "white space around a hole is kept as it is written"
                raise Mistake(self.error("syntax-error", "a hole begins with `{{`, not `{{-`", at, at + 3, help))
            return self.run("expression", at + 2, multiline)
        except Mistake as mistake:
            end = hole_end(self.text, at + 2, multiline)
            self.hangs_on(at, max(self.far, end, self._looked_at_for_end(at, multiline)))
            if end >= 0 and mistake.diagnostic is not None:
                self.diagnostics.append(mistake.diagnostic)
            elif end < 0 or len(self.diagnostics) == mark:
                del self.diagnostics[mark:]
                self._report_unclosed_hole(at, multiline)
            if end < 0:
                line = self.text.find("\n", at)
                return None, len(self.text) if line < 0 else line
            return ast.BrokenExpr(at + 2, end - 2), end
        finally:
            self.holes -= 1

    def _looked_at_for_end(self, at: int, multiline: bool) -> int:
        """How far the text is looked at for the end of a hole: to the end of it where no `}}` closes the hole."""
        if closed_hole_end(self.text, at + 2, multiline) >= 0:
            return at
        line = self.text.find("\n", at)
        is_on_line = not multiline and '"""' not in self.text[at : line if line >= 0 else None]
        return at if is_on_line else len(self.text)

    def _report_unclosed_hole(self, at: int, multiline: bool) -> None:
        where = "" if multiline else " on its line"
        help = "close it with `}}`; a literal `{{` is written `\\{{`"
        self.report("unclosed-bracket", f"`{{{{` is not closed{where}", at, at + 2, help)

    def take_up(self, stacks: Stacks) -> tuple[Stacks, int] | None:
        """At the first of the marks behind an edit: the stacks at the last one, and its place."""
        first, last = self.behind[0], self.behind[-1]
        if self.marks is None or not self.meets(first, stacks):
            return None
        self.marks += [self.moved(first, each, stacks) for each in self.behind[1:]]
        return self.go_back(self.marks[-1]), last.at

    def amend(self, rule: str, stacks: Stacks, key: str, tok: Any, start: int, pos: int) -> int:
        """Recover from a mistake in a file, raise Mistake elsewhere; gives the place to go on."""
        if is_refused(self, start):
            return self.diagnostics[-1].span.end
        # What only mistakes need is imported only then.
        from flowlang.syntax.automaton import expected_at
        from flowlang.syntax.messages import explain
        from flowlang.syntax.recovery import recover

        if rule != "file":
            self.far = max(self.far, pos)
            expected = expected_at(self, stacks)
            raise Mistake(None if key == "UNCLOSED" else explain(self, stacks, expected, key, tok, start, pos))
        stacks.state, pos = recover(self, stacks, key, tok, start, pos)
        return pos

    # This loop is the parser's whole speed: what it does per token and per rule stands in one place, on local names.
    def run(self, rule: str, pos: int, hole: bool | None) -> tuple[Any, int]:
        """Parse from a start rule; in a hole up to its `}}`, with line ends as space (True) or refused (False).

        Gives the value and the place behind it. In a file mistakes are reported and recovered from; elsewhere they
        raise Mistake.
        """
        text, table, closing = self.text, self.table, self.closing
        rows, state, final = table.rows, table.start[rule], table.end[rule]
        # The stacks hold what is behind their top, so that nothing is taken off: what is there is overwritten.
        below, values, starts = [0] * ROOM, [None] * ROOM, [0] * ROOM
        brackets: list[int] = []
        top, room = -1, ROOM
        space = outer = hole is not None
        last, closed = pos, -1
        marks = self.marks if rule == "file" else None
        behind = self.behind[0].at if self.behind else -1
        if marks:
            pos = marks[-1].at
            below, values, starts, brackets, state, last, room = self.go_back(marks[-1]).parts()
            top = room - 1
        next_token = scanner(text, pos).match
        row = rows[state] or table.row(state)
        kind_of_word = KIND_OF_WORD.get
        key: str
        tok: Any
        action: Any
        while True:
            m = next_token()
            group = m.lastindex
            tok = m[group]
            pos = m.end()
            start = pos - len(tok)
            if group == WORD:
                kind = kind_of_word(tok)
                if kind is None:
                    key = "NAME"
                elif kind == RESERVED_WORD:
                    key = tok
                elif tok in row:
                    stands = before_brace(text, pos) if kind == BRACED_WORD else not before_colon(text, pos)
                    key = tok if stands else "NAME"
                else:
                    key = "NAME"
            elif group == SIGN:
                key = tok
                if tok not in _BRACKETS:
                    pass
                elif tok in CLOSER:
                    brackets.append(start)
                    space = tok != "{"
                    if len(brackets) > NESTING:
                        key = "TOO_DEEP"
                else:
                    if brackets and CLOSER[text[brackets[-1]]] == tok:
                        closed = brackets.pop()
                        space = outer if not brackets else text[brackets[-1]] != "{"
                    elif outer and not brackets and text.startswith("}}", start):
                        key = "$END"
                        pos = start + 2  # a `}` was read; nothing is read behind the hole
                    else:
                        key = "MISMATCH"
            elif group == TEXT:
                key = "STRING"
                tok = new(ast.Text, (start, pos, tok[1:-1]))
            elif group == LINES:
                if "#" in tok:
                    self.trivia(start, pos)
                if hole is False:
                    raise Mistake(_comment_in_hole(self, start) if tok[0] == "#" else None)
                if space:
                    if hole is not None or not begins_afresh(text, pos):
                        continue
                    key = "FRESH"
                elif closing and closing.get(pos) and brackets:
                    key = tok = "}"
                    closing[pos] -= 1
                    closed = brackets.pop()
                    space = bool(brackets) and text[brackets[-1]] != "{"
                    pos = start + len(m[group].rstrip(" \t")) - 1
                    next_token = scanner(text, pos).match
                elif pos < len(text) and text[pos] in CONTINUING and continues(text, pos):
                    if not is_shift(row.get("NUMBER")) or not begins_clause(text, pos):
                        continue
                    key = "FRESH"
                elif "NL" in row:
                    key = "NL"
                elif (is_shift(row.get("NUMBER")) and begins_field(text, pos)) or (
                    begins_afresh(text, pos) and first_word(text, pos) not in row
                ):
                    key = "FRESH"
                else:
                    continue
            elif group == NUMBER:
                if tok.isdigit() and len(tok) < 19 and (tok[0] != "0" or len(tok) == 1):
                    key = "NUMBER"
                    tok = new(ast.Literal, (start, pos, int(tok)))
                else:
                    key, tok = read_number(self, start, tok)
            elif group == OTHER:
                key = "OTHER"
                if tok in "\"'":
                    tok, pos = read_text(self, start)
                    key = "STRING" if tok is not None else "UNCLOSED"
                    next_token = scanner(text, pos).match
            else:
                key = "$END"

            try:  # twice as fast as `get`
                action = row[key]
            except KeyError:
                action = REFUSED
            while True:
                fewer, what, after = action
                if after is not None:  # reduce
                    top -= fewer
                    if fewer < 0:  # an empty rule
                        if top == room:
                            room = widen(below, values, starts)
                        below[top] = state
                        starts[top] = start
                    if what is not None:
                        values[top] = what(values, starts, top, last, self)
                    try:
                        state, action = after.ends[below[top]][key]
                    except KeyError:
                        state, action = table.follow(after, below[top], key)
                elif what is not None:  # shift
                    top += 1
                    if top == room:
                        room = widen(below, values, starts)
                    below[top] = state
                    values[top] = tok
                    starts[top] = start
                    state = what
                    row = rows[state] or table.row(state)
                    if key != "NL":
                        last = pos
                    elif marks is not None and len(brackets) == 1:
                        here = Stacks(below[: top + 1], values[: top + 1], starts[: top + 1], brackets, state, last)
                        marks.append(self.mark(pos, here))
                        if pos == behind and (there := self.take_up(here)) is not None:
                            kept, pos = there
                            below, values, starts, brackets, state, last, room = kept.parts()
                            top = room - 1
                            next_token = scanner(text, pos).match
                            row = rows[state] or table.row(state)
                    break
                else:
                    if state == final and key == "$END":
                        return values[top], pos
                    if key in CLOSER and brackets[-1] == start:
                        del brackets[-1]
                    elif key in _CLOSERS:
                        brackets.append(closed)
                    held = Stacks(below[: top + 1], values[: top + 1], starts[: top + 1], brackets, state, last)
                    pos = self.amend(rule, held, key, tok, start, pos)
                    below, values, starts, brackets, state, last, room = held.parts()
                    top = room - 1
                    text = self.text
                    next_token = scanner(text, pos).match
                    row = rows[state] or table.row(state)
                    space = bool(brackets) and text[brackets[-1]] != "{"
                    break


def widen(below: list[int], values: list[Any], starts: list[int]) -> int:
    """Make room on the stacks; gives for how many symbols."""
    below += [0] * ROOM
    values += [None] * ROOM
    starts += [0] * ROOM
    return len(values)


def _comment_in_hole(p: Parser, start: int) -> Diagnostic:
    return p.error("syntax-error", "a comment cannot stand in a hole", start, start + 1, "write it above the statement")

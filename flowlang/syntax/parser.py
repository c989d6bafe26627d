"""The parser: Lark's LALR table run over the tokens of a text, with nodes made as rules are completed.

The table comes from `grammar/flow.lark` and nothing here knows the language's rules. A mistake costs one finding and
one `Broken` node: see `recovery`. Nothing here recurses except for a text in a hole in a text, which is bounded.
"""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, sort_key
from flowlang.record import Record
from flowlang.source import Span
from flowlang.syntax import actions_expressions, actions_statements, ast, tables
from flowlang.syntax.actions_expressions import LONG
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
    TOKEN,
    WORD,
    before_brace,
    before_colon,
    begins_afresh,
    begins_field,
    continues,
    each_line,
    first_word,
)
from flowlang.syntax.messages import expected_at, explain
from flowlang.syntax.numbers import read_number
from flowlang.syntax.recovery import Mistake, Stacks, recover
from flowlang.syntax.tables import Pass, Reduce
from flowlang.syntax.texts import read_text
from flowlang.syntax.tokens import hole_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.source import Source

NESTING = 64
"""Brackets and blocks inside one another."""
DEPTH = 150
"""Operators, calls and fields on top of one another in an expression: every pass over a tree may recurse."""

HOLES = 8
"""Templates in holes of templates: here the parser calls itself."""

_CLOSERS = frozenset(")]}")
new: Any = tuple.__new__


class Comment(Record):
    """`# why`, with its sign and without the line end."""

    text: str
    start: int
    end: int


class Parsed(Record):
    """What came of a text: a tree, always; nodes `Broken` stand where a diagnostic says so."""

    tree: ast.File
    diagnostics: tuple[Diagnostic, ...]
    comments: tuple[Comment, ...]


_table: tables.Table | None = None


def table() -> tables.Table:
    """The parse table with our actions, loaded once."""
    global _table
    if _table is None:
        actions: dict[str, Any] = {}
        for module in (actions_expressions, actions_statements):
            actions |= {name.rstrip("_"): made for name, made in vars(module).items() if made.__class__ is _function}
        _table = tables.load(actions)
    return _table


_function = type(table)


def parse(source: Source) -> Parsed:
    """Parse a file."""
    p = Parser(source)
    tree = p.run("file", 0, None)[0]
    p.complain_of_strays()
    return Parsed(tree, p.found(), tuple(p.comments))


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


class Parser:
    """One text on its way to a tree."""

    __slots__ = (
        "_aside",
        "_deep",
        "_depths",
        "_docs",
        "comments",
        "diagnostics",
        "file_doc",
        "holes",
        "path",
        "source",
        "stuck",
        "table",
        "text",
    )

    def __init__(self, source: Source) -> None:
        self.source, self.text, self.path = source, source.text, source.path
        self.table = table()
        self.diagnostics: list[Diagnostic] = []
        self.comments: list[Comment] = []
        self.file_doc: list[str] = []
        self.holes = 0
        self.stuck = -1, 0
        self._docs: dict[int, str] = {}
        self._aside: dict[int, list[Any]] = {}
        self._depths: dict[int, int] = {}
        self._deep: set[int] = set()

    def report(self, rule: str, message: str, start: int, end: int, help: str = "") -> None:
        """Add an error."""
        self.diagnostics.append(Diagnostic(rule, "error", message, self.span(start, end), help))

    def span(self, start: int, end: int) -> Span:
        """A span that is never empty: at the end of the text it shows the last character."""
        if end <= start:
            end = start + 1
        if end > len(self.text):
            start, end = max(0, min(start, len(self.text) - 1)), len(self.text)
        return Span(self.path, start, end)

    def found(self, mistake: Mistake | None = None) -> tuple[Diagnostic, ...]:
        """What was reported, in order of place."""
        if mistake is not None and mistake.diagnostic is not None:
            self.diagnostics.append(mistake.diagnostic)
        return tuple(sorted(self.diagnostics, key=sort_key))

    # ---- what actions ask for

    def doc(self, start: int, keyword: int) -> str:
        """The doc comment above a declaration, or between its annotations and its keyword."""
        if not self._docs:
            return ""
        return self._docs.get(start) or self._docs.get(keyword, "")

    def plain(self, node: ast.Text | ast.Template, what: str) -> ast.Text:
        """Refuse a template where only a plain text may stand."""
        if isinstance(node, ast.Text):
            return node
        self.report(
            "syntax-error",
            f"{what} cannot contain `{{{{ }}}}`",
            node.start,
            node.end,
            "it is read before anything runs",
        )
        return ast.Text(node.start, node.end, "")

    def template_as_key(self, node: ast.Template) -> ast.Template:
        """Refuse a template as a key of a map."""
        spelled = self.text[node.start : node.end]
        self.report(
            "syntax-error", "a key with `{{ }}` stands in brackets", node.start, node.end, f"write `[{spelled}]: …`"
        )
        return node

    def import_without_name(self, path: ast.Text) -> None:
        """Refuse `import "x.flow"` without a name."""
        self.report(
            "syntax-error",
            "an imported file needs a name",
            path.start,
            path.end,
            f"write `import '{path.value}' as name`",
        )

    def set_aside(self, body: ast.Body, kinds: tuple[type, ...]) -> ast.Body:
        """Take triggers and mocks out of a body: only a flow or a test may have them, and it asks with `taken`."""
        self._aside[body.start] = [s for s in body.statements if isinstance(s, kinds)]
        return ast.Body(body.start, body.end, tuple([s for s in body.statements if not isinstance(s, kinds)]))

    def taken(self, body: ast.Body, kind: type) -> tuple[Any, ...]:
        """What was set aside in a body and belongs there; the rest is complained of."""
        aside = self._aside.pop(body.start, None)
        if aside is None:
            return ()
        self._complain([s for s in aside if not isinstance(s, kind)])
        return tuple([s for s in aside if isinstance(s, kind)])

    def complain_of_strays(self) -> None:
        """Report what was set aside in a body and never asked for."""
        for aside in self._aside.values():
            self._complain(aside)

    def _complain(self, strays: list[Any]) -> None:
        for stray in strays:
            if isinstance(stray, ast.Trigger):
                message, help = "`on` stands only at the top of a flow", "move it to the beginning of the flow"
            else:
                message, help = "`mock` stands only in a test", ""
            self.report("syntax-error", message, stray.start, stray.end, help)

    def bounded(self, node: Any) -> Any:
        """Refuse an expression that nests too deep for the passes after this one."""
        if node.end - node.start < LONG:
            return node
        depth = self._depth(node)
        if depth <= DEPTH:
            self._depths[id(node)] = depth
            return node
        if node.start not in self._deep and node.end not in self._deep:
            self.report(
                "too-deep",
                f"an expression nests at most {DEPTH} deep",
                node.start,
                node.end,
                "name its parts with `let`, or use a list and `| sum` or `| join`",
            )
        self._deep.add(node.start)
        self._deep.add(node.end)
        return ast.BrokenExpr(node.start, node.end)

    def _depth(self, node: Any) -> int:
        """How deep a node nests; long nodes below it were measured when they were made."""
        deepest, waiting = 0, [(node, 0)]
        while waiting:
            at, above = waiting.pop()
            known = self._depths.get(id(at))
            if known is not None and above:
                deepest = max(deepest, above + known)
                continue
            deepest = max(deepest, above + 1)
            children = [child for child in tuple.__iter__(at) if isinstance(child, tuple)]
            waiting += [(child, above + isinstance(child, ast.Node)) for child in children]
        return deepest

    # ---- comments and holes

    def trivia(self, start: int, end: int) -> None:
        """Keep the comments of a stretch of white space; `##` lines right above the next token are its doc."""
        doc: list[str] = []
        for number, found in enumerate(each_line(self.text, start, end)):
            text = found[0].strip(" \t\r\n")
            at = found.start() + len(found[0]) - len(found[0].lstrip(" \t"))
            if not text.startswith("#"):
                if found.end() < end:
                    doc.clear()
                continue
            self.comments.append(Comment(text, at, at + len(text)))
            own_line = number > 0 or self._begins_line(at)
            if text.startswith("##!") and own_line:
                self.file_doc.append(text[3:].removeprefix(" "))
            elif text.startswith("##") and own_line:
                doc.append(text[2:].removeprefix(" "))
        if doc:
            self._docs[end] = "\n".join(doc)

    def _begins_line(self, at: int) -> bool:
        while at and self.text[at - 1] in " \t":
            at -= 1
        return not at or self.text[at - 1] in "\r\n"

    def hole(self, at: int, multiline: bool) -> tuple[ast.Expr | None, int]:
        """Parse the hole whose `{{` stands at a place; gives it and the place behind it.

        Where it is never closed, that is reported, and the result is None and where to go on.
        """
        mark = len(self.diagnostics)
        if self.holes >= HOLES:
            raise Mistake(
                self.error(
                    "too-deep", f"templates nest at most {HOLES} deep", at, at + 2, "name the inner text with `let`"
                )
            )
        self.holes += 1
        try:
            if self.text.startswith("-", at + 2) and self.text[at + 3 : at + 4] in " \t":
                raise Mistake(
                    self.error(
                        "syntax-error",
                        "a hole begins with `{{`, not `{{-`",
                        at,
                        at + 3,
                        "white space around a hole is kept as it is written",
                    )
                )
            return self.run("expression", at + 2, multiline)
        except Mistake as mistake:
            end = hole_end(self.text, at + 2, multiline)
            if end < 0:
                del self.diagnostics[mark:]
                where = "" if multiline else " on its line"
                self.report(
                    "unclosed-bracket",
                    f"`{{{{` is not closed{where}",
                    at,
                    at + 2,
                    "close it with `}}`; a literal `{{` is written `\\{{`",
                )
                line = self.text.find("\n", at)
                return None, len(self.text) if line < 0 else line
            if mistake.diagnostic is not None:
                self.diagnostics.append(mistake.diagnostic)
            return ast.BrokenExpr(at + 2, end - 2), end
        finally:
            self.holes -= 1

    def error(self, rule: str, message: str, start: int, end: int, help: str = "") -> Diagnostic:
        """Make an error without reporting it."""
        return Diagnostic(rule, "error", message, self.span(start, end), help)

    # This loop is the parser's whole speed: what it does per token and per rule stands in one place, on local names.
    def run(self, rule: str, pos: int, hole: bool | None) -> tuple[Any, int]:
        """Parse from a start rule; in a hole up to its `}}`, with line ends as space (True) or refused (False).

        Gives the value and the place behind it. In a file mistakes are reported and recovered from; elsewhere they
        raise Mistake.
        """
        text, match, rows = self.text, TOKEN.match, self.table.rows
        state, final = self.table.start[rule], self.table.end[rule]
        row = rows[state]
        below: list[int] = []
        values: list[Any] = []
        starts: list[int] = []
        brackets: list[int] = []
        space = outer = hole is not None
        last, closed = pos, -1
        key: str
        tok: Any
        action: Any
        while True:
            m = match(text, pos)
            group = m.lastindex  # type: ignore[union-attr]
            tok = m[group]  # type: ignore[index]
            pos = m.end()  # type: ignore[union-attr]
            start = pos - len(tok)
            if group == WORD:
                kind = KIND_OF_WORD.get(tok)
                if kind is None:
                    key = "NAME"
                elif kind == RESERVED_WORD or (
                    tok in row and (before_brace(text, pos) if kind == BRACED_WORD else not before_colon(text, pos))
                ):
                    key = tok
                else:
                    key = "NAME"
            elif group == SIGN:
                key = tok
                if tok in "([{":
                    brackets.append(start)
                    space = tok != "{"
                    if len(brackets) > NESTING:
                        key = "TOO_DEEP"
                elif tok in ")]}":
                    if brackets and CLOSER[text[brackets[-1]]] == tok:
                        closed = brackets.pop()
                        space = outer if not brackets else text[brackets[-1]] != "{"
                    elif outer and not brackets and text.startswith("}}", start):
                        key = "$END"
                        pos = start + 2
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
                elif text[pos : pos + 1] in CONTINUING and continues(text, pos):
                    continue
                elif "NL" in row:
                    key = "NL"
                elif ("NUMBER" in row and begins_field(text, pos)) or (
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
            else:
                key = "$END"

            action = row.get(key)
            while True:
                cls = action.__class__
                if cls is Pass:
                    state, action = action[below[-1]]
                elif cls is int:
                    below.append(state)
                    values.append(tok)
                    starts.append(start)
                    state = action
                    row = rows[state]
                    if key != "NL":
                        last = pos
                    break
                elif cls is Reduce:
                    count = action.count
                    make = action.make
                    if count:
                        value = values[make] if make.__class__ is int else make(values, starts, last, self)
                        if count == 1:
                            values[-1] = value
                        else:
                            values[-count:] = (value,)
                            del starts[1 - count :]
                            del below[1 - count :]
                    else:
                        below.append(state)
                        values.append(make(values, starts, last, self))
                        starts.append(start)
                    state = action.goto[below[-1]]
                    row = rows[state]
                    action = row.get(key)
                elif state == final and key == "$END":
                    return values[-1], pos
                else:
                    if key in CLOSER and brackets[-1] == start:
                        del brackets[-1]
                    elif key in _CLOSERS:
                        brackets.append(closed)
                    stacks = Stacks(below, values, starts, brackets, state, last)
                    if rule != "file":
                        raise Mistake(
                            None
                            if key == "UNCLOSED"
                            else explain(self, stacks, expected_at(self, stacks), key, tok, start, pos)
                        )
                    state, pos = recover(self, stacks, key, tok, start, pos)
                    row = rows[state]
                    last = stacks.last
                    space = bool(brackets) and text[brackets[-1]] != "{"
                    break


def _comment_in_hole(p: Parser, start: int) -> Diagnostic:
    return p.error("syntax-error", "a comment cannot stand in a hole", start, start + 1, "write it above the statement")

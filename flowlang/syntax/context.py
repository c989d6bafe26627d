"""What the rules' actions and the recovery ask of the text that is being parsed, and what they leave there.

Findings, comments, docs by the place of what they document, statements set aside until someone asks for them, and how
deep expressions nest.
"""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, sort_key
from flowlang.record import Record
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.actions_expressions import LONG
from flowlang.syntax.lexing import each_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.diagnostics import Fix
    from flowlang.source import Source
    from flowlang.syntax.tables import Table

DEPTH = 150
"""Operators, calls and fields on top of one another in an expression: every pass over a tree may recurse."""


class Comment(Record):
    """`# why`, with its sign and without the line end."""

    __slots__ = ()

    text: str
    start: int
    end: int


class Mistake(Exception):
    """A mistake where there is nothing to recover to; without a diagnostic it was reported already."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        self.diagnostic = diagnostic


class Stacks:
    """The driver's stacks at one place; the driver and recovery change the lists in place, those among values too."""

    __slots__ = ("below", "brackets", "last", "starts", "state", "values")

    def __init__(
        self, below: list[int], values: list[Any], starts: list[int], brackets: list[int], state: int, last: int
    ) -> None:
        self.below, self.values, self.starts, self.brackets = below, values, starts, brackets
        self.state, self.last = state, last

    def parts(self) -> tuple[list[int], list[Any], list[int], list[int], int, int, int]:
        """All of them, and how many symbols they hold."""
        return self.below, self.values, self.starts, self.brackets, self.state, self.last, len(self.values)

    def copy(self) -> Stacks:
        """The same, to go on from."""
        values = [each.copy() if type(each) is list else each for each in self.values]
        return Stacks(self.below.copy(), values, self.starts.copy(), self.brackets.copy(), self.state, self.last)


class Mark(Record):
    """A place before a statement from which a text can be parsed again if all before it, and the line that begins
    there, are as they were: what the driver and the context held.
    """

    __slots__ = ()

    at: int
    stacks: Stacks
    comments: list[Comment]
    docs: dict[int, str]
    aside: dict[int, list[Any]]


def found_behind(found: list[Diagnostic], start: int) -> list[Diagnostic]:
    """The findings behind the beginning of an item: the last ones, for items are read one after the other."""
    count = len(found)
    while count and found[count - 1].span.start >= start:
        count -= 1
    return found[count:]


class Context:
    """One text on its way to a tree."""

    __slots__ = (
        "_aside",
        "_deep",
        "_depths",
        "_docs",
        "broken_heads",
        "closed",
        "closing",
        "comments",
        "diagnostics",
        "far",
        "file_doc",
        "given",
        "last_comment_end",
        "mended",
        "opened",
        "parted",
        "passed",
        "path",
        "stretches",
        "stuck",
        "table",
        "text",
        "tried",
    )

    def __init__(self, source: Source, table: Table) -> None:
        self.text, self.path, self.table = source.text, source.path, table
        self.given = source.text
        self.diagnostics: list[Diagnostic] = []
        self.comments: list[Comment] = []
        self.file_doc: list[str] = []
        self.stuck = -1, 0
        self.far = 0
        self.stretches: list[tuple[int, int]] = []
        self.closed: dict[int, list[int]] = {}
        self.closing: dict[int, int] = {}
        self.opened: set[int] = set()
        self.broken_heads: set[int] = set()
        self.mended: list[Diagnostic] = []
        self.passed: list[Diagnostic] = []
        self.tried = 0
        self.parted = -1
        self.last_comment_end: int | None = None
        self._docs: dict[int, str] = {}
        self._aside: dict[int, list[Any]] = {}
        self._depths: dict[int, int] = {}
        self._deep: set[int] = set()

    def report(
        self, rule: str, message: str, start: int, end: int, help: str = "", fixes: tuple[Fix, ...] = ()
    ) -> None:
        """Add an error."""
        self.diagnostics.append(Diagnostic(rule, "error", message, self.span(start, end), help, (), fixes))

    def error(self, rule: str, message: str, start: int, end: int, help: str = "") -> Diagnostic:
        """Make an error without reporting it."""
        return Diagnostic(rule, "error", message, self.span(start, end), help)

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

    def mark(self, at: int, stacks: Stacks) -> Mark:
        """Remember a place."""
        return Mark(at, stacks.copy(), self.comments.copy(), self._docs.copy(), self._aside.copy())

    def go_back(self, mark: Mark) -> Stacks:
        """Hold what was held at a place; gives the stacks to go on with."""
        self.comments, self._docs, self._aside = mark.comments.copy(), mark.docs.copy(), mark.aside.copy()
        return mark.stacks.copy()

    def meets(self, mark: Mark, stacks: Stacks) -> bool:
        """Whether what is held now is what was held at a mark, but for the statements before it and their end."""
        known = mark.stacks
        return (
            not self.diagnostics
            and (stacks.state, stacks.below, stacks.brackets) == (known.state, known.below, known.brackets)
            and stacks.starts[:-1] == known.starts[:-1]
            and self._docs.get(mark.at) == mark.docs.get(mark.at)
            and self._aside == mark.aside
        )

    def moved(self, first: Mark, mark: Mark, stacks: Stacks) -> Mark:
        """A mark behind another one, as it is with the statements that stand before that one now."""
        *under, statements, line_end = stacks.values
        known = mark.stacks
        behind = known.values[-2][len(first.stacks.values[-2]) :]
        values = [*under, statements + behind, line_end]
        held = Stacks(known.below, values, known.starts, known.brackets, known.state, known.last)
        comments = self.comments + mark.comments[len(first.comments) :]
        docs = self._docs | {at: doc for at, doc in mark.docs.items() if at > first.at}
        return Mark(mark.at, held.copy(), comments, docs, self._aside.copy())

    # ---- what recovery puts right
    # `closed`: by line, the braces taken for closed before it although no `}` stands there; `closing`: how many
    # of them are still to come; `opened`: the places of braces that recovery put into `text`; `mended`: what was told.
    # `passed`: the comments of other languages that were told, and are blank in `text`.
    # `last_comment_end`: the place of the last `*/`, once asked for.
    # `given`: the text as it was, before recovery changed it.
    # `far`: behind the last token that a mistake was met at; `stretches`: from where to where the text was looked at to
    # tell what a mistake is, where that is not one item, or none is known to end there.
    # `tried`: for how many mistakes an opening bracket was looked for; `parted`: where the last comma was missing.
    # `broken_heads`: the places of the words of flows whose heads have a mistake and whose bodies are read.

    def mend(self, told: Diagnostic) -> None:
        """Report a brace that is put right, for good: reading again does not meet it."""
        self.diagnostics.append(told)
        self.mended.append(told)

    def hangs_on(self, start: int, end: int) -> None:
        """What is found at a place hangs on all up to another one."""
        self.stretches.append((start, end))

    def blank(self, start: int, end: int) -> None:
        """Take what stands between two places out, but for line ends."""
        blank = "".join([c if c in "\r\n" else " " for c in self.text[start:end]])
        self.text = self.text[:start] + blank + self.text[end:]

    def forget(self, start: int) -> None:
        """Forget the findings and comments behind a place."""
        del self.diagnostics[len(self.diagnostics) - len(found_behind(self.diagnostics, start)) :]
        while self.comments and self.comments[-1].start >= start:
            self.comments.pop()

    def read_again(self, start: int) -> None:
        """Forget what was found behind a place, where reading goes on."""
        self.hangs_on(start, self.far)
        self.closing.clear()
        self.closing |= {line: len(openers) for line, openers in self.closed.items() if line > start}
        self.forget(start)
        self.diagnostics += [*found_behind(self.mended, start), *found_behind(self.passed, start)]
        self.broken_heads = {each for each in self.broken_heads if each < start}
        self._aside = {at: each for at, each in self._aside.items() if at < start}
        self._depths.clear()
        self._deep.clear()

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
        from flowlang.syntax.import_hints import unnamed

        message, help, fixes = unnamed(path, self.path, self.text)
        self.report("nameless-import", message, path.start, path.end, help, fixes)

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
            children = tuple.__iter__(at)
            waiting += [(child, above + isinstance(child, ast.Node)) for child in children if isinstance(child, tuple)]
        return deepest

    # ---- comments

    def trivia(self, start: int, end: int) -> None:
        """Keep the comments of a stretch of white space; `##` lines right above the next token are its doc."""
        doc: list[str] = []
        for number, found in enumerate(each_line(self.text, start, end)):
            text = found[0].strip(" \t\r\n")
            at = found.start() + len(found[0]) - len(found[0].lstrip(" \t"))
            if not text.startswith("#"):
                if found[0][-1] in "\r\n":
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

"""A printer that has read the source text: it keeps comments and what the author decided.

Comments go above or beside the element they stand at; one inside an expression, where no list is, goes above it.
Places are offsets into the text; between two nodes there are only signs, words and comments, so that a look at that gap
answers most questions.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from flowlang.record import Record
from flowlang.syntax import ast
from flowlang.syntax.docs import Raw
from flowlang.syntax.printer import Printer, canonical_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from flowlang.syntax.context import Comment
    from flowlang.syntax.docs import Doc
    from flowlang.syntax.layout import Comments, Element

_comment = re.compile(r"#[^\r\n]*")
_line_end = re.compile(r"\r\n?|\n")
_beside_element = re.compile(r"[ \t,]*").fullmatch
_beside_value = re.compile(r"[ \t,)]*").fullmatch
_switch = re.compile(r"#[ \t]*fmt:[ \t]*(on|off)").fullmatch


_LARGE = (ast.Config, ast.ServiceDecl, ast.FlowDecl, ast.TestDecl)


class Verbatim(Record):
    """A stretch that stays as it is, in place of the elements in it."""

    __slots__ = ()

    start: int
    end: int


class SourcePrinter(Printer):
    """Answers the printer's questions from a text."""

    def __init__(self, text: str, comments: Sequence[Comment]) -> None:
        self.text = text
        self._comments = comments
        self._starts = [comment.start for comment in comments]
        self._taken = [False] * len(comments)

    # ---- comments

    def above(self, at: int, until: int) -> Comments:
        found = []
        for index in range(bisect_left(self._starts, at), bisect_left(self._starts, until)):
            if not self._taken[index]:
                self._taken[index] = True
                comment = self._comments[index]
                found.append((self.blank(at, comment.start), comment.text))
        return found

    def beside(self, at: int, until: int = -1) -> str:
        index = bisect_left(self._starts, at)
        if index == len(self._starts) or self._taken[index]:
            return ""
        comment = self._comments[index]
        matches = _beside_element if until < 0 else _beside_value
        if not matches(self.text, at, comment.start):
            return ""
        self._taken[index] = True
        return "  " + comment.text

    def blank(self, at: int, until: int) -> bool:
        here = until
        while here and self.text[here - 1] in " \t\r\n":
            here -= 1
        return here > 0 and len(_line_end.findall(self.text, here, until)) > 1

    def doc_lines(self, node: Any) -> Comments:
        return []

    def file_doc(self, tree: ast.File) -> list[Doc]:
        return []

    # ---- what the author decided

    def wrapped(self, node: Any, since: int, needed: bool) -> bool:
        return self._gap(since, node.start).rstrip().endswith("(")

    def exploded(self, nodes: Sequence[Any], at: int, end: int) -> bool:
        if self.text[at - 1] == "{":
            return _line_end.search(self._gap(at, nodes[0].start)) is not None
        return "," in self._gap(nodes[-1].end, end)

    def on_one_line(self, body: ast.Body) -> bool:
        return _line_end.search(self._gap(body.start, body.statements[0].start)) is None

    def clauses_on_lines(self, node: ast.Step | ast.Do) -> bool:
        at = node.value.end
        for clause in node.clauses:
            if _line_end.search(self._gap(at, clause.start)):
                return True
            at = clause.end
        return False

    def apart(self, before: Any, after: Any) -> bool:
        return isinstance(before, _LARGE) or isinstance(after, _LARGE)

    def in_order(self, nodes: Sequence[Any]) -> Sequence[Any]:
        return sorted(nodes, key=lambda node: node.start)

    def clause_order(self, clauses: Sequence[Any], elements: list[Element]) -> list[Element]:
        return [elements[index] for index in canonical_order(clauses)]

    def is_record(self, node: ast.TypeDecl) -> bool:
        return isinstance(node.type, ast.RecordType) and "=" not in self._gap(node.name.end, node.type.start)

    def has_parentheses(self, node: ast.AnnotationDecl) -> bool:
        return "(" in self._gap(node.name.end, node.targets[0].start)

    def calls(self, node: ast.Test) -> bool:
        return self._gap(node.name.end, node.arguments[0].start).lstrip().startswith("(")

    def shortened(self, node: ast.Entry) -> bool:
        return node.value.start == node.key.start

    def bare(self, key: ast.Text) -> bool:
        return self.text[key.start] not in "\"'"

    def behind(self, sign: str, since: int) -> int:
        while True:
            found = self.text.find(sign, since)
            comment = self.text.find("#", since, found)
            if comment < 0:
                return found + len(sign)
            since = _comment.match(self.text, comment).end()  # type: ignore[union-attr]

    def _gap(self, start: int, end: int) -> str:
        """The text between two nodes without its comments."""
        gap = self.text[start:end]
        return _comment.sub("", gap) if "#" in gap else gap

    # ---- what is kept as it is written

    def literal(self, node: Any) -> Doc:
        if isinstance(node, ast.Template):
            return self._raw(node.start, node.end, self._with_neat_holes(node))
        return self._raw(node.start, node.end, self.text[node.start : node.end])

    def _with_neat_holes(self, node: ast.Template) -> str:
        """A template whose holes have one space at either end; a hole on several lines stays as it is."""
        found, at = [], node.start
        for part in node.parts:
            if isinstance(part, ast.TemplateText):
                continue
            start, end = self.text.rindex("{{", at, part.start), self.text.index("}}", part.end) + 2
            hole = self.text[start:end]
            neat = hole if _line_end.search(hole) else f"{{{{ {self.flat(part)} }}}}"
            found += [self.text[at:start], neat]
            at = end
        return "".join(found) + self.text[at : node.end]

    def _testdecl(self, node: ast.TestDecl) -> Doc:
        return self._raw(node.start, node.end, self.text[node.start : node.end])

    def _raw(self, start: int, end: int, text: str) -> Doc:
        if not _line_end.search(text):
            return text
        self._take(start, end)
        return Raw(_line_end.sub("\n", text))

    def _take(self, start: int, end: int) -> None:
        for index in range(bisect_left(self._starts, start), bisect_left(self._starts, end)):
            self._taken[index] = True

    def lines(
        self,
        nodes: Sequence[Any],
        make: Callable[[Any, int], Doc],
        at: int,
        end: int,
        apart: Callable[[Any, Any], bool] = lambda before, after: False,
    ) -> list[Doc]:
        for stretch in self._switched_off(nodes, at, end):
            self._take(stretch.start, stretch.end)
            before = [node for node in nodes if node.end <= stretch.start]
            nodes = [*before, stretch, *[node for node in nodes if node.start >= stretch.end]]

        def make_or_keep(node: Any, since: int) -> Doc:
            if isinstance(node, Verbatim):
                return Raw(_line_end.sub("\n", self.text[node.start : node.end]))
            return make(node, since)

        return super().lines(nodes, make_or_keep, at, end, apart)

    def _switched_off(self, nodes: Sequence[Any], at: int, end: int) -> list[Verbatim]:
        """The stretches from `# fmt: off` to `# fmt: on` among the elements of a list, or to the end of the list."""
        found = []
        begin = -1
        for comment in self._comments[bisect_left(self._starts, at) : bisect_left(self._starts, end)]:
            switch = _switch(comment.text)
            if switch is None or any(node.start < comment.start < node.end for node in nodes):
                continue
            if switch[1] == "off" and begin < 0 and self._begins_line(comment.start):
                begin = comment.start
            elif switch[1] == "on" and begin >= 0:
                found.append(Verbatim(begin, comment.end))
                begin = -1
        if begin >= 0:
            found.append(Verbatim(begin, begin + len(self.text[begin:end].rstrip())))
        return found

    def _begins_line(self, at: int) -> bool:
        while at and self.text[at - 1] in " \t":
            at -= 1
        return not at or self.text[at - 1] in "\r\n"

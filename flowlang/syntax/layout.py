"""What the layout of lists has in common: elements between brackets or on lines, with the comments around them.

A `Printer` that knows no source text has no comments and no author; the formatter overrides the questions at the end.
"""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.syntax.docs import (
    BLANK,
    HARD,
    SOFT,
    SPACE,
    Aside,
    Choice,
    Flat,
    Group,
    IfBroken,
    Indent,
    join,
    must_break,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from flowlang.syntax.docs import Doc

    Comments = list[tuple[bool, str]]
    """Lines of comment, each with whether an empty line stands before it."""


class Element:
    """One element of a list, laid out, with the comments above and beside it."""

    __slots__ = ("above", "beside", "blank", "doc")

    def __init__(self, above: Comments, blank: bool, doc: Doc, beside: str) -> None:
        self.above, self.blank, self.doc, self.beside = above, blank, doc, beside


class Layout:
    """Lists of things."""

    def elements(
        self, nodes: Sequence[Any], make: Callable[[Any, int], Doc], at: int, end: int, beside: bool = True
    ) -> list[Element]:
        """Lay out the elements between two places; a last one without a document holds the comments behind them."""
        found = []
        for node in nodes:
            above = self.above(at, node.start)
            blank = self.blank(at, node.start)
            doc = make(node, at)
            inside = [text for _, text in self.above(node.start, node.end)]
            if inside:
                above += [(blank, inside[0]), *[(False, text) for text in inside[1:]]]
                blank = False
            above += self.doc_lines(node)
            found.append(Element(above, blank, doc, self.beside(node.end) if beside else ""))
            at = node.end
        dangling = self.above(at, end)
        if dangling:
            found.append(Element(dangling, False, "", ""))
        return found

    def bracketed(
        self, signs: str, nodes: Sequence[Any], make: Callable[[Any, int], Doc], at: int, end: int, hug: bool = False
    ) -> Doc:
        """A list in brackets, exploded if it must be; in braces without commas then.

        `at` is the place behind the opening bracket, `end` that of the closing one. With `hug`, a last element that
        ends in brackets may explode alone.
        """
        opener, closer = signs[0], signs[1]
        elements = self.elements(nodes, make, at, end)
        if not elements:
            return opener + closer
        commented = any(e.above or e.beside for e in elements)
        broken = commented or self.exploded(nodes, at, end)
        brace = opener == "{"
        inside: list[Doc] = [SPACE if brace else SOFT]
        for index, element in enumerate(elements):
            last = index == len(elements) - 1 or not elements[index + 1].doc
            inside += _above(element, index == 0, brace)
            inside.append(element.doc)
            if brace:
                inside.append("" if last else IfBroken("", ","))
            elif element.doc:
                inside.append(IfBroken(",") if last else ",")
            if element.beside:
                inside.append(Aside(element.beside))
            if index < len(elements) - 1:
                blank = brace and elements[index + 1].blank and not elements[index + 1].above
                inside.append(BLANK if blank and broken else SPACE)
        exploded = Group(opener, Indent(*inside), SPACE if brace else SOFT, closer, broken=broken)
        if not hug or broken or not _ends_in_group(elements[-1].doc):
            return exploded
        return _hugging(opener, [e.doc for e in elements], closer, exploded)

    def lines(
        self,
        nodes: Sequence[Any],
        make: Callable[[Any, int], Doc],
        at: int,
        end: int,
        apart: Callable[[Any, Any], bool] = lambda before, after: False,
    ) -> list[Doc]:
        """Elements on lines of their own, without a line end around; empty lines are kept, or made by `apart`."""
        pieces: list[Doc] = []
        previous = None
        for element, node in zip(self.elements(nodes, make, at, end), [*nodes, None]):  # noqa: B905
            separate = previous is not None and node is not None and apart(previous, node)
            first_blank = element.above[0][0] if element.above else element.blank
            if pieces:
                pieces.append(BLANK if separate or first_blank else HARD)
            for index, (blank, text) in enumerate(element.above):
                if index:
                    pieces.append(BLANK if blank else HARD)
                pieces.append(text)
            if element.above and element.doc:
                pieces.append(BLANK if element.blank else HARD)
            pieces.append(element.doc)
            if element.beside:
                pieces.append(Aside(element.beside))
            previous = node
        return pieces

    # ---- questions to a source text

    def above(self, at: int, until: int) -> Comments:
        """Take the comments between two places that nobody has taken."""
        return []

    def beside(self, at: int, until: int = -1) -> str:
        """Take the comment at the end of the line on which something ends, with the space before it."""
        return ""

    def blank(self, at: int, until: int) -> bool:
        """Whether an empty line stands right before a place."""
        return False

    def exploded(self, nodes: Sequence[Any], at: int, end: int) -> bool:
        """Whether the author wants a list on several lines."""
        return False

    def on_one_line(self, body: ast.Body) -> bool:
        """Whether a body of one statement may stand on one line."""
        return True

    def doc_lines(self, node: Any) -> Comments:
        """The doc of a declaration, if comments do not give it."""
        doc = getattr(node, "doc", "")
        return [(False, f"## {line}".rstrip()) for line in doc.split("\n")] if doc else []


def _above(element: Element, first: bool, blank_lines: bool) -> list[Doc]:
    """The comments above an element in brackets, each with its line end."""
    found: list[Doc] = []
    for index, (blank, text) in enumerate(element.above):
        if blank and blank_lines and not (first and index == 0):
            found.append(BLANK)
        elif index:
            found.append(HARD)
        found.append(text)
    if element.above and element.doc:
        found.append(HARD)
    return found


def _ends_in_group(doc: Doc) -> bool:
    """Whether an element is, or ends in, brackets that may explode alone."""
    if isinstance(doc, list):
        return bool(doc) and isinstance(doc[-1], Group) and not any(map(must_break, doc[:-1]))
    return isinstance(doc, Group)


def _hugging(opener: str, docs: list[Doc], closer: str, exploded: Doc) -> Doc:
    """Everything on one line, or the last element exploded, or all of them."""
    last = docs[-1]
    if any(map(must_break, docs[:-1])):
        return exploded
    head = last[:-1] if isinstance(last, list) else []
    tail = last[-1] if isinstance(last, list) else last
    assert isinstance(tail, Group)
    hugged: Doc = [opener, Flat(join(", ", [*docs[:-1], ""]), head), Group(tail.doc, broken=True), closer]
    if must_break(tail):
        return Choice(hugged, exploded)
    return Choice(exploded, hugged, exploded)

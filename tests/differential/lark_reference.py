"""Lark's own parser for the grammar, as the reference for our driver: stock contextual lexer, strict mode, our actions.

What a grammar cannot say is put around it: line ends in round and square brackets are dropped, a word before a colon is
a name, texts are read by our own reader, whose holes are parsed by the same reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from flowlang import bundled
from flowlang.source import Source
from flowlang.syntax import actions_expressions, actions_statements, ast
from flowlang.syntax.context import Mistake
from flowlang.syntax.generate import lark_options
from flowlang.syntax.lexing import CONTEXTUAL, before_colon
from flowlang.syntax.numbers import read_number
from flowlang.syntax.parser import Parser
from flowlang.syntax.texts import read_text


class Refused(Exception):
    """The reference does not accept a text."""


class LineEnds:
    """Drops the line ends that stand in `(` and `[`; keeps NAME in every state, so that `typeX` is not `type X`."""

    always_accept = ("NAME",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        brackets: list[str] = []
        for token in stream:
            if token.type == "NL" and brackets and brackets[-1] in "([":
                continue
            if token in ("(", "[", "{"):
                brackets.append(str(token))
            elif token in (")", "]", "}") and brackets:
                brackets.pop()
            yield token


@cache
def reference() -> Lark:
    """The grammar under Lark, which refuses conflicts and colliding terminals."""
    grammar = bundled.read("grammar/flow.lark")
    assert grammar is not None
    text = grammar.decode()
    keywords = {word.upper() for word in CONTEXTUAL}
    return Lark(
        text,
        **lark_options(),
        strict=True,
        postlex=LineEnds(),
        lexer_callbacks=dict.fromkeys(keywords, _name_before_colon),
        propagate_positions=True,
    )


_text = [""]


def _name_before_colon(token: Token) -> Token:
    if before_colon(_text[0], token.end_pos or 0):
        return Token.new_borrow_pos("NAME", token.value, token)
    return token


class ReferenceParser(Parser):
    """A parser whose holes are read by the reference."""

    def run(self, rule: str, pos: int, hole: bool | None) -> tuple[Any, int]:
        if hole is None:
            return self.parse(rule, 0, len(self.text)), len(self.text)
        from flowlang.syntax.tokens import hole_end

        end = hole_end(self.text, pos, hole)
        inside = self.text[pos : end - 2]
        if end < 0 or (hole is False and ("\n" in inside or "\r" in inside or "#" in inside)):
            raise Mistake(self.error("syntax-error", "a hole that is not on its line", pos, pos))
        return self.parse(rule, pos, end - 2), end

    def parse(self, rule: str, start: int, end: int) -> Any:
        """Parse a stretch, keeping places; a hole is a bracket in which line ends are space."""
        before, _text[0] = _text[0], self.text[:end]
        blank = "".join([" " if rule == "expression" or c not in "\r\n" else c for c in self.text[:start]])
        inside = self.text[start:end]
        if rule == "expression":
            inside = _without_line_ends(inside)
        try:
            tree = reference().parse(blank + inside, start=rule)
        except UnexpectedInput as error:
            raise Refused(str(error)) from None
        finally:
            _text[0] = before
        return self.value(tree)[0]

    def value(self, tree: Any) -> tuple[Any, int, int]:
        """Run our action on a tree of Lark's, children first: its value, start and end."""
        if isinstance(tree, Token):
            return self.token(tree)
        values: list[Any] = []
        starts: list[int] = []
        end = -1
        for child in tree.children:
            value, start, child_end = self.value(child)
            values.append(value)
            starts.append(start)
            if not (isinstance(child, Token) and child.type == "NL"):
                end = max(end, child_end)
        name = str(tree.data)
        # Empty rules begin where the next symbol does; walking back fills them in.
        following = -1
        for index in range(len(starts) - 1, -1, -1):
            if starts[index] < 0:
                starts[index] = following
            following = starts[index]
        if name == "keep_first":
            return values[0], starts[0], end
        if name == "keep_last":
            return values[-1], starts[0], end
        made = _ACTIONS[name](values, starts, 0, end, self)
        return made, starts[0] if starts else -1, end

    def token(self, token: Token) -> tuple[Any, int, int]:
        start, end = token.start_pos or 0, token.end_pos or 0
        value: Any = str(token)
        if token.type == "STRING":
            value, after = read_text(self, start)
            if value is None or after != end:
                raise Refused("text")
        elif token.type in ("NUMBER", "DURATION"):
            value = read_number(self, start, value)[1]
        return value, start, end


def _without_line_ends(text: str) -> str:
    """Blank the line ends and comments of a hole, outside its texts."""
    from flowlang.syntax.lexing import LINES
    from flowlang.syntax.tokens import tokens

    out = list(text)
    for group, start, end in tokens(text):
        if group == LINES:
            out[start:end] = " " * (end - start)
    return "".join(out)


_ACTIONS: dict[str, Any] = {
    name.rstrip("_"): made
    for module in (actions_expressions, actions_statements)
    for name, made in vars(module).items()
    if callable(made)
}


def parse(text: str) -> ast.File | None:
    """The tree that Lark and our actions make of a file; None where it is refused."""
    parser = ReferenceParser(Source("x", text))
    try:
        tree = parser.run("file", 0, None)[0]
    except (Refused, Mistake):
        return None
    parser.complain_of_strays()
    return None if parser.diagnostics else tree


__all__ = ["Tree", "parse", "reference"]

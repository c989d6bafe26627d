"""The parser of document templates: tags by Jinja2's lexer, structure here, expressions by the language's own parser.

What is accepted is a template that Jinja2 accepts too; what only Jinja2 knows is named at its place. Of blocks that do
not match the first mistake is told: what else does not match behind it may be right or wrong. Our parser reads
expressions where they stand, in a copy of the text in which each ends with `}}`, whatever its tag ends with.
"""

from __future__ import annotations

from jinja2 import TemplateSyntaxError

from flowlang import patterns
from flowlang.record import Record
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.context import Mistake
from flowlang.syntax.documents.nodes import Assign, Choice, Loop, Section
from flowlang.syntax.documents.tags import ENVIRONMENT, Tag, cut
from flowlang.syntax.documents.unsupported import BLOCKS, KNOWN, explain
from flowlang.syntax.parser import NESTING, Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.documents.nodes import Part
    from flowlang.syntax.documents.tags import Cut, Word

_word: Final = patterns.compile(r"[A-Za-z_]\w*").finditer
_OPENERS: Final = {"endif": "if", "endfor": "for", "elif": "if", "else": "if"}
_CLOSING: Final = frozenset(_OPENERS)
_BRACKETS: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class Parsed(Record):
    """What came of a template: a tree, whole only if nothing is found. `unread`: the names in tags with a mistake, for
    these may declare them; `is_certain`: its blocks are as they were meant, so that what their conditions say is known;
    `lacks_opener`: a tag that declares names may be missing.
    """

    __slots__ = ()

    tree: Section
    diagnostics: tuple[Diagnostic, ...]
    unread: frozenset[str]
    is_certain: bool
    lacks_opener: bool


def parse_document(source: Source) -> Parsed:
    """Parse a template whose line ends are `\\n`."""
    found = cut(source.text)
    builder = _Builder(source, found)
    tree = builder.document()
    diagnostics = builder.parser.found() or _refused_by_jinja(source, found)
    is_certain = builder.is_certain and builder.is_whole
    unread = _unread(source.text, found, diagnostics)
    return Parsed(tree, diagnostics, unread, is_certain, builder.lacks_opener)


def _unread(text: str, found: Cut, diagnostics: tuple[Diagnostic, ...]) -> frozenset[str]:
    """The names that stand in statements with a mistake."""
    if not diagnostics:
        return frozenset()
    wrong = [each.span.start for each in diagnostics]
    tags = [tag for tag in found.parts if isinstance(tag, Tag) and tag.kind == "statement"]
    spoilt = [tag for tag in tags if tag.start in found.lost or any(tag.start <= at < tag.end for at in wrong)]
    return frozenset([name for tag in spoilt for name in _names(text[tag.inside : tag.close])])


class _Builder:
    """The parts of a template on their way to a tree."""

    def __init__(self, source: Source, found: Cut) -> None:
        self.parts = found.parts
        self.is_whole = self.is_certain = found.is_whole
        self.lost = found.lost
        self.lacks_opener = False
        self.unknown: set[str] = set()  # tags that were reported: nor are their ends known
        self.strays: list[Part] = []  # what stands in a block behind a tag that closes nothing
        self.length = len(source.text)
        self.parser = Parser(Source(source.path, _marked(source.text, found.parts)))
        self.at = 0
        self.open: list[Tag] = []
        self.depth = 0
        for each in found.mistakes:
            rule = "unclosed-bracket" if each.message.endswith("is never closed") else "syntax-error"
            self.parser.report(rule, each.message, each.start, each.end, each.help)

    def report(self, message: str, at: Tag | Word, help: str = "", rule: str = "syntax-error") -> None:
        """Add an error at a tag or a word."""
        end = at.close + 2 if isinstance(at, Tag) else at.end
        self.parser.report(rule, message, at.start, end, help)

    # ---- structure

    def document(self) -> Section:
        """The whole template."""
        parts = [*self.section().parts]
        while self.at < len(self.parts):  # behind a tag that closes nothing
            self._closes_nothing(self.parts[self.at])
            self.at += 1
            parts += self.section().parts
        return Section(0, self.length, (*parts, *self.strays))

    def _closes_nothing(self, tag: Tag | ast.TemplateText) -> None:
        if isinstance(tag, Tag) and self.is_whole:
            opener = "if` or `for" if tag.name == "else" else _OPENERS[tag.name]
            self.report(f"`{tag.name}` has no `{opener}`", tag)
            self.is_whole = False
            self.lacks_opener = True

    def section(self) -> Section:
        """What stands before the next tag that ends or continues a block; that tag is left."""
        parts: list[Part] = []
        start = self._place()
        while self.at < len(self.parts):
            part = self.parts[self.at]
            if isinstance(part, ast.TemplateText):
                parts.append(part)
            elif part.kind == "hole":
                parts.append(self.expression(part, part.inside))
            elif part.name in _CLOSING:
                break
            else:
                self.at += 1
                made = self._statement(part)
                if made is not None:
                    parts.append(made)
                continue
            self.at += 1
        return Section(start, self._place(), tuple(parts))

    def _place(self) -> int:
        return self.parts[self.at].start if self.at < len(self.parts) else self.length

    def _statement(self, tag: Tag) -> Part | None:
        if self.depth >= NESTING:
            if self.depth == NESTING:
                self.report(f"blocks and `set` nest at most {NESTING} deep", tag, "", "too-deep")
            self.at = len(self.parts)
            self.is_whole = False
            return None
        self.depth += 1
        made = self._block(tag)
        self.depth -= 1
        self.is_certain = self.is_certain and self.is_whole
        return made

    def _block(self, tag: Tag) -> Part | None:
        match tag.name:
            case "if":
                return self._choice(tag)
            case "for":
                return self._loop(tag)
            case "set":
                return self._assign(tag)
        is_end = tag.name[:3] == "end" and tag.name[3:] in self.unknown
        if tag.start not in self.lost and not is_end:
            self.report(*explain(tag), rule="unsupported-tag")
        if tag.name not in KNOWN:
            self.unknown.add(tag.name)
        self.is_certain = self.is_certain and tag.name in KNOWN
        self.is_whole = self.is_whole and tag.name in KNOWN  # a misspelt tag may have begun or ended a block
        if tag.name in BLOCKS:
            self._skip(tag.name)
        return None

    def _skip(self, name: str) -> None:
        """Pass over the inside of a block that is not understood."""
        depth = 1
        while self.at < len(self.parts) and depth:
            part = self.parts[self.at]
            if isinstance(part, Tag) and part.kind == "statement":
                depth += (part.name == name) - (part.name == f"end{name}")
            self.at += 1

    def _next_tag(self, opener: Tag, *names: str) -> Tag | None:
        """Take the tag at hand if it continues a block; one that is never closed is reported."""
        tag = self.parts[self.at] if self.at < len(self.parts) else None
        if isinstance(tag, Tag) and tag.name in names:
            self.at += 1
            return tag
        if isinstance(tag, Tag) and not any(_closes(tag, other) for other in self.open[:-1]):
            self._closes_nothing(tag)
            self.at += 1
            self.strays += self.section().parts
            return self._next_tag(opener, *names)
        if self.is_whole:
            self.report(f"`{{% {opener.name} %}}` is never closed", opener, f"close it with `{{% {names[-1]} %}}`")
            self.is_whole = False
        return None

    # ---- blocks

    def _choice(self, tag: Tag) -> Choice:
        branches: list[tuple[ast.Expr, Section]] = []
        otherwise: Section | None = None
        self.open.append(tag)
        at: Tag | None = tag
        while at is not None and (at.name in ("if", "elif") or (at.name == "else" and self._is_else_if(at))):
            condition = self.expression(at, at.words[at.name == "else"].end)
            branches.append((condition, self.section()))
            at = self._next_tag(tag, "elif", "else", "endif")
        if at is not None and at.name == "else":
            otherwise = self.section()
            self._next_tag(tag, "endif")
        self.open.pop()
        return Choice(tag.start, self._place(), tuple(branches), otherwise)

    def _is_else_if(self, tag: Tag) -> bool:
        """Report `{% else if c %}`, which goes on like the `{% elif c %}` that was meant."""
        if len(tag.words) < 3 or tag.words[1].value != "if":
            return False
        self.report("there is no `{% else if %}`", tag, "write `{% elif c %}`")
        return True

    def _loop(self, tag: Tag) -> Loop | None:
        head = _head_of_loop(tag)
        if head is None and tag.start not in self.lost:
            self.report("a loop begins with `{% for x in xs %}` or `{% for key, value in map %}`", tag)
        self.open.append(tag)
        names, iterable, condition = ((), None, None) if head is None else self._head(tag, *head)
        body = self.section()
        at = self._next_tag(tag, "else", "endfor")
        otherwise = None
        if at is not None and at.name == "else":
            otherwise = self.section()
            self._next_tag(tag, "endfor")
        self.open.pop()
        if iterable is None:
            names, iterable = self._intended(tag), ast.BrokenExpr(tag.start, tag.end)
        return Loop(tag.start, self._place(), names, iterable, condition, body, otherwise)

    def _intended(self, tag: Tag) -> tuple[ast.Ident, ...]:
        """The names that a loop without a head would have declared."""
        before, found, _ = self.parser.text[tag.words[0].end : tag.close].partition(" in ")
        names = list(_places(before))[: 2 if found else 1]
        start = tag.words[0].end
        return tuple([ast.Ident(start + at, start + at + len(name), name) for at, name in names])

    def _head(
        self, tag: Tag, names: tuple[Word, ...], after: int, condition: Word | None
    ) -> tuple[tuple[ast.Ident, ...], ast.Expr, ast.Expr | None]:
        idents = tuple([self._ident(name) for name in names])
        if tag.words[-1].value == "recursive":
            self.report("a recursive loop is not part of document templates", tag.words[-1], "", "unsupported-tag")
            return idents, ast.BrokenExpr(after, tag.close), None
        iterable = self.expression(tag, after, condition)
        return idents, iterable, None if condition is None else self.expression(tag, condition.end)

    def _ident(self, word: Word) -> ast.Ident:
        if word.value == "loop":
            self.report("`loop` counts the items of a loop and is no name for anything else", word)
        return ast.Ident(word.start, word.end, word.value)

    def _assign(self, tag: Tag) -> Assign | None:
        words = tag.words
        if tag.start in self.lost:
            return None
        if len(words) < 3 or words[1].kind != "name" or words[2].value != "=":
            help = "a value is named with `{% set x = e %}`"
            self.report("`{% set %}` names one value", tag, help, "unsupported-tag")
            if not any(word.value == "=" for word in words):
                self._skip("set")
            return None
        if self.open and self.open[-1].name == "if":
            help = "choose the value instead: `{% set x = a if c else b %}` before the `{% if %}`"
            self.report("`{% set %}` cannot stand in an `{% if %}`", tag, help, "unsupported-tag")
            return None
        value = self.expression(tag, words[2].end)
        rest = self.section()
        return Assign(tag.start, rest.end, self._ident(words[1]), value, rest)

    # ---- expressions

    def expression(self, tag: Tag, start: int, until: Word | None = None) -> ast.Expr:
        """Parse what stands in a tag between a place and its end, or a word."""
        p, end = self.parser, tag.close if until is None else until.start
        if tag.start in self.lost:
            return ast.BrokenExpr(start, end)
        nested = next((w for w in tag.words if w.kind == "string" and w.value[0] == '"' and "{{" in w.value), None)
        if nested is not None:
            self.report("a text in a document template has no holes", nested, "join with `~`, or use single quotes")
            return ast.BrokenExpr(start, end)
        try:
            found, after = p.run("expression", start, True)
        except Mistake as mistake:
            if mistake.diagnostic is not None:
                self._add(mistake.diagnostic, tag, start, end)
            return ast.BrokenExpr(start, end)
        if after - 2 - end not in (0, 1):  # one more where the tag ends with `-%}`
            p.report("syntax-error", "this is not one expression", start, end)
        return found  # type: ignore[no-any-return]

    def _add(self, found: Diagnostic, tag: Tag, start: int, end: int) -> None:
        """Add a mistake; one at the end of an expression is shown at its last sign, of an empty one at its tag."""
        if found.span.start >= end or not self.parser.text[start:end].strip():
            last = len(self.parser.text[:end].rstrip())
            place = (tag.start, tag.close + 2) if last <= start else (last - 1, last)
            found = found.replace(span=self.parser.span(*place))
        self.parser.diagnostics.append(found)


def _names(text: str) -> list[str]:
    """The words of a piece of text."""
    return [name for _, name in _places(text)]


def _places(text: str) -> Iterator[tuple[int, str]]:
    """The words of a piece of text, each with its place."""
    for found in _word(text):
        yield found.start(), found[0]


def _closes(tag: Tag, opener: Tag) -> bool:
    return tag.name in ("else", f"end{opener.name}") or (tag.name == "elif" and opener.name == "if")


def _head_of_loop(tag: Tag) -> tuple[tuple[Word, ...], int, Word | None] | None:
    """The names of a loop, the place behind `in`, and the `if` of its condition."""
    words = tag.words
    at = next((i for i, word in enumerate(words) if word.kind == "name" and word.value == "in"), 0)
    names, commas = words[1:at:2], words[2:at:2]
    if not names or len(commas) != len(names) - 1 or any(word.value != "," for word in commas):
        return None
    if any(word.kind != "name" for word in names):
        return None
    depth = 0
    for word in words[at + 1 :]:
        depth += _BRACKETS.get(word.value, 0) if word.kind == "operator" else 0
        if word.kind == "name" and word.value == "if" and not depth:
            return names, words[at].end, word
    return names, words[at].end, None


def _marked(text: str, parts: tuple[ast.TemplateText | Tag, ...]) -> str:
    """The text with `}}` behind every expression."""
    signs = list(text)
    for tag in parts:
        if not isinstance(tag, Tag):
            continue
        length = 2 if text[tag.close] in "%}" else 3
        signs[tag.close : tag.close + length] = "}}" if length == 2 else " }}"
        head = _head_of_loop(tag) if tag.name == "for" else None
        if head is not None and head[2] is not None:
            signs[head[2].start : head[2].end] = "}}"
    return "".join(signs)


def _refused_by_jinja(source: Source, found: Cut) -> tuple[Diagnostic, ...]:
    """What Jinja2's parser says of a template that ours accepts: ours has more forms."""
    whole = _refusal(source.text)
    if whole is None:
        return ()
    parser = Parser(source)
    for tag in found.parts:
        message = _refusal_of(source.text, tag) if isinstance(tag, Tag) else None
        if isinstance(tag, Tag) and message is not None:
            _report_refusal(parser, message, tag.inside, tag.close)
    if not parser.diagnostics:
        _report_refusal(parser, whole, 0, len(source.text))
    return parser.found()


def _report_refusal(parser: Parser, message: str, start: int, end: int) -> None:
    written = parser.text[start:end]
    first, last = start + len(written) - len(written.lstrip()), start + len(written.rstrip())
    help = "a document template is one that Jinja2 reads: without lengths of time, `?.` and comprehensions"
    parser.report("syntax-error", f"Jinja2 does not read this: {message}", first, last, help)


def _refusal_of(text: str, tag: Tag) -> str | None:
    """What Jinja2 says of a tag by itself."""
    alone = text[tag.start : tag.end]
    if tag.kind == "hole":
        return _refusal(alone)
    if tag.name in _CLOSING:
        opener = "{% for a in b %}" if tag.name == "endfor" else "{% if a %}"
        return _refusal(opener + alone + ("" if tag.name.startswith("end") else "{% endif %}"))
    return _refusal(alone + {"if": "{% endif %}", "for": "{% endfor %}"}.get(tag.name, ""))


def _refusal(text: str) -> str | None:
    try:
        ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return (error.message or "it is not a template").rstrip(".")
    return None

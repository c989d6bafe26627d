"""Semantic tokens: what each word of a file is, where a grammar of colours can only guess.

The text gives comments, numbers, texts, operators and the words of the language; the tree says what names are, and
which words are names after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.library import LIBRARY as LIBRARY_FILES
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.lexing import KIND_OF_WORD, LINES, NUMBER, OTHER, SIGN, TEXT, WORD, before_colon, each_line
from flowlang.syntax.tokens import holes, tokens
from flowlang.types.builtin import GENERIC, PLAIN
from flowlang.types.join import members
from flowlang.types.model import LiteralOf, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Final

    from flowlang.compiler.pieces import Piece
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.types.model import Type

    Token = tuple[int, int, int, int]
    """Start, end, kind and modifiers."""

KINDS: Final = (
    "keyword type parameter variable property function decorator string number comment operator namespace enumMember"
).split()
MODIFIERS: Final = "declaration readonly defaultLibrary".split()
_KEYWORD, _TYPE, _PARAMETER, _VARIABLE, _PROPERTY, _FUNCTION = range(6)
_DECORATOR, _STRING, _NUMBER, _COMMENT, _OPERATOR, _NAMESPACE, _MEMBER = range(6, 13)
_DECLARED, _READONLY, _LIBRARY = 1, 2, 4
_WORDS: Final = {word: _OPERATOR if word in ("and", "or", "not", "in", "is") else _KEYWORD for word in KIND_OF_WORD}
_SIGNS: Final = frozenset("-?*/=!<>|+%~")
"""What an operator begins with."""
_BUILTIN: Final = frozenset((*PLAIN, *GENERIC))
_OF_SYMBOL: Final = {
    **dict.fromkeys("step let const loop error round trigger result".split(), (_VARIABLE, _READONLY)),
    "param": (_PARAMETER, _READONLY),
    "module": (_NAMESPACE, _LIBRARY),
    **dict.fromkeys("config file service".split(), (_NAMESPACE, 0)),
    **dict.fromkeys("flow action function".split(), (_FUNCTION, 0)),
    **dict.fromkeys("type type_param".split(), (_TYPE, 0)),
}
_IN: Final[dict[type, tuple[int, int]]] = {
    **dict.fromkeys((ast.Step, ast.Let, ast.For, ast.Comprehension, ast.Repeat), (_VARIABLE, _DECLARED | _READONLY)),
    ast.After: (_VARIABLE, _READONLY),
    ast.Param: (_PARAMETER, _DECLARED | _READONLY),
    ast.Field: (_PROPERTY, _DECLARED),
    **dict.fromkeys((ast.Setting, ast.Argument), (_PROPERTY, 0)),
    ast.FlowDecl: (_FUNCTION, _DECLARED),
    ast.TypeDecl: (_TYPE, _DECLARED),
    ast.ServiceDecl: (_NAMESPACE, _DECLARED),
    ast.Annotation: (_DECORATOR, _LIBRARY),
    ast.Trigger: (_FUNCTION, _LIBRARY),
}
"""What an `Ident` is by what it stands in."""


def full(project: Project, params: types.SemanticTokensParams) -> types.SemanticTokens:
    """Every token of a file. Those of a piece are found once, and told from where it begins."""
    snapshot = project.snapshot(params.text_document.uri)
    data: list[int] = []
    line = last = 0
    for piece in snapshot.pieces():
        known: tuple[list[int], int] | None = piece.memo.get("tokens")
        if known is None:
            known = piece.memo["tokens"] = _of_piece(snapshot, piece)
        own, lines = known
        if own:
            data.append(line + own[0] - last)
            data += own[1:]
            last = line + sum(own[::5])
        line += lines
    return types.SemanticTokens(data=data)


def _of_piece(snapshot: Snapshot, piece: Piece) -> tuple[list[int], int]:
    """The tokens of a piece, and how many lines it has."""
    source = Source("", piece.text)
    lexed = _lexed(piece.text, 0, len(piece.text), 0)
    # What the tree says of a word comes after what the text says, and stays.
    found = {each[0]: each for each in (*lexed, *_Names(snapshot, piece).all())}
    return _encoded(source, [found[start] for start in sorted(found)]), len(source.starts) - 1


# ---- the text


def _lexed(text: str, at: int, end: int, depth: int) -> list[Token]:
    """What needs no tree, in a text or in a hole of it."""
    found: list[Token] = []
    for group, start, stop in tokens(text, at, depth):
        if start >= end:
            break
        if group == SIGN:
            if text[start] in _SIGNS:
                found.append((start, stop, _OPERATOR, 0))
        elif group == WORD:
            kind = _WORDS.get(text[start:stop])
            if kind is not None and text[start - 1 : start] != "." and not before_colon(text, stop):
                found.append((start, stop, kind, 0))
        elif group == NUMBER:
            found.append((start, stop, _NUMBER, 0))
        elif group == TEXT:
            found.append((start, stop, _STRING, 0))
        elif group == OTHER and text[start] in "\"'":
            found += _pieces(text, start, stop, depth)
        elif group == LINES and text.find("#", start, stop) >= 0:
            for line in each_line(text, start, stop):
                begin = text.find("#", line.start(), line.end())
                if begin >= 0:
                    found.append((begin, line.start() + len(line[0].rstrip("\r\n")), _COMMENT, 0))
    return found


def _pieces(text: str, start: int, stop: int, depth: int) -> Iterator[Token]:
    """A text, and what is in its holes."""
    if text[start] == '"':
        for inside, outside in holes(text, start, depth):
            if inside - 2 > start:
                yield start, inside - 2, _STRING, 0
            yield from _lexed(text, inside, outside, depth + 1)
            start = outside + 2
    if stop > start:
        yield start, stop, _STRING, 0


# ---- the tree


class _Names:
    """The names of a piece by what they mean, with places in its text."""

    def __init__(self, snapshot: Snapshot, piece: Piece) -> None:
        self.text = piece.text
        self.items = piece.items
        self.offset = piece.offset
        self.facts = snapshot.facts
        self.names = snapshot.file.names if snapshot.file is not None else {}
        self.found: list[Token] = []
        self.idents: dict[type, Callable[[ast.Ident, Any], None]] = {
            ast.Attribute: self._attribute,
            ast.TypeName: self._type_name,
            ast.Catch: self._caught,
            ast.Import: self._imported,
            **dict.fromkeys((ast.Filter, ast.Test), self._called),
            **dict.fromkeys((ast.ActionDecl, ast.FunctionDecl), self._callable),
        }
        self.special: dict[type, Callable[[Any], None]] = {
            ast.Entry: self._entry,
            ast.LiteralType: self._literal,
            ast.Match: self._match,
            ast.Compare: self._compare,
            **dict.fromkeys((ast.Param, ast.Field), self._default),
            **dict.fromkeys((ast.Call, ast.Filter, ast.Test, ast.Annotation, ast.Trigger), self._arguments),
        }

    def all(self) -> list[Token]:
        """Walk over the items."""
        waiting: list[Any] = [*self.items]
        while waiting:
            node = waiting.pop()
            kind = node.__class__
            if kind in self.special:
                self.special[kind](node)
            for part in node[2:]:
                if part.__class__ is tuple:
                    for each in part:
                        self._part(each, node, kind, waiting)
                elif isinstance(part, tuple):
                    self._part(part, node, kind, waiting)
        return self.found

    def _part(self, part: Any, above: ast.Node, kind: type, waiting: list[Any]) -> None:
        """A node below another: a name is looked at, anything else is looked into."""
        if part.__class__ is ast.Ident:
            if kind in self.idents:
                self.idents[kind](part, above)
            elif kind in _IN:
                self._add(part, *_IN[kind])
        elif part.__class__ is ast.Name:
            self._name(part, above)
        else:
            waiting.append(part)

    def _add(self, node: ast.Node, kind: int, modifiers: int = 0) -> None:
        if node.end > node.start:
            self.found.append((self.offset(node.start), self.offset(node.end), kind, modifiers))

    def _dotted(self, node: ast.Ident, kind: int, modifiers: int) -> None:
        """A name that may begin with that of a module or a file."""
        head, dot, tail = node.name.rpartition(".")
        if not dot:
            self._add(node, kind, modifiers)
            return
        start, end = self.offset(node.start), self.offset(node.end)
        self.found.append((start, start + len(head), *self._symbol(head, (_NAMESPACE, 0))))
        self.found.append((end - len(tail), end, kind, modifiers))

    def _symbol(self, name: str, otherwise: tuple[int, int]) -> tuple[int, int]:
        symbol = self.names.get(name)
        return otherwise if symbol is None else _OF_SYMBOL.get(symbol.kind, otherwise)

    def _name(self, node: ast.Name, above: ast.Node) -> None:
        symbol = self.facts.symbols.get(id(node))
        if symbol is not None:
            found = _OF_SYMBOL.get(symbol.kind)
            if found is not None:
                self._add(node, *found)
        elif isinstance(above, ast.Call) and node is above.callee:
            self._add(node, _FUNCTION, self._origin(above))

    def _type_name(self, node: ast.Ident, above: ast.TypeName) -> None:
        if not node.name:
            return  # a field that did not parse
        self._dotted(node, _TYPE, _LIBRARY if node.name in _BUILTIN and node.name not in self.names else 0)

    def _called(self, node: ast.Ident, above: ast.Filter | ast.Test) -> None:
        if isinstance(above, ast.Filter) or node.name not in KIND_OF_WORD:
            self._dotted(node, _FUNCTION, self._origin(above))

    def _caught(self, node: ast.Ident, above: ast.Catch) -> None:
        self._add(node, *((_VARIABLE, _DECLARED | _READONLY) if node is above.binding else (_MEMBER, _LIBRARY)))

    def _callable(self, node: ast.Ident, above: ast.ActionDecl | ast.FunctionDecl) -> None:
        self._add(node, _FUNCTION if node is above.name else _TYPE, _DECLARED)

    def _imported(self, node: ast.Ident, above: ast.Import) -> None:
        if node is above.alias or not above.is_file:
            self._add(node, _NAMESPACE, _DECLARED if above.is_file else _DECLARED | _LIBRARY)

    def _attribute(self, node: ast.Ident, above: ast.Attribute) -> None:
        symbol = self.facts.symbols.get(id(above))
        if symbol is not None:
            self._add(node, *_OF_SYMBOL.get(symbol.kind, (_PROPERTY, 0)))
            return
        holder = self.facts.symbols.get(id(above.value))
        is_called = holder is not None and holder.kind in ("module", "service")
        self._add(node, *((_FUNCTION, _LIBRARY) if is_called else (_PROPERTY, 0)))

    def _origin(self, node: ast.Node) -> int:
        """Whether what is called is the library's."""
        fact = self.facts.calls.get(id(node))
        return _LIBRARY if fact is not None and fact.signature.file.startswith(LIBRARY_FILES) else 0

    # ---- texts that are keys, and texts of which only some are possible

    def _entry(self, node: ast.Entry) -> None:
        key = node.key
        if isinstance(key, ast.Text) and key.start != node.value.start:
            is_bare = self.text[self.offset(key.start) :][:1] not in ("'", '"')
            if is_bare:
                self._add(key, _PROPERTY)

    def _literal(self, node: ast.LiteralType) -> None:
        if isinstance(node.value, str):
            self._add(node, _MEMBER)

    def _match(self, node: ast.Match) -> None:
        self._chosen(self.facts.types.get(id(node.subject)), (value for case in node.cases for value in case.values))

    def _compare(self, node: ast.Compare) -> None:
        self._chosen(self.facts.types.get(id(node.first)), (each.operand for each in node.rest))

    def _default(self, node: ast.Param | ast.Field) -> None:
        if node.default is not None:
            self._chosen(self.facts.type_exprs.get(id(node.type)), (node.default,))

    def _arguments(self, node: ast.Node) -> None:
        fact = self.facts.calls.get(id(node)) or self.facts.annotations.get(id(node))
        for param, value in fact.arguments if fact is not None else ():
            if isinstance(value, ast.Text) and node.start <= value.start < node.end:
                self._chosen(param.type, (value,))

    def _chosen(self, of: Type | None, values: Iterable[ast.Expr]) -> None:
        """Texts where only a few literals may stand."""
        texts = [each for each in values if isinstance(each, ast.Text)]
        if texts and isinstance(of, Union) and sum(isinstance(each, LiteralOf) for each in members(of)) > 1:
            for each in texts:
                self._add(each, _MEMBER)


# ---- the protocol


def _encoded(source: Source, found: list[Token]) -> list[int]:
    """Five numbers a token, each place told from that of the one before; a token of several lines is one a line."""
    text, starts, units = source.text, [*source.starts, len(source.text)], _units(source.text)
    data: list[int] = []
    line = last_line = column = last = before = 0
    for start, end, kind, modifiers in found:
        start = max(start, before)
        before = max(before, end)
        while start < end:
            while starts[line + 1] <= start:
                line += 1
            stop = next_line = starts[line + 1]
            if end < next_line:
                stop = end
            else:
                while stop > start and text[stop - 1] in "\r\n":
                    stop -= 1
            if stop > start:
                right = units(starts[line] if line > last_line else last, start)
                column = right if line > last_line else column + right
                data += (line - last_line, right, units(start, stop), kind, modifiers)
                last_line, last = line, start
            start = min(end, next_line)
    return data


def _units(text: str) -> Callable[[int, int], int]:
    """What counts the length of a part of a text as the protocol does."""
    if text.isascii():
        return lambda start, end: end - start

    def count(start: int, end: int) -> int:
        part = text[start:end]
        return end - start if part.isascii() else len(part.encode("utf-16-le", "surrogatepass")) // 2

    return count


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        full,
        types.SemanticTokensLegend(token_types=KINDS, token_modifiers=MODIFIERS),
    ),
)

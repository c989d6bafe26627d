"""Semantic tokens: what each word of a file is, where a grammar of colours can only guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import children
from flowlang.syntax import ast
from flowlang.syntax.lexing import KIND_OF_WORD, LINES, NUMBER, OTHER, TEXT, WORD, each_line
from flowlang.syntax.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.source import Source

KINDS: Final = (
    "keyword type parameter variable property function decorator string number comment namespace enumMember".split()
)
_NUMBERS: Final = {kind: number for number, kind in enumerate(KINDS)}
MODIFIERS: Final = "declaration readonly defaultLibrary".split()
DECLARATION, READONLY, LIBRARY = 1, 2, 4
_OF_SYMBOL: Final = {
    "param": ("parameter", READONLY),
    "step": ("variable", READONLY),
    "let": ("variable", READONLY),
    "const": ("variable", READONLY),
    "loop": ("variable", READONLY),
    "error": ("variable", READONLY),
    "round": ("variable", READONLY),
    "trigger": ("variable", READONLY),
    "result": ("variable", READONLY),
    "config": ("namespace", 0),
    "module": ("namespace", LIBRARY),
    "file": ("namespace", 0),
    "service": ("namespace", 0),
    "flow": ("function", 0),
    "action": ("function", 0),
    "function": ("function", 0),
    "type": ("type", 0),
}
_DECLARED: Final[dict[type, str]] = {
    ast.Step: "variable",
    ast.Let: "variable",
    ast.Param: "parameter",
    ast.Field: "property",
    ast.Setting: "property",
    ast.Argument: "property",
    ast.Attribute: "property",
    ast.Filter: "function",
    ast.Test: "function",
    ast.Annotation: "decorator",
    ast.Trigger: "function",
    ast.TypeName: "type",
    ast.TypeDecl: "type",
    ast.ServiceDecl: "namespace",
    ast.FlowDecl: "function",
    ast.FunctionDecl: "function",
    ast.ActionDecl: "function",
    ast.For: "variable",
    ast.Comprehension: "variable",
    ast.Repeat: "variable",
    ast.After: "variable",
    ast.Import: "namespace",
}
_DECLARING: Final = (
    *(ast.Step, ast.Let, ast.Param, ast.Field, ast.TypeDecl, ast.ServiceDecl, ast.FlowDecl, ast.FunctionDecl),
    *(ast.ActionDecl, ast.For, ast.Comprehension, ast.Repeat),
)
Token = tuple[int, int, str, int]


def full(project: Project, params: types.SemanticTokensParams) -> types.SemanticTokens:
    """Every token of a file."""
    snapshot = project.snapshot(params.text_document.uri)
    named = sorted(_words(snapshot))
    taken = {start for start, *_ in named}
    lexed = [each for each in _lexed(snapshot.text) if each[0] not in taken]
    return types.SemanticTokens(data=_encoded(snapshot.source, sorted([*named, *lexed])))


def _lexed(text: str) -> Iterator[Token]:
    """Comments, numbers, texts, and words of the language; the insides of templates are the tree's."""
    for group, start, end in tokens(text):
        if group == NUMBER:
            yield start, end, "number", 0
        elif group == TEXT or (group == OTHER and text[start] in "\"'" and "{{" not in text[start:end]):
            yield start, end, "string", 0
        elif group == WORD and text[start:end] in KIND_OF_WORD:
            yield start, end, "keyword", 0
        elif group == LINES and "#" in text[start:end]:
            for line in each_line(text, start, end):
                at = text.find("#", line.start(), line.end())
                if at >= 0:
                    yield at, line.start() + len(line[0].rstrip("\r\n")), "comment", 0


def _words(snapshot: Snapshot) -> Iterator[Token]:
    """Names by what they mean, and the pieces of templates; with places in the editor's text."""
    waiting: list[tuple[ast.Node, ast.Node | None]] = []
    for item in snapshot.file.tree.items if snapshot.file is not None else ():
        shift = snapshot.text_start(item) - item.start
        waiting.append((item, None))
        while waiting:
            node, above = waiting.pop()
            if isinstance(node, (ast.Name, ast.Ident)):
                found = _word(snapshot, node, above)
                if found is not None and node.end > node.start:
                    yield node.start + shift, node.end + shift, *found
                continue
            if isinstance(node, ast.Template):
                yield from _pieces(node, shift)
            waiting += [(each, node) for each in children(node)]


def _word(snapshot: Snapshot, node: ast.Name | ast.Ident, above: ast.Node | None) -> tuple[str, int] | None:
    symbols = snapshot.facts.symbols
    if isinstance(node, ast.Name):
        symbol = symbols.get(id(node))
        if symbol is None:
            return ("function", LIBRARY) if isinstance(above, ast.Call) else None
        return _OF_SYMBOL.get(symbol.kind)
    if isinstance(above, ast.Catch):
        return ("variable", DECLARATION | READONLY) if node is above.binding else ("enumMember", LIBRARY)
    kind = _DECLARED.get(above.__class__)
    if kind is None or (isinstance(above, ast.Import) and above.is_file and node is above.target):
        return None
    if isinstance(above, ast.Attribute):
        symbol = symbols.get(id(above))
        holder = symbols.get(id(above.value))
        if symbol is not None:
            return _OF_SYMBOL.get(symbol.kind)
        return ("function", LIBRARY) if holder is not None and holder.kind in ("module", "service") else (kind, 0)
    return kind, DECLARATION if isinstance(above, _DECLARING) else 0


def _pieces(node: ast.Template, shift: int) -> Iterator[Token]:
    """The texts of a template between its holes, its quotes with them."""
    at = node.start
    for part in node.parts:
        if isinstance(part, ast.TemplateText):
            continue
        # `{{` and what white space follows it belong to the text.
        yield at + shift, part.start + shift, "string", 0
        at = part.end
    yield at + shift, node.end + shift, "string", 0


def _encoded(source: Source, found: list[Token]) -> list[int]:
    """Five numbers a token, each place told from that of the one before; a token of several lines is one a line."""
    text, starts = source.text, source.starts
    data: list[int] = []
    line = last_line = last_column = before = 0
    for start, end, kind, modifiers in found:
        begin = max(start, before)
        while begin < end:
            while line + 1 < len(starts) and starts[line + 1] <= begin:
                line += 1
            line_end = starts[line + 1] if line + 1 < len(starts) else len(text)
            stop = min(end, line_end)
            written = text[begin:stop].rstrip("\r\n")
            if written:
                column = _units(text[starts[line] : begin])
                right = column if line > last_line else column - last_column
                data += (line - last_line, right, _units(written), _NUMBERS[kind], modifiers)
                last_line, last_column = line, column
            begin = stop
        before = max(before, end)
    return data


def _units(text: str) -> int:
    """The length of a text as the protocol counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        full,
        types.SemanticTokensLegend(token_types=KINDS, token_modifiers=MODIFIERS),
    ),
)

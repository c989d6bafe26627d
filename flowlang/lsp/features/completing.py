"""What may be written next: names in scope, fields of a value, filters, arguments, literals of a type, words.

The text is nearly always broken where it is asked for, so the file is checked with a whole word at the cursor; only
the item around it is looked at again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.pipeline import first_import, standard_library
from flowlang.compiler.workspace import Unreadable
from flowlang.lsp.cursor import Cursor, Probe, cursor_at, probe
from flowlang.lsp.features import Feature
from flowlang.lsp.features.hovering import signature_line
from flowlang.lsp.places import offset, path_of, span
from flowlang.lsp.scope import visible
from flowlang.semantics.catalog import ERROR_TYPES
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.types.assign import assignable, reveal
from flowlang.types.builtin import PLAIN
from flowlang.types.join import members
from flowlang.types.model import List, LiteralOf, RecordOf, Secret
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

    from flowlang.lsp.project import Project
    from flowlang.semantics.facts import Signature
    from flowlang.types.model import Type

Kind = types.CompletionItemKind
ITEM_WORDS: Final = "flow type service action function let import config".split()
STATEMENT_WORDS: Final = "step let do return yield if match for repeat parallel race sequence ensure on".split()
CLAUSE_WORDS: Final = "when after until ensure catch undo".split()
VALUE_WORDS: Final = "true false none not if else and or in is".split()
_CONTEXTS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("import", r"^\s*import\s+$"),
        ("annotation", r"@$"),
        ("after", r"(?:^|\s)after\s+(?:\w+\s*,\s*)*$"),
        ("error", r"(?:^|\s)catch\s+(?:\w+\s*,\s*)*$"),
        ("trigger", r"^\s*on\s+$"),
        ("member", r"[\w)\]}\"']\s*\??\.$"),
        ("filter", r"(?<!\|)\|\s*$"),
        ("test", r"\bis\s+(?:not\s+)?$"),
        ("type", r"(?:->\s*|^\s*(?:step|let|repeat)\s+\w+\s*:\s*|\b(?:list|map|secret)\[)$"),
    )
)
_declares_parameters: Final = re.compile(r"^\s*(?:flow|function|action)\s+\w+\s*[(\[].*\w\s*:\s*$")


def completion(project: Project, params: types.CompletionParams) -> types.CompletionList:
    """The offers at a place."""
    path = path_of(params.text_document.uri)
    try:
        source = Source(path, project.read(path))
    except Unreadable:
        return types.CompletionList(is_incomplete=False, items=[])
    cursor = cursor_at(source.text, offset(source, params.position))
    offers: dict[str, types.CompletionItem] = {}
    for each in _Offers(project, path, source, cursor).all():
        offers.setdefault(each.label, each)
    return types.CompletionList(is_incomplete=False, items=list(offers.values()))


class _Offers:
    """The offers at one cursor. `rank`: what sorts those made next; the lower the nearer."""

    def __init__(self, project: Project, path: str, source: Source, cursor: Cursor) -> None:
        self.project, self.path, self.source, self.cursor = project, path, source, cursor
        self.catalog = standard_library()
        self.range = span(source, cursor.start, cursor.offset)
        self.rank = 5

    def all(self) -> Iterator[types.CompletionItem]:
        """Every offer."""
        cursor = self.cursor
        if cursor.mode == "comment" or (cursor.word[:1].isdigit()):
            return
        if cursor.mode == "text":
            yield from self._in_text()
            return
        context = next((name for name, pattern in _CONTEXTS if pattern.search(cursor.before)), "")
        if not context and self._is_type_wanted():
            context = "type"
        if context:
            yield from getattr(self, f"_{context}")()
        else:
            yield from self._expression()

    def _is_type_wanted(self) -> bool:
        """Behind the colon of a parameter or of a field of a declared type or the configuration."""
        before = self.cursor.before
        if _declares_parameters.search(before):
            return True
        opened = [at for kind, at in self.cursor.open if kind in "({["]
        if not opened or not re.search(r"\w\s*:\s*$", before):
            return False
        line = self.source.text.rfind("\n", 0, opened[0]) + 1
        head = self.source.text[line : opened[0]]
        return re.match(r"\s*(?:type\b|config\b|(?:flow|function|action)\b[^{]*$)", head) is not None

    def offer(
        self, label: str, kind: Kind, detail: str = "", doc: str = "", insert: str = "", more: str = ""
    ) -> types.CompletionItem:
        """One offer, which replaces the word at the cursor; `more` is a module to import with it."""
        edits = [types.TextEdit(range=self._top(), new_text=f"import {more}\n")] if more else None
        return types.CompletionItem(
            label=label,
            kind=kind,
            detail=detail or None,
            documentation=types.MarkupContent(kind=types.MarkupKind.Markdown, value=doc) if doc else None,
            sort_text=f"{self.rank}{label}",
            filter_text=label,
            text_edit=types.TextEdit(range=self.range, new_text=insert or label),
            additional_text_edits=edits,
        )

    def signature(self, signature: Signature, name: str, kind: Kind = Kind.Function) -> types.CompletionItem:
        """An offer of what can be called."""
        return self.offer(name, kind, signature_line(signature, signature.kind), signature.doc)

    def words(self, words: Iterable[str]) -> Iterator[types.CompletionItem]:
        """Offers of words of the language."""
        return (self.offer(word, Kind.Keyword) for word in words)

    def _top(self) -> types.Range:
        """Where an import is added: above the first one, else below the file's doc."""
        text = self.source.text
        found = re.search(r"^import\b", text, re.MULTILINE)
        at = first_import(text) if found is None else found.start()
        return span(self.source, at, at)

    def probe(self) -> Probe | None:
        """The file with a whole word at the cursor, and a body behind a case that has none."""
        text, at = self.source.text, self.cursor.start
        is_case = re.match(r"\s*case\b[^{]*$", text[text.rfind("\n", 0, at) + 1 : at]) is not None
        line_end = text.find("\n", self.cursor.offset)
        rest = text[self.cursor.offset : line_end if line_end >= 0 else len(text)]
        ending = " { }" if is_case and "{" not in rest else ""
        return probe(self.project, self.path, text, self.cursor, ending=ending)

    # ---- contexts

    def _import(self) -> Iterator[types.CompletionItem]:
        for module in self.catalog.modules():
            yield self.offer(module, Kind.Module)
        self.rank = 6
        for path in self.project.files():
            if path != self.path:
                relative = _relative(path, self.path)
                name = path.rpartition("/")[2].removesuffix(".flow").replace("-", "_")
                yield self.offer(relative, Kind.File, insert=f'"{relative}" as {name}')

    def _annotation(self) -> Iterator[types.CompletionItem]:
        for name in self.catalog.annotations():
            signature = self.catalog.annotation(name)
            if signature is not None:
                yield self.signature(signature, name, Kind.Property)

    def _after(self) -> Iterator[types.CompletionItem]:
        found = self.probe()
        for body in [node for node in found.chain if isinstance(node, ast.Body)][-1:] if found is not None else ():
            for statement in body.statements:
                if isinstance(statement, ast.Step) and statement not in found.chain:  # type: ignore[union-attr]
                    yield self.offer(statement.name.name, Kind.Variable, "step")

    def _error(self) -> Iterator[types.CompletionItem]:
        for name in ERROR_TYPES:
            yield self.offer(name, Kind.EnumMember, "error kind")

    def _trigger(self) -> Iterator[types.CompletionItem]:
        for name in self.catalog.triggers():
            signature = self.catalog.trigger(name)
            if signature is not None:
                yield self.signature(signature, name, Kind.Event)

    def _type(self) -> Iterator[types.CompletionItem]:
        for name in (*PLAIN, "list", "map", "secret"):
            yield self.offer(name, Kind.Keyword)
        self.rank = 3
        file = self.project.look(self.path).file
        for name, symbol in file.names.items() if file is not None else ():
            if symbol.kind == "type":
                yield self.offer(name, Kind.Struct, doc=getattr(symbol.node, "doc", ""))
            elif symbol.kind == "module":
                for each in self.catalog.types(symbol.qualified):
                    yield self.offer(f"{name}.{each}", Kind.Struct)

    def _filter(self) -> Iterator[types.CompletionItem]:
        found = self.probe()
        if found is None:
            return
        facts = found.snapshot.facts
        value = next((node for node in reversed(found.chain) if isinstance(node, ast.Filter)), None)
        of = None if value is None else facts.types.get(id(value.value))
        for name in self.catalog.members("prelude"):
            signature = self.catalog.prelude(name)
            if signature is not None and signature.kind == "function" and signature.params and name != "fail":
                fits = of is None or assignable(of, signature.params[0].type).ok
                self.rank = 3 if fits else 7
                yield self.signature(signature, name)
        self.rank = 2
        file = found.snapshot.file
        for name, symbol in file.names.items() if file is not None else ():
            declared = facts.signatures.get(id(symbol.node))
            if declared is not None and declared.kind == "function" and declared.params:
                yield self.signature(declared, name)

    def _test(self) -> Iterator[types.CompletionItem]:
        for name in self.catalog.tests():
            signature = self.catalog.test(name)
            if signature is not None:
                yield self.signature(signature, name)
        yield from self.words(("not",))

    def _member(self) -> Iterator[types.CompletionItem]:
        found = self.probe()
        node = next((n for n in reversed(found.chain) if isinstance(n, ast.Attribute)), None) if found else None
        if found is None or node is None:
            return
        facts = found.snapshot.facts
        holder = facts.symbols.get(id(node.value))
        if isinstance(node.value, ast.Name) and holder is None and found.snapshot.file is not None:
            holder = found.snapshot.file.names.get(node.value.name)
            if holder is None and self.catalog.is_module(node.value.name):
                yield from self._module(node.value.name, node.value.name)
                return
        if holder is not None and holder.kind == "module":
            yield from self._module(holder.qualified, "")
        elif holder is not None and holder.kind == "service":
            for name in self.catalog.members("service"):
                signature = self.catalog.operation(name)
                if signature is not None:
                    yield self.signature(signature, name, Kind.Method)
        elif holder is not None and holder.kind == "config":
            yield from self._config(found)
        elif holder is not None and holder.kind == "file":
            other = found.snapshot.program.files.get(holder.qualified)
            for name, symbol in other.names.items() if other is not None else ():
                if symbol.kind not in ("module", "file", "broken"):
                    yield self.offer(name, _KINDS.get(symbol.kind, Kind.Variable), symbol.kind)
        else:
            of = facts.types.get(id(node.value))
            yield from self._fields(of) if of is not None else ()

    def _module(self, module: str, more: str) -> Iterator[types.CompletionItem]:
        """Members of a module; of one that is not imported together with its import."""
        for name in self.catalog.members(module):
            signature = self.catalog.member(module, name)
            if signature is not None:
                line, doc = signature_line(signature, signature.kind), signature.doc
                kind = Kind.Method if signature.kind == "action" else Kind.Function
                yield self.offer(name, kind, line, doc, more=more)

    def _config(self, found: Probe) -> Iterator[types.CompletionItem]:
        file = found.snapshot.file
        for item in file.tree.items if file is not None else ():
            for field in item.fields if isinstance(item, ast.Config) else ():
                of = found.snapshot.facts.type_exprs.get(id(field.type))
                yield self.offer(field.name.name, Kind.Field, "" if of is None else show(of), field.doc)

    def _fields(self, of: Type) -> Iterator[types.CompletionItem]:
        for each in members(of):
            inner = reveal(each.inner if isinstance(each, Secret) else each)
            if isinstance(inner, RecordOf):
                for field in inner.fields:
                    yield self.offer(field.name, Kind.Field, show(field.type))

    # ---- expressions and statements

    def _expression(self) -> Iterator[types.CompletionItem]:
        before = self.cursor.before.strip()
        if not before and not self.cursor.open:
            yield from self.words(ITEM_WORDS)
            return
        found = self.probe()
        if found is None:
            return
        if not before and not self.cursor.is_in_hole and isinstance(_around(found), ast.Body):
            yield from self.words((*STATEMENT_WORDS, *CLAUSE_WORDS))
            return
        if re.search(r"[\w)\]}\"']$", before):
            self.rank = 6
            yield from self.words((*CLAUSE_WORDS, "if", "else", "and", "or", "in", "is", "not in", "with"))
        yield from self._arguments(found)
        wanted = _wanted(found)
        if wanted is not None:
            self.rank = 1
            for literal in _literals(wanted):
                if isinstance(literal.value, str):
                    quoted = f"'{literal.value}'"
                    yield self.offer(quoted, Kind.EnumMember, insert=quoted)
        self.rank = 2
        for name, symbol, of in visible(found.snapshot, found.chain):
            fits = wanted is not None and of is not None and assignable(of, wanted).ok
            self.rank = 2 if fits else 3
            kind = _KINDS.get(symbol.kind, Kind.Variable)
            detail = f"{symbol.kind}: {show(of)}" if of is not None else symbol.kind
            yield self.offer(name, kind, detail, getattr(symbol.node, "doc", ""))
        self.rank = 5
        yield self.offer("config", Kind.Module, "configuration")
        for name in self.catalog.members("prelude"):
            signature = self.catalog.prelude(name)
            if signature is not None:
                yield self.signature(signature, name)
        yield from self.words(VALUE_WORDS)
        self.rank = 6
        known = found.snapshot.file.names if found.snapshot.file is not None else {}
        for module in self.catalog.modules():
            if module not in known:
                yield self.offer(module, Kind.Module, "module", more=module)

    def _arguments(self, found: Probe) -> Iterator[types.CompletionItem]:
        """Named arguments of the call around the cursor that it does not give yet."""
        signature, given = _call_around(found)
        if signature is None or re.search(r"=\s*$", self.cursor.before):
            return
        self.rank = 1
        for number, param in enumerate(signature.params):
            if param.name not in given and number >= sum(1 for each in given if each == ""):
                yield self.offer(f"{param.name}=", Kind.Property, show(param.type), param.doc)

    def _in_text(self) -> Iterator[types.CompletionItem]:
        """In quotes: the literals of the type that is wanted there; in an import the files of the project."""
        before = self.source.text[: self.cursor.open[-1][1]].rpartition("\n")[2]
        if re.search(r"^\s*import\s+$", before):
            start = self.cursor.open[-1][1] + len(self.cursor.open[-1][0])
            self.range = span(self.source, start, self.cursor.offset)
            for path in self.project.files():
                if path != self.path:
                    yield self.offer(_relative(path, self.path), Kind.File)
            return
        found = self.probe()
        wanted = _wanted(found) if found is not None else None
        start = self.cursor.open[-1][1] + len(self.cursor.open[-1][0])
        self.range = span(self.source, start, self.cursor.offset)
        for literal in _literals(wanted) if wanted is not None else ():
            if isinstance(literal.value, str):
                yield self.offer(literal.value, Kind.EnumMember)


_KINDS: Final = {
    "param": Kind.Variable,
    "flow": Kind.Function,
    "function": Kind.Function,
    "action": Kind.Method,
    "service": Kind.Interface,
    "type": Kind.Struct,
    "module": Kind.Module,
    "file": Kind.Module,
    "const": Kind.Constant,
}


def _around(found: Probe) -> ast.Node | None:
    """The innermost body, map, list or record type around the word."""
    kinds = (ast.Body, ast.Map, ast.List, ast.Call, ast.RecordType, ast.Annotation)
    return next((node for node in reversed(found.chain) if isinstance(node, kinds)), None)


def _relative(path: str, importer: str) -> str:
    import posixpath

    return posixpath.relpath(path, posixpath.dirname(importer) or ".")


def _call_around(found: Probe) -> tuple[Signature | None, list[str]]:
    """What the innermost call around the word calls, and the arguments it gives: names, '' for one without."""
    word = found.chain[-1]
    for node in reversed(found.chain):
        if isinstance(node, (ast.Body, ast.Map, ast.List)):
            break
        if isinstance(node, (ast.Call, ast.Filter, ast.Annotation, ast.Trigger)):
            facts = found.snapshot.facts
            fact = facts.calls.get(id(node)) or facts.annotations.get(id(node))
            if fact is None or not any(each.start <= word.start < each.end for each in node.arguments):
                break
            others = [each for each in node.arguments if not each.start <= word.start < each.end]
            given = ["" if each.name is None else each.name.name for each in others]
            return fact.signature, given + ([""] if isinstance(node, ast.Filter) else [])
    return None, []


def _wanted(found: Probe) -> Type | None:
    """The type that is wanted where the word stands: of a parameter, of the other side of a comparison, of a match."""
    facts, chain = found.snapshot.facts, found.chain
    for inner, node in zip(reversed(chain), list(reversed(chain))[1:], strict=False):
        if isinstance(node, ast.Argument):
            above = chain[chain.index(node) - 1]
            fact = facts.calls.get(id(above)) or facts.annotations.get(id(above))
            if fact is None:
                return None
            param = next((p for p, value in fact.arguments if value is node.value), None)
            return None if param is None else param.type
        if isinstance(node, ast.Compare):
            return facts.types.get(id(node.first))
        if isinstance(node, ast.Case) and not isinstance(inner, ast.Body):
            match = next((n for n in reversed(chain) if isinstance(n, ast.Match)), None)
            return None if match is None else facts.types.get(id(match.subject))
        if isinstance(node, ast.Body):
            return None
    return None


def _literals(of: Type) -> Iterator[LiteralOf]:
    """The literals that a type consists of, or a list of it."""

    for each in members(of):
        inner = each.item if isinstance(each, List) else each
        for literal in members(inner):
            if isinstance(literal, LiteralOf):
                yield literal


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_COMPLETION,
        completion,
        types.CompletionOptions(trigger_characters=[".", "@", "|", "(", "'", '"', "{"]),
    ),
)

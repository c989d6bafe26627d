"""What a word of a file means: which thing it refers to, where that is declared, and where else it is spelled.

A word is an `Ident`, a `Name` or an import's target; things are told apart by a key that is the same in every program
that has them, but for what is local to an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang import bundled
from flowlang.compiler.pipeline import standard_library
from flowlang.lsp.library import LIBRARY, library_file
from flowlang.lsp.scope import declared_type
from flowlang.record import Record
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import reveal
from flowlang.types.join import members
from flowlang.types.model import List, Map, RecordOf, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from typing import Final

    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import CallFact, Signature, Symbol
    from flowlang.types.model import Type

    Key = tuple[object, ...]

ITEMS: Final = (ast.TypeDecl, ast.ServiceDecl, ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl, ast.Let)


class Target(Record):
    """A thing that words refer to.

    `kind`: that of its symbol, or 'field', 'config value', 'argument', 'annotation', 'trigger', 'error kind',
    'operation', 'setting'. `place`: the word that declares it; null where that is in no file that can be shown.
    `node`: what declares it, in the tree of its file.
    """

    __slots__ = ()

    kind: str
    name: str
    key: Key
    place: Span | None
    node: ast.Node | None = None
    symbol: Symbol | None = None
    signature: Signature | None = None
    type: Type | None = None
    doc: str = ""

    @property
    def is_library(self) -> bool:
        """Whether it is not the user's."""
        return self.place is None or self.place.file.startswith(LIBRARY)


class Word(Record):
    """A word of a file with what it means. `is_shorthand`: `{ id }`, where it is a key too; `is_test`: `x is big`, for
    `is_big`.
    """

    __slots__ = ()

    start: int
    end: int
    target: Target
    is_shorthand: bool = False
    is_test: bool = False


# ---- walking


def chain_at(root: ast.Node, offset: int) -> list[ast.Node]:
    """The nodes around an offset, outermost first; of two that meet there the one behind it, and of two of which one is
    in the other, as a trigger is in the body's braces, that one.
    """
    chain = [root]
    while True:
        inside = [each for each in children(chain[-1]) if each.start <= offset <= each.end]
        inside.sort(key=lambda each: each.start)
        if not inside:
            return chain
        behind = [each for each in inside if offset < each.end]
        # A flow's triggers lie within its body. Of a shorthand's key and value, which share a place, the value means
        # something.
        chain.append(max(reversed(behind or inside), key=lambda each: each.start))


def children(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes right below one."""
    fields: tuple[object, ...] = tuple(node)  # type: ignore[arg-type]
    waiting: list[object] = list(reversed(fields[2:]))
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Node):
            yield each
        elif each.__class__ is tuple:
            waiting.extend(reversed(each))


def target_at(snapshot: Snapshot, offset: int) -> Word | None:
    """The word at an offset of the tree, with what it means."""
    if snapshot.file is None:
        return None
    for at in (offset, offset - 1):
        chain = chain_at(snapshot.file.tree, at)
        word = chain[-1]
        for each in _spelled(Meaning(snapshot), chain):
            if each.start <= offset <= each.end:
                return each
        if isinstance(word, ast.Text) and len(chain) > 1 and isinstance(chain[-2], ast.Entry):
            word = chain[-2].value
            target = Meaning(snapshot).of([*chain[:-1], word])
            if target is not None and isinstance(word, ast.Name) and word.start == chain[-1].start:
                return Word(word.start, word.end, target, True)
    return None


def words(snapshot: Snapshot, names: AbstractSet[str] | None = None) -> Iterator[Word]:
    """Every word of a file that means something; only those spelled like a name, where some are given."""
    if snapshot.file is None:
        return
    meaning = Meaning(snapshot)
    waiting: list[tuple[ast.Node, ...]] = [(item,) for item in snapshot.file.tree.items]
    while waiting:
        chain = waiting.pop()
        node = chain[-1]
        if not isinstance(node, (ast.Ident, ast.Name, ast.Text)):
            waiting += [(*chain[-4:], each) for each in children(node)]
        elif names is None or _may_spell(chain, names):
            yield from (word for word in _spelled(meaning, list(chain)) if names is None or word.target.name in names)


def _may_spell(chain: tuple[ast.Node, ...], names: AbstractSet[str]) -> bool:
    """Whether a word may mean one of some names."""
    word = chain[-1]
    name = word.value if isinstance(word, ast.Text) else word.name  # type: ignore[attr-defined]
    if name in names or ("." in name and not names.isdisjoint(name.split("."))):
        return True
    return isinstance(chain[-2], ast.Test) and f"is_{name.rpartition('.')[2]}" in names


def _spelled(meaning: Meaning, chain: list[ast.Node]) -> Iterator[Word]:
    """The words that a node is: of `lib.Type` two, the import and the type."""
    node = chain[-1]
    if isinstance(node, ast.Text):
        target = meaning.of_key(chain)
        if target is not None:
            quote = node.end - node.start > len(node.value)
            yield Word(node.start + quote, node.end - quote, target)
        return
    if not isinstance(node, (ast.Ident, ast.Name)):
        return
    above = chain[-2] if len(chain) > 1 else None
    head, dot, _ = node.name.partition(".")
    begin = node.start
    if dot and not isinstance(above, ast.Import):
        begin += meaning.written(node).rfind(".") + 1
        imported = meaning.imported(head)
        if imported is not None:
            yield Word(node.start, node.start + len(head), imported)
    target = meaning.of(chain)
    if target is not None:
        yield Word(begin, node.end, target, _is_shorthand(chain), isinstance(above, ast.Test) and node is above.name)


def _is_shorthand(chain: list[ast.Node] | tuple[ast.Node, ...]) -> bool:
    above = chain[-2] if len(chain) > 1 else None
    return isinstance(above, ast.Entry) and not above.computed and above.key.start == chain[-1].start


# ---- meaning


class Meaning:
    """What words of one file mean."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.facts = snapshot.facts
        self.path = snapshot.path
        self.catalog = standard_library()

    def of(self, chain: list[ast.Node]) -> Target | None:
        """What the last node of a chain refers to."""
        word, above = chain[-1], chain[-2] if len(chain) > 1 else None
        if isinstance(word, ast.Name):
            return self._name(word, above)
        if not isinstance(word, ast.Ident) or above is None:
            return None
        match above:
            case ast.Attribute():
                return self._attribute(above, chain[-3] if len(chain) > 2 else None)
            case ast.Argument():
                return self._argument(above, chain[-3] if len(chain) > 2 else None)
            case ast.Filter() | ast.Test():
                fact = self.facts.calls.get(id(above))
                return None if fact is None else self._called(fact.signature)
            case ast.Annotation():
                return self._called(self.catalog.annotation(word.name))
            case ast.Trigger():
                return self._called(self.catalog.trigger(word.name))
            case ast.TypeName():
                return self._type(word.name)
            case ast.Field():
                return self._declared_field(above, chain)
            case ast.Catch() if word is not above.binding:
                return Target("error kind", word.name, ("error kind", word.name), None)
            case ast.Import():
                symbol = next((s for s in self._names().values() if s.node is above), None)
                target = None if symbol is None else self._symbol(symbol)
                is_name = word is (above.alias or above.target) and not (above.is_file and above.alias is None)
                return target if is_name or target is None else target.replace(key=("import of", *target.key))
            case ast.Setting():
                return Target("setting", word.name, ("setting", word.name), None)
        symbol = self.facts.symbols.get(id(word)) or self.facts.symbols.get(id(above))
        return None if symbol is None else self._symbol(symbol)

    def of_key(self, chain: list[ast.Node]) -> Target | None:
        """What a key refers to: a parameter of the flow that a trigger starts, in its `with`."""
        match chain[-5:]:
            case [ast.FlowDecl() as flow, ast.Trigger(), ast.Map(), ast.Entry(), ast.Text() as key]:
                signature = self.facts.signatures.get(id(flow))
                return None if signature is None or key is not chain[-2].key else self.argument(signature, key.value)  # type: ignore[attr-defined]
        return None

    def imported(self, name: str) -> Target | None:
        """The file or module that is imported under a name."""
        symbol = self._names().get(name)
        return self._symbol(symbol) if symbol is not None and symbol.kind in ("file", "module") else None

    def written(self, node: ast.Node) -> str:
        """A node as it is written."""
        return self.snapshot.written(node)

    def _names(self) -> dict[str, Symbol]:
        file = self.snapshot.file
        return {} if file is None else file.names

    def _name(self, word: ast.Name, above: ast.Node | None) -> Target | None:
        symbol = self.facts.symbols.get(id(word)) or self._names().get(word.name)
        if isinstance(above, ast.Call) and above.callee is word:
            fact = self.facts.calls.get(id(above))
            if fact is not None:
                return self._called(fact.signature)
        return None if symbol is None else self._symbol(symbol)

    def _attribute(self, node: ast.Attribute, above: ast.Node | None) -> Target | None:
        if isinstance(above, ast.Call) and above.callee is node:
            fact = self.facts.calls.get(id(above))
            return None if fact is None else self._called(fact.signature, fact.service)
        symbol = self.facts.symbols.get(id(node))
        if symbol is not None:
            return self._symbol(symbol)
        if isinstance(node.value, ast.Name):
            holder = self.facts.symbols.get(id(node.value))
            if holder is not None and holder.kind == "config":
                return self.config_value(node.name.name)
            if holder is not None and holder.kind in ("module", "service", "file"):
                return None
        of = self.facts.types.get(id(node.value))
        return None if of is None else self.field(of, node.name.name)

    def _argument(self, node: ast.Argument, above: ast.Node | None) -> Target | None:
        if node.name is None or above is None:
            return None
        fact: CallFact | None = self.facts.calls.get(id(above)) or self.facts.annotations.get(id(above))
        return None if fact is None else self.argument(fact.signature, node.name.name)

    def argument(self, signature: Signature, name: str) -> Target | None:
        """A parameter, as a caller names it."""
        param = next((each for each in signature.params if each.name == name), None)
        if param is None:
            return None
        node = self._declaration(signature)
        declared = next((each for each in getattr(node, "params", ()) if each.name.name == name), None)
        place = None if declared is None else Span(signature.file, declared.name.start, declared.name.end)
        key = ("param", signature.file, signature.name.rpartition(":")[2], name)
        return Target("argument", name, key, place, declared, None, None, param.type, param.doc)

    def config_value(self, name: str) -> Target | None:
        """A value of the configuration, declared in the file or in any that it imports."""
        for file in (self.snapshot.file, *self.snapshot.program.files.values()):
            for item in file.tree.items if file is not None else ():
                for field in item.fields if isinstance(item, ast.Config) else ():
                    if field.name.name == name and file is not None:
                        of = self.facts.type_exprs.get(id(field.type))
                        place = Span(file.path, field.name.start, field.name.end)
                        key = ("config value", name)
                        return Target("config value", name, key, place, field, None, None, of, field.doc)
        return None

    def field(self, of: Type, name: str) -> Target | None:
        """A field of a record that is declared under a name."""
        for each in _records(of):
            found = next((field for field in each.fields if field.name == name), None)
            if found is None:
                continue
            declared = self.type_of_name(each.name) if each.name else None
            node = declared.node if declared is not None else None
            if isinstance(node, ast.TypeDecl) and isinstance(node.type, ast.RecordType) and declared is not None:
                field = next((field for field in node.type.fields if field.name.name == name), None)
                if field is not None and declared.place is not None:
                    file = declared.place.file
                    place = Span(file, field.name.start, field.name.end)
                    key = ("field", file, node.name.name, name)
                    return Target("field", name, key, place, field, None, None, found.type, field.doc)
            return Target("field", name, ("field", "", each.name, name), None, None, None, None, found.type)
        return None

    def _declared_field(self, node: ast.Field, chain: list[ast.Node]) -> Target | None:
        name = node.name.name
        place = Span(self.path, node.name.start, node.name.end)
        of = self.facts.type_exprs.get(id(node.type))
        if isinstance(chain[-3], ast.Config):
            return Target("config value", name, ("config value", name), place, node, None, None, of, node.doc)
        holder = chain[-4] if len(chain) > 3 else None
        owner = holder.name.name if isinstance(holder, ast.TypeDecl) else f"@{chain[-3].start}"
        return Target("field", name, ("field", self.path, owner, name), place, node, None, None, of, node.doc)

    # ---- types

    def _type(self, name: str) -> Target | None:
        head, dot, rest = name.partition(".")
        symbol = self._names().get(head)
        if not dot or symbol is None:
            return None if symbol is None else self._symbol(symbol)
        if symbol.kind == "file":
            other = self.snapshot.program.files.get(symbol.qualified)
            found = other.names.get(rest) if other is not None else None
            return None if found is None else self._symbol(found)
        return self._in_library(f"{LIBRARY}{symbol.qualified}.flow", rest, "type")

    def type_of_name(self, name: str) -> Target | None:
        """A declared type by the name that a record carries."""
        for file in (self.snapshot.file, *self.snapshot.program.files.values()):
            symbol = file.names.get(name) if file is not None else None
            if symbol is not None and symbol.kind == "type":
                return self._symbol(symbol)
        for module in bundled.names("stdlib"):
            found = self._in_library(f"{LIBRARY}{module}", name, "type") if module.endswith(".flow") else None
            if found is not None:
                return found
        return None

    # ---- what is declared

    def _symbol(self, symbol: Symbol) -> Target | None:
        node = symbol.node
        if symbol.kind == "config":
            return None
        if symbol.kind == "broken" or node is None:
            return None
        ident = _ident(node, symbol.name)
        place = Span(symbol.file, ident.start, ident.end)
        signature = self.facts.signatures.get(id(node))
        doc = getattr(node, "doc", "")
        if symbol.kind == "module":
            doc = library_file(f"{LIBRARY}{symbol.qualified}.flow")[1].doc
        elif symbol.kind == "file" and symbol.qualified in self.snapshot.program.files:
            doc = self.snapshot.program.files[symbol.qualified].tree.doc
        of = declared_type(self.facts, node)
        return Target(symbol.kind, symbol.name, self._key(symbol), place, node, symbol, signature, of, doc)

    def _key(self, symbol: Symbol) -> Key:
        node = symbol.node
        if isinstance(node, ITEMS) and symbol.kind not in ("let", "step"):
            return ("item", symbol.file, symbol.name)
        if isinstance(node, ast.Import):
            return ("import", symbol.file, symbol.name)
        if isinstance(node, ast.Param):
            file = self.snapshot.program.files.get(symbol.file)
            for item in file.tree.items if file is not None else ():
                if any(node is param for param in getattr(item, "params", ())):
                    return ("param", symbol.file, item.name.name, symbol.name)  # type: ignore[union-attr]
        return ("local", symbol.file, id(node))

    def _called(self, signature: Signature | None, service: str | None = None) -> Target | None:
        if signature is None:
            return None
        if not signature.file.startswith(LIBRARY):
            file = self.snapshot.program.files.get(signature.file)
            name = signature.name.rpartition(":")[2]
            symbol = file.names.get(name) if file is not None else None
            return None if symbol is None else self._symbol(symbol)
        name = signature.name.rpartition(".")[2]
        found = self._in_library(signature.file, name, signature.kind)
        place, node = (None, None) if found is None else (found.place, found.node)
        key = ("library", signature.kind, signature.name)
        kind = "operation" if service is not None else signature.kind
        return Target(kind, name.removeprefix("is_"), key, place, node, None, signature, None, signature.doc)

    def _declaration(self, signature: Signature) -> ast.Node | None:
        if signature.node is not None and not signature.file.startswith(LIBRARY):
            return signature.node
        found = self._in_library(signature.file, signature.name.rpartition(".")[2], signature.kind)
        return None if found is None else found.node

    def _in_library(self, file: str, name: str, kind: str) -> Target | None:
        """What a file of the standard library declares."""
        for item in library_file(file)[1].items:
            ident = getattr(item, "name", None)
            if isinstance(ident, ast.Ident) and ident.name in (name, f"is_{name}"):
                place = Span(file, ident.start, ident.end)
                return Target(kind, name, ("library", kind, file, name), place, item, doc=getattr(item, "doc", ""))
        return None


def _ident(node: ast.Node, name: str) -> ast.Node:
    """The word that declares a name in a node."""
    if isinstance(node, ast.Import):
        return node.alias or node.target
    for each in (getattr(node, "name", None), getattr(node, "binding", None), *getattr(node, "names", ())):
        if isinstance(each, ast.Ident) and each.name == name:
            return each
    return node


def _records(of: Type) -> Iterator[RecordOf]:
    """The records in a type, also in a list or map of them, for `map(attribute=…)` and the like."""
    for each in members(of):
        inner = each.inner if isinstance(each, Secret) else each
        inner = inner.item if isinstance(inner, List) else inner.value if isinstance(inner, Map) else inner
        for found in members(reveal(inner)):
            if isinstance(found, RecordOf):
                yield found

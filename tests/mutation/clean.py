"""A clean file with its tree and facts, and the edits that put one fault into it.

A seed writes the new text of an edit with the fault between `⟦` and `⟧`; an edit without marks is the fault as a whole.
`at` names nodes of the old text that are the fault too, such as the other one of two that clash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import read_file
from flowlang.semantics.facts import CallFact, Program
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.types import model

if TYPE_CHECKING:
    from flowlang.types.model import Type

N = TypeVar("N", bound=ast.Node)
Edit = tuple[int, int, str]
Span = tuple[int, int]
BLOCKS = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)
_MARKS = re.compile("[⟦⟧]")


class Change:
    """One fault to be: edits of the clean text, and which old places are part of the fault."""

    __slots__ = ("at", "edits")

    def __init__(self, edits: list[Edit], at: list[Span]) -> None:
        self.edits = sorted(edits)
        self.at = at

    def apply(self, text: str) -> tuple[str, list[Span]]:
        """Give the faulty text and the places of the fault in it."""
        parts: list[str] = []
        spots: list[Span] = []
        done = length = 0
        moved: list[tuple[int, int]] = []
        for start, end, marked in self.edits:
            new, inner = _unmark(marked)
            parts += [text[done:start], new]
            length += start - done
            spots += [(length + a, length + b) for a, b in inner] or ([] if self.at else [(length, length + len(new))])
            length += len(new)
            moved.append((end, len(new) - (end - start)))
            done = end
        parts.append(text[done:])
        for start, end in self.at:
            by = sum(shift for place, shift in moved if place <= start)
            grown = sum(shift for place, shift in moved if start < place <= end)
            spots.append((start + by, end + by + grown))
        return "".join(parts), spots


def _unmark(marked: str) -> tuple[str, list[Span]]:
    found: list[Span] = []
    opened: list[int] = []
    length = 0
    for part in re.split("([⟦⟧])", marked):
        if part == "⟦":
            opened.append(length)
        elif part == "⟧":
            found.append((opened.pop(), length))
        else:
            length += len(part)
    return _MARKS.sub("", marked), found


class Clean:
    """A file without findings, and questions about it that seeds ask."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self.text = read_file(str(path))
        self.program = self.check(self.text)
        self.facts = self.program.facts
        self.source = Source(name, self.text)
        self.tree = self.program.files[str(path)].tree
        self.nodes: list[ast.Node] = []
        self._parents: dict[int, ast.Node] = {}
        self._walk(self.tree)
        self.nodes.sort(key=lambda node: (node.start, -node.end))

    def check(self, text: str) -> Program:
        """Check another text in the place of this file."""

        def read(wanted: str) -> str:
            return text if wanted == str(self.path) else read_file(wanted)

        return check(str(self.path), read)

    def _walk(self, node: ast.Node) -> None:
        self.nodes.append(node)
        for part in _children(node):
            self._parents[id(part)] = node
            self._walk(part)

    # ---- the tree

    def all(self, kind: type[N]) -> list[N]:
        """The nodes of a class, in the order of the text."""
        return [node for node in self.nodes if type(node) is kind]

    def parent(self, node: ast.Node) -> ast.Node | None:
        return self._parents.get(id(node))

    def above(self, node: ast.Node) -> Iterator[ast.Node]:
        """What encloses a node, nearest first."""
        up = self.parent(node)
        while up is not None:
            yield up
            up = self.parent(up)

    def inside(self, node: ast.Node, *kinds: type[ast.Node]) -> bool:
        return any(isinstance(each, kinds) for each in self.above(node))

    def within(self, root: ast.Node, kind: type[N]) -> list[N]:
        """The nodes of a class below another."""
        return [node for node in self.all(kind) if any(each is root for each in self.above(node))]

    def spelling(self, node: ast.Node) -> str:
        return self.text[node.start : node.end]

    def is_item(self, node: ast.Node) -> bool:
        return isinstance(self.parent(node), ast.File)

    def is_free(self, name: str) -> bool:
        """Whether a word does not occur in the text."""
        return re.search(rf"\b{name}\b", self.text) is None

    # ---- the facts

    def type(self, node: ast.Node) -> Type | None:
        return self.facts.types.get(id(node))

    def kind_of(self, node: ast.Node) -> str:
        """What a name stands for: step, param, let, loop …"""
        symbol = self.facts.symbols.get(id(node))
        return symbol.kind if symbol is not None else ""

    def declaration(self, node: ast.Node) -> ast.Node | None:
        symbol = self.facts.symbols.get(id(node))
        return symbol.node if symbol is not None else None

    def fact(self, node: ast.Node) -> CallFact | None:
        return self.facts.calls.get(id(node))

    def effect(self, node: ast.Node) -> ast.Call | None:
        """The action call at the head of a step."""
        return self.facts.effects.get(id(node))

    def steps(self) -> list[ast.Step | ast.Do]:
        return [node for node in self.nodes if isinstance(node, (ast.Step, ast.Do))]

    def calls(self, *methods: str) -> list[tuple[ast.Step | ast.Do, ast.Call]]:
        """Steps that call an action with one of these last names (`post`), or any HTTP action."""
        wanted = methods or ("get", "head", "post", "put", "patch", "delete")
        found = []
        for step in self.steps():
            call = self.effect(step)
            fact = self.fact(call) if call is not None else None
            if call is not None and fact is not None and fact.signature.name.rpartition(".")[2] in wanted:
                found.append((step, call))
        return found

    def blocks(self, kind: type[ast.Node]) -> list[ast.Step | ast.Do]:
        """Steps that are a block of a class."""
        return [step for step in self.steps() if isinstance(step.value, kind)]

    def pure_steps(self) -> list[ast.Step]:
        return [step for step in self.all(ast.Step) if self.effect(step) is None and not isinstance(step.value, BLOCKS)]

    def imports(self, module: str) -> bool:
        return any(each.target.name == module for each in self.all(ast.Import))

    def flows(self) -> list[ast.FlowDecl]:
        return self.all(ast.FlowDecl)

    def flow_of(self, node: ast.Node) -> ast.FlowDecl | None:
        return next((each for each in self.above(node) if isinstance(each, ast.FlowDecl)), None)

    def return_of(self, flow: ast.FlowDecl) -> ast.Return | None:
        return next((each for each in flow.body.statements if isinstance(each, ast.Return)), None)

    def names_of(self, kind: str) -> list[ast.Name]:
        """Uses of names of a kind, those left out that are a key of a map too."""
        return [node for node in self.all(ast.Name) if self.kind_of(node) == kind and not self.is_shorthand(node)]

    def is_shorthand(self, node: ast.Node) -> bool:
        parent = self.parent(node)
        return isinstance(parent, ast.Entry) and parent.key.start == parent.value.start

    def filled(self, kind: type) -> list[ast.Expr]:
        """Arguments of calls whose parameter is of a type, in bare positions."""
        found: list[ast.Expr] = []
        for fact in self.facts.calls.values():
            found += [
                value
                for parameter, value in fact.arguments
                if value is not None and isinstance(bare(parameter.type), kind) and self.is_here(value)
            ]
        return sorted(found, key=lambda node: node.start)

    def is_lone(self, node: ast.Node) -> bool:
        """Whether a name below a node occurs nowhere else, so that without the node nothing would use what it names."""
        inside = [node, *self.within(node, ast.Name)]
        names = [each.name for each in self.all(ast.Name)]
        return any(isinstance(each, ast.Name) and names.count(each.name) == 1 for each in inside)

    def is_here(self, node: ast.Node) -> bool:
        """Whether a node is of this file, and not a default in another's."""
        return id(node) in self._parents

    def annotations(self, name: str) -> list[ast.Annotation]:
        return [node for node in self.all(ast.Annotation) if node.name.name == name]

    def has(self, step: ast.Node, name: str) -> bool:
        """Whether a statement or item bears an annotation."""
        return any(each.name.name == name for each in getattr(step, "annotations", ()))

    def argument(self, owner: ast.Node, name: str) -> ast.Argument | None:
        for each in getattr(owner, "arguments", ()):
            if each.name is not None and each.name.name == name:
                return each  # type: ignore[no-any-return]
        return None

    def service(self, call: ast.Call) -> ast.ServiceDecl | None:
        """The service that a call goes to, if this file declares it."""
        fact = self.fact(call)
        if fact is None or fact.service is None:
            return None
        return next((each for each in self.all(ast.ServiceDecl) if each.name.name == fact.service), None)

    # ---- edits

    def change(self, *edits: tuple[ast.Node | int | Span, str], at: Iterable[ast.Node | Span] = ()) -> Change:
        """Replace nodes or spans, insert at offsets."""
        return Change([(*_span(place), new) for place, new in edits], [_span(place) for place in at])

    def swap(self, place: ast.Node, old: str, new: str) -> Change:
        """Replace a part of a node's text."""
        start = self.text.index(old, place.start, place.end)
        return self.change(((start, start + len(old)), new))

    def annotate(self, step: ast.Step | ast.Do | ast.FlowDecl, annotation: str) -> Change:
        """Put an annotation before a statement or flow, in the place of one of the same name."""
        name = re.sub("[⟦⟧@]", "", annotation).partition("(")[0]
        for each in step.annotations:
            if each.name.name == name:
                return self.change((each, annotation))
        return self.change((step.start, annotation + "\n"))

    def statement(self, flow: ast.FlowDecl, text: str, at: Iterable[ast.Node] = ()) -> Change:
        """Put a statement before a flow's `return`, or at its end."""
        back = self.return_of(flow)
        if back is not None:
            return self.change((back.start, text + "\n  "), at=at)
        return self.change((flow.body.end - 1, "\n  " + text + "\n"), at=at)

    def lines(self, flow: ast.FlowDecl, text: str) -> Change:
        """Put statements into a flow; those that make a value, `step used = …`, into one that returns it."""
        before, used, value = text.partition("step used = ")
        if not used:
            return self.statement(flow, text)
        return self.item(f"flow spare_flow() -> any {{\n  {before}return {value}\n}}")

    def first(self, flow: ast.FlowDecl, text: str) -> Change:
        """Put a statement at a flow's top, behind its triggers."""
        place = max((each.end for each in flow.triggers), default=flow.body.start + 1)
        return self.change((place, "\n  " + text + "\n"))

    def item(self, text: str, at: Iterable[ast.Node] = ()) -> Change:
        """Put an item at the end of the file."""
        return self.change((len(self.text), "\n" + text + "\n"), at=at)

    def clause(self, step: ast.Step | ast.Do, text: str) -> Change:
        """Put a clause where the order of clauses wants it."""
        order = ["after", "when", "until", "ensure", "catch", "undo"]
        rank = order.index(re.sub("[⟦⟧]", "", text).split()[0])
        place = step.value.end
        if isinstance(step.value, ast.Node) and step.clauses:
            before = [each for each in step.clauses if order.index(type(each).__name__.lower()) <= rank]
            place = before[-1].end if before else self._value_end(step)
        else:
            place = step.end
        return self.change((place, "\n    " + text))

    def _value_end(self, step: ast.Step | ast.Do) -> int:
        """The end of a step's value with its closing parentheses."""
        return len(self.text[: step.clauses[0].start].rstrip()) if step.clauses else step.end


def bare(type_: Type) -> Type:
    """A type without `secret[…]` and without `?`."""
    if isinstance(type_, model.Secret):
        return bare(type_.inner)
    if isinstance(type_, model.Union):
        rest = [each for each in type_.members if not isinstance(each, model.NoneType)]
        if len(rest) == 1:
            return bare(rest[0])
    return type_


def is_optional(type_: Type | None) -> bool:
    return isinstance(type_, model.Union) and any(isinstance(each, model.NoneType) for each in type_.members)


def literals(type_: Type | None) -> list[str]:
    """The texts that a union of literals holds; none if it is another type."""
    members = type_.members if isinstance(type_, model.Union) else (type_,)
    if all(isinstance(each, model.LiteralOf) and each.kind == "string" for each in members):
        return [str(each.value) for each in members if isinstance(each, model.LiteralOf)]
    return []


def _span(place: ast.Node | int | Span) -> Span:
    if isinstance(place, int):
        return place, place
    if isinstance(place, ast.Node):
        return place.start, place.end
    return place


def _children(node: ast.Node) -> Iterator[ast.Node]:
    for field in type(node)._fields[2:]:
        value = getattr(node, field)
        if isinstance(value, ast.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (each for each in value if isinstance(each, ast.Node))

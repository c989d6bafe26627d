"""What holds around calls, blocks and flows, read from the tree and the facts about it.

No plan is made: one mistake anywhere in a program leaves none, and what holds around a call hangs on the annotations
around it alone. An annotation with a mistake in it, or in a constant that it names, counts as absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.lower.errors import LoweringError
from flowlang.compiler.lower.expressions import Expressions
from flowlang.compiler.lower.policies import FOR_WIDTH, Layer, PolicyLowering, action_layer, effect_of
from flowlang.compiler.lower.steps import action_name
from flowlang.compiler.lower.tables import Tables
from flowlang.lsp.library import LIBRARY
from flowlang.lsp.meaning import children
from flowlang.render.durations import duration
from flowlang.render.policies import PolicyLine, policy_lines
from flowlang.render.text import plural
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.snapshot import Snapshot
    from flowlang.plan.nodes import Expr
    from flowlang.semantics.facts import CallFact

BLOCKS: Final = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)
_HOLDERS: Final = (*BLOCKS, ast.Body, ast.Step, ast.Do, ast.Branch, ast.Case, ast.Catch, ast.Undo)


def steps(flow: ast.FlowDecl) -> Iterator[list[ast.Node]]:
    """Each step and `do` of a flow, behind the nodes around it, outermost first."""
    waiting: list[list[ast.Node]] = [[flow]]
    while waiting:
        chain = waiting.pop()
        if isinstance(chain[-1], (ast.Step, ast.Do)):
            yield chain
        inside = [[*chain, each] for each in children(chain[-1]) if isinstance(each, _HOLDERS)]
        waiting += reversed(inside)


class InForce:
    """The policies of one file. A chain is a flow, what stands around a node in it, and that node."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.facts = snapshot.facts
        self.tables = Tables(snapshot.program)
        self.written = _AsWritten(self.tables)
        self.policies = PolicyLowering(self.written)
        self._errors = [each.span for each in snapshot.program.diagnostics if each.severity == "error"]

    def of_call(self, chain: list[ast.Node]) -> list[PolicyLine]:
        """What holds around the call of the step at the end of a chain, without what only bounds it from outside."""
        step = chain[-1]
        head = self.facts.effects.get(id(step))
        fact = None if head is None else self.facts.calls.get(id(head))
        if fact is None or fact.signature.kind == "flow":
            return []
        assert isinstance(step, (ast.Step, ast.Do))
        declared = action_layer(fact.signature)
        if not fact.signature.file.startswith(LIBRARY):
            declared = self._layer(declared.origin, declared.annotations, fact.signature.file)
        action = action_name(fact)
        layers = (self._layer("step", step.annotations), *self._around(chain, fact), declared)
        try:
            policies = self.policies.of_call(layers, action, effect_of(action, declared))
        except LoweringError:  # an argument that is no constant, which is said where it stands
            return []
        return [line for line in policy_lines(policies) if line.origin]

    def of_service(self, service: ast.ServiceDecl, file: str) -> list[PolicyLine]:
        """What holds around calls of a service of which nothing else is said, neither there nor around them."""
        layer = self._layer(f"service {service.name.name}", service.annotations, file)
        try:
            policies = self.policies.of_call((layer,), action="", effect="write")
        except LoweringError:
            return []
        return [line for line in policy_lines(policies) if line.origin]

    def bounds(self, chain: list[ast.Node]) -> list[PolicyLine]:
        """The deadlines and widths of what stands at the end of a chain and around it, nearest first."""
        step = chain[-1]
        found: list[PolicyLine] = []
        if isinstance(step, (ast.Step, ast.Do)) and not isinstance(step.value, BLOCKS):
            head = self.facts.effects.get(id(step))
            fact = None if head is None else self.facts.calls.get(id(head))
            if fact is not None and fact.signature.kind == "flow":
                found += self._bounds(self._layer("step", step.annotations), None)
            chain = chain[:-1]
        for layer, node in self._enclosing(chain):
            found += self._bounds(self._layer(layer.origin, layer.annotations, encloses=True), node)
        return found

    def _bounds(self, layer: Layer, node: ast.Node | None) -> Iterator[PolicyLine]:
        try:
            deadline, width = self.policies.deadline(layer), self.policies.width(layer)
        except LoweringError:
            return
        if deadline is not None:
            yield PolicyLine(f"deadline {duration(deadline)}", f"deadline {duration(deadline)}", layer.origin)
        if isinstance(node, ast.FlowDecl) and width is not None:
            words = f"{plural(width, 'run')} at once"
            yield PolicyLine(words, words, layer.origin)
        elif isinstance(node, (ast.For, ast.Parallel)) and (width is not None or isinstance(node, ast.For)):
            words = f"{width or FOR_WIDTH} at once"
            yield PolicyLine(words, words, layer.origin if width is not None else f"{layer.origin}, default")

    # ---- layers

    def _around(self, chain: list[ast.Node], fact: CallFact) -> list[Layer]:
        """Blocks inside out, then the service, then the flow."""
        enclosing = self._enclosing(chain[:-1])
        around = [self._layer(layer.origin, layer.annotations, encloses=True) for layer, _ in enclosing]
        declared = self.tables.declared.services.get(fact.service or "")
        if declared is not None:
            service, file = declared
            around.insert(-1, self._layer(f"service {fact.service}", service.annotations, file.path))
        return around

    def _enclosing(self, chain: list[ast.Node]) -> Iterator[tuple[Layer, ast.Node]]:
        """The blocks and the flow that a chain ends in or leads through, inside out. A clause of a block is not in
        the block.
        """
        inner: ast.Node | None = None
        for node in reversed(chain):
            if isinstance(node, ast.FlowDecl):
                yield Layer("flow", node.annotations), node
            elif (
                isinstance(node, (ast.Step, ast.Do)) and isinstance(node.value, BLOCKS) and inner in (None, node.value)
            ):
                yield Layer(f"block {self.facts.keys.get(id(node), '')}".strip(), node.annotations), node.value
            inner = node

    def _layer(
        self, origin: str, annotations: tuple[ast.Annotation, ...], file: str | None = None, encloses: bool = False
    ) -> Layer:
        """A layer of those annotations of a file that are without mistakes."""
        path = self.snapshot.path if file is None else file
        sound = tuple(each for each in annotations if self._is_sound(each, path))
        for each in sound:
            self.written.note(each, self.tables.program.files[path].source.text)
        return Layer(origin, sound, encloses)

    def _is_sound(self, annotation: ast.Annotation, file: str) -> bool:
        if id(annotation) not in self.facts.annotations:
            return False
        seen: set[int] = set()
        waiting: list[tuple[ast.Node, str]] = [(annotation, file)]
        while waiting:
            node, path = waiting.pop()
            if self._has_error(node, path):
                return False
            for name in _names(node):
                symbol = self.facts.symbols.get(id(name))
                if symbol is not None and isinstance(symbol.node, ast.Let) and id(symbol.node) not in seen:
                    seen.add(id(symbol.node))
                    waiting.append((symbol.node, symbol.file))
        return True

    def _has_error(self, node: ast.Node, file: str) -> bool:
        start, end = node.start, node.end
        if file == self.snapshot.path:
            start, end = self.snapshot.to_text(start), self.snapshot.to_text(end)
        return any(each.file == file and each.start < end and each.end > start for each in self._errors)


class _AsWritten(Expressions):
    """Keys and meters as they are written: of what may hold mistakes nothing else can be told."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._texts: dict[int, str] = {}

    def note(self, annotation: ast.Annotation, text: str) -> None:
        """Remember how the arguments of an annotation are written."""
        for each in annotation.arguments:
            self._texts[id(each.value)] = " ".join(text[each.value.start : each.value.end].split())

    def lower(self, node: ast.Expr, head: ast.Call | None = None) -> Expr:
        return ["ref", self._texts.get(id(node), "…")]


def _names(node: ast.Node) -> Iterator[ast.Name]:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            yield each
        waiting += children(each)

"""Statements and blocks as plan nodes: keys, needs, clauses, scopes, and where each stands.

A body becomes a `Scope`; the annotations around it travel inward as layers, nearest first. The order of needs is the
order of the source, so that one text gives one plan whatever the hash seed.
"""

from __future__ import annotations

from flowlang.compiler.lower.checks import Checks
from flowlang.compiler.lower.expressions import Expressions, holds_secret
from flowlang.compiler.lower.policies import FOR_WIDTH, Layer, PolicyLowering, action_layer, effect_of
from flowlang.plan import nodes
from flowlang.plan.walk import inner_scopes, place_key, refs, scope_expressions, step_expressions
from flowlang.record import Record
from flowlang.semantics.infer.blocks import yielded
from flowlang.syntax import ast
from flowlang.types.edge import leaving, needs_edge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.compiler.lower.tables import Tables
    from flowlang.plan.nodes import Expr
    from flowlang.semantics.facts import CallFact, CheckedFile
    from flowlang.types.model import Type

    Action = (
        nodes.Call
        | nodes.FlowCall
        | nodes.Pure
        | nodes.IfBlock
        | nodes.MatchBlock
        | nodes.ForBlock
        | nodes.ParallelBlock
        | nodes.RaceBlock
        | nodes.RepeatBlock
    )

LINE: int = 300  # characters of a source line that a plan keeps for messages


class Around(Record):
    """What encloses a statement: the static path before its key, and the layers of annotations, inside out."""

    __slots__ = ()

    path: str
    layers: tuple[Layer, ...]


class Steps:
    """Lowers the statements of one flow; places and docs are collected on the way."""

    def __init__(self, tables: Tables, flow: str, file: CheckedFile) -> None:
        self.tables = tables
        self.facts = tables.facts
        self.flow = flow
        self.file = file
        self.expressions = Expressions(tables)
        self.policies = PolicyLowering(self.expressions)
        self.checks = Checks(self.expressions, file.source)
        self.places: dict[str, nodes.Place] = {}
        self.docs: dict[str, str] = {}

    # ---- scopes

    def scope(self, body: ast.Body, around: Around, sequential: bool = False, record: bool = False) -> nodes.Scope:
        """Lower a body. `record`: without a yield its value is the record of its named steps."""
        found: list[nodes.Step] = []
        lets: list[nodes.LetNode] = []
        end: ast.Yield | ast.Return | None = None
        for statement in body.statements:
            match statement:
                case ast.Step() | ast.Do():
                    found.append(self.step(statement, around))
                case ast.Let():
                    value = self.expressions.lower(statement.value)
                    lets.append(nodes.LetNode(statement.name.name, value, self.needs(statement)))
                case ast.Yield() | ast.Return():
                    end = statement
        named = tuple(step.name for step in found if step.name is not None)
        after = end.next if isinstance(end, ast.Yield) else None
        return nodes.Scope(
            nodes=tuple(found),
            lets=tuple(lets),
            value=None if end is None else self.expressions.lower(end.value),
            next=self.expressions.maybe(after),
            record=named if record and end is None else None,
            sequential=sequential,
            yields=end is not None,
        )

    def needs(self, statement: ast.Node) -> tuple[str, ...]:
        """The keys that a statement waits for, in the order of the source."""
        needed = sorted(self.facts.needs.get(id(statement), ()), key=lambda node: node.start)
        return tuple(dict.fromkeys(self.facts.keys[id(node)] for node in needed))

    # ---- steps

    def step(self, node: ast.Step | ast.Do, around: Around) -> nodes.Step:
        """Lower a step or a `do` with its clauses."""
        key = self.facts.keys[id(node)]
        path = around.path + key
        self._place(node, path)
        own = Layer("step", node.annotations)
        action, policies = self.action(node, own, around, path)
        when, poll, ensures, catches, undo = _clauses(node)
        handlers = self.handlers(catches, f"{path}.", around.layers)
        undone = None if undo is None else self.scope(undo.body, Around(f"{path}.undo.", around.layers))
        name = node.name.name if isinstance(node, ast.Step) else None
        is_block = not isinstance(action, nodes.Call | nodes.Pure)
        if is_block and poll is not None:  # the deadline is that of one round
            policies = policies.replace(total=self.policies.total(own))
        found = nodes.Step(
            key=key,
            name=name,
            action=action,
            needs=self.needs(node),
            when=None if when is None else self.expressions.lower(when.condition),
            poll=None if poll is None else self._poll(poll),
            checks=self.checks.lower(ensures),
            handlers=handlers,
            undo=undone,
            undo_uses_value=undone is not None and name is not None and name in _reads(undone),
            type=self.expressions.check(node.value),
            written=self._written(node),
            policies=policies,
            deadline=self.policies.deadline(own) if is_block else None,
        )
        return found.replace(has_effect=_has_effect(found))

    def action(self, node: ast.Step | ast.Do, own: Layer, around: Around, path: str) -> tuple[Action, nodes.Policies]:
        value = node.value
        if not isinstance(value, _BLOCKS):
            head = self.facts.effects.get(id(node))
            if head is not None:
                return self.call(node, value, head, own, around)
            journaled = self.expressions.calls_python(value) and not self._is_secret(node)
            return nodes.Pure(self._value(value, None), journaled), self._plain(own)
        block = Around(path, (own.replace(origin=f"block {path}", encloses=True), *around.layers))
        return self.block(value, own, block), self._plain(own)

    def _is_secret(self, node: ast.Step | ast.Do) -> bool:
        """Whether the step's value is a secret, by its declared type or by what it is made of."""
        declared = node.type if isinstance(node, ast.Step) else None
        return self._holds_secret(node.value) or (
            declared is not None and holds_secret(self.facts.type_exprs[id(declared)])
        )

    def _holds_secret(self, value: ast.Expr | ast.Block) -> bool:
        of = self.facts.types.get(id(value))
        return of is not None and holds_secret(of)

    def _plain(self, own: Layer) -> nodes.Policies:
        """The policies of a step without a call."""
        return nodes.Policies(fail_fast=self.policies.fail_fast(own))

    def _value(self, value: ast.Expr, head: ast.Call | None) -> Expr:
        """A step's value; the check against its own type is the step's (`Step.type`), after the call."""
        return self.expressions.outward(value, self.expressions.raw(value, head))

    def _written(self, node: ast.Step | ast.Do) -> tuple[int, ...]:
        """The types of what is text once the value is checked: where a block's enters its declared type, and where the
        step's is one of several.
        """
        found: list[Type] = []
        given = self.expressions.type_of(node.value)
        declared = self.facts.coercions.get(id(node.value), given)
        if isinstance(node.value, _BLOCKS):
            found.append(leaving(given, declared))
        whole = self.facts.coercions.get(id(node))
        if whole is not None:
            found.append(leaving(declared, whole))
        return tuple(self.tables.type(of) for of in found if needs_edge(of))

    def call(
        self, node: ast.Step | ast.Do, value: ast.Expr, head: ast.Call, own: Layer, around: Around
    ) -> tuple[Action, nodes.Policies]:
        """Lower a step around its one action or flow call."""
        fact = self.facts.calls[id(head)]
        signature = fact.signature
        arguments = tuple((param.name, self.expressions.argument(param, given)) for param, given in fact.arguments)
        projected = self._value(value, head)
        projection = None if projected == ["result"] else projected
        if signature.kind == "flow":
            return nodes.FlowCall(self.tables.want("flow", signature.name), arguments, projection), self._plain(own)
        declared = action_layer(signature)
        action = action_name(fact)
        effect = effect_of(action, declared)
        layers = (own, *self._around(around, fact.service), declared)
        policies = self.policies.of_call(layers, action, effect)
        found = nodes.Call(
            action=action,
            target=signature.target if signature.body == "python" else None,
            arguments=arguments,
            service=None if fact.service is None else self.tables.want("service", fact.service),
            effect=effect,
            volatile=self._is_secret(node),
            projection=projection,
            type=self.tables.type(fact.result),
        )
        return found, policies

    def _around(self, around: Around, service: str | None) -> tuple[Layer, ...]:
        """Blocks inside out, then the service, then the flow."""
        if service is None:
            return around.layers
        node, _ = self.tables.declared.services[service]
        *blocks, flow = around.layers
        return (*blocks, Layer(f"service {service}", node.annotations), flow)

    # ---- blocks

    def block(self, node: ast.Block, own: Layer, inside: Around) -> Action:
        """Lower a block; `inside` is what encloses its statements."""
        lower = self.expressions.lower
        match node:
            case ast.If(branches=branches, otherwise=otherwise):
                labels = ["then", *(f"elif{i}" for i in range(1, len(branches)))]
                scopes = [
                    (lower(branch.condition), self._inner(branch.body, inside, f".{label}."))
                    for label, branch in zip(labels, branches, strict=True)
                ]
                return nodes.IfBlock(tuple(scopes), self._otherwise(otherwise, inside))
            case ast.Match(subject=subject, cases=cases, otherwise=otherwise):
                lowered = [
                    (tuple(lower(value) for value in case.values), self._inner(case.body, inside, f".case{i}."))
                    for i, case in enumerate(cases)
                ]
                return nodes.MatchBlock(lower(subject), tuple(lowered), self._otherwise(otherwise, inside))
            case ast.For(names=names, iterable=iterable, body=body):
                width = self.policies.width(own) or FOR_WIDTH
                bound = tuple(n.name for n in names)
                return nodes.ForBlock(bound, lower(iterable), len(bound) == 2, self._inner(body, inside, "[]."), width)
            case ast.Parallel(body=body):
                return nodes.ParallelBlock(self.scope(body, _at(inside, "."), record=True), self.policies.width(own))
            case ast.Sequence(body=body):
                return nodes.ParallelBlock(self.scope(body, _at(inside, "."), sequential=True, record=True), 1)
            case ast.Race(body=body):
                return nodes.RaceBlock(self._inner(body, inside, "."))
            case ast.Repeat(name=name, initial=initial, body=body):
                return nodes.RepeatBlock(
                    name.name, lower(initial), self._inner(body, inside, "[]."), self.policies.rounds(own)
                )

    def _inner(self, body: ast.Body, inside: Around, suffix: str) -> nodes.Scope:
        return self.scope(body, _at(inside, suffix))

    def _otherwise(self, body: ast.Body | None, inside: Around) -> nodes.Scope | None:
        return None if body is None else self._inner(body, inside, ".else.")

    # ---- clauses

    def _poll(self, node: ast.Until) -> nodes.Poll:
        every = ["lit", 1_000_000] if node.every is None else self.expressions.lower(node.every)
        return nodes.Poll(self.expressions.lower(node.condition), every, self.expressions.maybe(node.limit))

    def handlers(self, catches: list[ast.Catch], path: str, layers: tuple[Layer, ...]) -> tuple[nodes.Handler, ...]:
        """Lower `catch` clauses; `path` is what stands before `catch0`."""
        return tuple(
            nodes.Handler(
                kinds=tuple(kind.name for kind in catch.kinds),
                binding=None if catch.binding is None else catch.binding.name,
                condition=self.expressions.maybe(catch.condition),
                body=self.scope(catch.body, Around(f"{path}catch{i}.", layers)),
                volatile=any(self._holds_secret(each) for each in yielded([catch.body])),
            )
            for i, catch in enumerate(catches)
        )

    # ---- places

    def _place(self, node: ast.Step | ast.Do, path: str) -> None:
        start = node.name.start if isinstance(node, ast.Step) else node.value.start
        self.places[place_key(self.flow, path)] = self.place(start, node.value.end)
        if node.doc:
            self.docs[place_key(self.flow, path)] = node.doc

    def place(self, start: int, end: int) -> nodes.Place:
        source = self.file.source
        first, last = source.position(start), source.position(end)
        text = source.line(first.line)[:LINE].rstrip()
        return nodes.Place(self.file.path, first.line, first.column, last.line, last.column, text)


_BLOCKS = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)


def _at(around: Around, suffix: str) -> Around:
    return Around(around.path + suffix, around.layers)


def action_name(fact: CallFact) -> str:
    """'http.get' for a service's operation, 'python' for a user's action."""
    if fact.signature.body == "python":
        return "python"
    name = fact.signature.name
    return f"http.{name.rpartition('.')[2]}" if fact.service is not None else name


def _clauses(
    node: ast.Step | ast.Do,
) -> tuple[ast.When | None, ast.Until | None, list[ast.Ensure], list[ast.Catch], ast.Undo | None]:
    when: ast.When | None = None
    until: ast.Until | None = None
    undo: ast.Undo | None = None
    ensures, catches = [], []
    for clause in node.clauses:
        match clause:
            case ast.When():
                when = clause
            case ast.Until():
                until = clause
            case ast.Ensure():
                ensures.append(clause)
            case ast.Catch():
                catches.append(clause)
            case ast.Undo():
                undo = clause
    return when, until, ensures, catches, undo


def _has_effect(step: nodes.Step) -> bool:
    if isinstance(step.action, nodes.Call | nodes.FlowCall):
        return True
    return any(inner.has_effect for _, scope in inner_scopes(step) for inner in scope.nodes)


def _reads(scope: nodes.Scope) -> set[str]:
    """The names that a scope takes from its frames, at any depth."""
    found = {name for expr in scope_expressions(scope) for name in refs(expr)}
    for step in scope.nodes:
        found |= {name for expr in step_expressions(step) for name in refs(expr)}
        for _, inner in inner_scopes(step):
            found |= _reads(inner)
    return found

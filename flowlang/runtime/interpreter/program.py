"""A plan made ready to run: per scope the arrays the scheduler counts on, per step its expressions, compiled when
first used.

Programs hold nothing of a run and are shared by all runs of a plan in a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import (
    Call,
    FlowCall,
    Handler,
    Plan,
    Pure,
    RepeatBlock,
    Scope,
    Step,
)
from flowlang.plan.walk import all_expressions, inner_scopes, place_key, refs, subexpressions
from flowlang.runtime.evaluate import Evaluate, Evaluator, accepted, accepting
from flowlang.runtime.interpreter.alike import may_differ
from flowlang.runtime.interpreter.paths import Steps
from flowlang.runtime.masking import holds_secret
from flowlang.types.check import checker
from flowlang.types.model import ANY, Bool, Float, Int

if TYPE_CHECKING:
    from flowlang.plan.nodes import Expr, Flow


class PlanProgram:
    """A whole plan: its evaluator and its flows."""

    def __init__(self, plan: Plan, natives: Mapping[str, Callable[..., Any]]) -> None:
        self.plan = plan
        self.natives = natives
        self.evaluator = Evaluator(plan, natives)
        self._flows: dict[str, FlowProgram] = {}
        self._services: dict[str, ServiceProgram] = {}
        self._may_differ: bool | None = None
        self.steps = Steps(plan)

    @property
    def may_differ(self) -> bool:
        """Whether a resumed run may compute other values than before."""
        if self._may_differ is None:
            self._may_differ = may_differ(self.plan)
        return self._may_differ

    def flow(self, name: str) -> FlowProgram:
        found = self._flows.get(name)
        if found is None:
            found = self._flows[name] = FlowProgram(self, name, self.plan.flows[name])
        return found

    def service(self, name: str) -> ServiceProgram:
        found = self._services.get(name)
        if found is None:
            found = self._services[name] = ServiceProgram(self, name)
        return found


class FlowProgram:
    """One flow: its body sees its parameters. `handlers_undo`: what its handlers do may have to be undone."""

    def __init__(self, program: PlanProgram, name: str, flow: Flow) -> None:
        self.name = name
        self.flow = flow
        outer = Names({parameter.name: False for parameter in flow.parameters}, None)
        self.body = ScopeProgram(program, name, "", flow.body, None, outer.names)
        self.parameters = ScopeProgram(program, name, "", Scope((), (), None), None, outer.names)
        self.handlers = tuple(
            HandlerProgram(program, name, f"catch{i}", handler, self.parameters)
            for i, handler in enumerate(flow.handlers)
        )
        self.handlers_undo = any(handler.body.has_undo for handler in self.handlers)
        self.checks = flow.preconditions
        self._checks: list[tuple[Evaluate, Evaluate | None]] | None = None

    def preconditions(self) -> list[tuple[Evaluate, Evaluate | None]]:
        """The conditions and messages of the flow's `ensure` lines."""
        if self._checks is None:
            self._checks = [
                (self.body.compile(c.condition), None if c.message is None else self.body.compile(c.message))
                for c in self.checks
            ]
        return self._checks


class ServiceProgram:
    """A service's settings, compiled."""

    def __init__(self, program: PlanProgram, name: str) -> None:
        service = program.plan.services[name]
        nothing = Names({}, None)

        def compiled(expr: Expr | None) -> Evaluate | None:
            return None if expr is None else program.evaluator.compile(expr, nothing)

        self.name = name
        self.base_url = compiled(service.base_url)
        self.headers = compiled(service.headers)
        self.auth = compiled(service.auth)
        self.settings = [(key, program.evaluator.compile(expr, nothing)) for key, expr in service.settings]


class Names:
    """Which names a frame holds, and whether they are lets; `outer` is the frame around it."""

    __slots__ = ("names", "outer")

    def __init__(self, names: dict[str, bool], outer: Names | None) -> None:
        self.names = names
        self.outer = outer

    def resolve(self, name: str) -> tuple[int, bool]:
        """How many frames up a name is, and whether it is a let."""
        depth, at = 0, self
        while name not in at.names:
            if at.outer is None:
                raise KeyError(name)
            depth, at = depth + 1, at.outer
        return depth, at.names[name]


class ScopeProgram:
    """One scope: what a frame is made from.

    `static` is its path in the source with `[]` for any index, ending ready to take a key.
    """

    __slots__ = (
        "_lets", "_next", "_value", "flow", "has_undo", "names", "nodes", "owner", "record",
        "roots", "scope", "starts", "static", "unmet",
    )  # fmt: skip

    def __init__(
        self,
        owner: PlanProgram,
        flow: str,
        static: str,
        scope: Scope,
        outer: Names | None,
        bound: Mapping[str, bool] = {},
    ) -> None:
        self.owner = owner
        self.flow = flow
        self.static = static
        self.scope = scope
        names = dict(bound)
        for step in scope.nodes:
            if step.name is not None:
                names[step.name] = False
        for let in scope.lets:
            names[let.name] = True
        self.names = Names(names, outer)
        self.nodes = [NodeProgram(self, i, step) for i, step in enumerate(scope.nodes)]
        self.has_undo = any(node.has_undo for node in self.nodes)
        self.record = scope.record
        self._link()
        self._value: Evaluate | None = None
        self._next: Evaluate | None = None
        self._lets: dict[str, Evaluate] = {}

    def _link(self) -> None:
        index = {node.key: i for i, node in enumerate(self.nodes)}
        needs = [{index[key] for key in node.step.needs} for node in self.nodes]
        if self.scope.sequential:
            for i in range(1, len(needs)):
                needs[i].add(i - 1)
        successors: list[list[int]] = [[] for _ in needs]
        for i, needed in enumerate(needs):
            for j in needed:
                successors[j].append(i)
        for node, found in zip(self.nodes, successors, strict=True):
            node.successors = tuple(found)
        self.unmet = [len(needed) for needed in needs]
        self.roots = [i for i, count in enumerate(self.unmet) if not count]

    def compile(self, expr: Expr) -> Evaluate:
        return self.owner.evaluator.compile(expr, self.names)

    def value(self) -> Evaluate | None:
        """The function that gives the scope's yield or return; null if it has none."""
        if self._value is None and self.scope.value is not None:
            self._value = self.compile(self.scope.value)
        return self._value

    def next(self) -> Evaluate | None:
        """The function that gives a round's `next`."""
        if self._next is None and self.scope.next is not None:
            self._next = self.compile(self.scope.next)
        return self._next

    def hangs_on(self, node: NodeProgram) -> bool:
        """Whether what the scope gives, or what comes next, is made of a step's value."""
        scope = self.scope
        names = {name for end in (scope.value, scope.next) if end is not None for name in refs(end)}
        return self.are_of(node, names.union(scope.record or ()))

    def are_of(self, node: NodeProgram, names: set[str]) -> bool:
        """Whether one of the names means a step's value, or a let that is made of it."""
        return node.name in names or any(node.key in let.needs for let in self.scope.lets if let.name in names)

    def let(self, name: str) -> Evaluate:
        """The function that evaluates a let in this scope's frame."""
        found = self._lets.get(name)
        if found is None:
            expr = next(let.value for let in self.scope.lets if let.name == name)
            found = self._lets[name] = self.owner.evaluator.compile(expr, self.names, nested=True)
        return found


class HandlerProgram:
    """A `catch`: its body's frame holds the error."""

    __slots__ = ("_condition", "body", "handler")

    def __init__(self, owner: PlanProgram, flow: str, static: str, handler: Handler, outer: ScopeProgram) -> None:
        self.handler = handler
        bound = {} if handler.binding is None else {handler.binding: False}
        self.body = ScopeProgram(owner, flow, static + ".", handler.body, outer.names, bound)
        self._condition: Evaluate | None = None

    def condition(self) -> Evaluate | None:
        """The function that decides in the handler's frame whether it answers."""
        if self._condition is None and self.handler.condition is not None:
            self._condition = self.body.compile(self.handler.condition)
        return self._condition


class NodeProgram:
    """One step. `inline`: evaluated on the spot by the scheduler; `plain`: with nothing but its value. `leaf`: an
    effect of its own, not a block or a flow. `acts`: an effect stands in its action, not only in a handler or undo.
    `remembers`: what the journal holds may stand in it. `small`: its value needs no measuring. `is_bare`: nothing but
    a call, with no policy that has a say. `is_as_given`: its value is what the call gave, once that is accepted.
    `successors`: the steps of its scope that need it.
    """

    __slots__ = (
        "_compiled", "_handlers", "_scopes", "_undo", "accept", "action", "acts", "evaluate", "has_effect", "has_undo",
        "index", "inline", "is_as_given", "is_bare", "is_guarded", "is_metered", "is_plain", "is_settled", "journaled",
        "key", "leaf", "name", "place", "remembers", "scope", "small", "step", "successors", "volatile",
    )  # fmt: skip

    def __init__(self, scope: ScopeProgram, index: int, step: Step) -> None:
        self.scope = scope
        self.index = index
        self.step = step
        self.key = step.key
        self.name = step.name
        self.action = action = step.action
        self.leaf = isinstance(action, Call)
        pure = isinstance(action, Pure)
        self.inline = (
            pure and not step.handlers and step.poll is None and step.undo is None and step.policies.total is None
        )
        self.journaled = self.leaf or (isinstance(action, Pure) and action.journaled)
        self.has_effect = step.has_effect or self.leaf
        self.acts = _acts(step)
        self.remembers = self.has_effect or _remembers(step)
        self.has_undo = (
            step.undo is not None
            or any(_has_undo(inner) for _, inner in inner_scopes(step))
            or isinstance(action, FlowCall)
        )
        self.place = place_key(scope.flow, scope.static + step.key)
        self.is_settled = step.type is not None or bool(step.written)
        self.is_plain = (
            self.inline and not step.checks and step.when is None and not self.is_settled and not self.journaled
        )
        self.volatile = isinstance(action, Call) and (action.volatile or self._is_secret(step.type))
        policies = step.policies
        self.is_guarded = (
            policies.concurrency is not None or policies.breaker is not None or policies.rate_limit is not None
        )
        self.is_metered = bool(policies.meter)
        self.is_bare = self.leaf and not self.volatile and not self.is_guarded and _is_bare(step)
        self.small = _is_small(action, scope.owner.evaluator)
        self.is_as_given = (
            isinstance(action, Call)
            and action.projection is None
            and self.small
            and not (self.volatile or self.is_metered or self.is_settled)
        )
        self.successors: tuple[int, ...] = ()
        self.evaluate: Evaluate | None = None
        self.accept: Callable[[Any], Any] | None = None
        self._compiled: dict[int, Evaluate] = {}
        self._scopes: dict[str, ScopeProgram] = {}
        self._handlers: tuple[HandlerProgram, ...] | None = None
        self._undo: ScopeProgram | None = None

    def undo_hangs_on(self, node: NodeProgram) -> bool:
        """Whether the step's undo uses the value of a step beside it."""
        undo = self.step.undo
        return undo is not None and self.scope.are_of(node, {n for expr in all_expressions(undo) for n in refs(expr)})

    @property
    def gives_on(self) -> bool:
        """Whether a clause of its own uses the value of its block, or the next round does."""
        step = self.step
        own = step.poll is not None or bool(step.checks) or step.undo is not None
        return own or isinstance(self.action, RepeatBlock)

    def _is_secret(self, of: int | None) -> bool:
        return of is not None and holds_secret(self.scope.owner.evaluator.type(of))

    def compile(self, expr: Expr) -> Evaluate:
        """The function of one of the step's own expressions, evaluated in the frame it stands in."""
        found = self._compiled.get(id(expr))
        if found is None:
            found = self._compiled[id(expr)] = self.scope.compile(expr)
        return found

    def settled(self, value: Any) -> Any:
        """A value held to the declared type, with its durations as text where it becomes an `any`."""
        step, evaluator = self.step, self.scope.owner.evaluator
        if step.type is not None:
            value = accepted(evaluator.checker(step.type), value, self.key)
        for of in step.written:
            encode = evaluator.edge(of)
            value = value if encode is None else encode(value)
        return value

    def value(self) -> Evaluate:
        """The function of a pure step's value."""
        if self.evaluate is None:
            action: Pure = self.action  # type: ignore[assignment]
            self.evaluate = self.scope.compile(action.value)
        return self.evaluate

    def arguments(self) -> Evaluate:
        """The function that gives a call's or flow's arguments as a dict."""
        if self.evaluate is None:
            action: Call | FlowCall = self.action  # type: ignore[assignment]
            self.evaluate = self.scope.compile(["map", [[["lit", name], expr] for name, expr in action.arguments]])
        return self.evaluate

    def acceptance(self) -> Callable[[Any], Any]:
        """The function that checks and projects what a Python action gave; without a type it need only be JSON."""
        if self.accept is None:
            action: Call = self.action  # type: ignore[assignment]
            evaluator = self.scope.owner.evaluator
            of = checker(ANY) if action.type is None else evaluator.checker(action.type)
            self.accept = accepting(of, f"the result of {action.target}")
        return self.accept

    def inner(self, suffix: str, scope: Scope, bound: tuple[str, ...] = ()) -> ScopeProgram:
        """The program of a scope that the step opens; `suffix` as in `plan.walk.inner_scopes`."""
        found = self._scopes.get(suffix)
        if found is None:
            static = f"{self.scope.static}{self.key}{suffix}."
            found = ScopeProgram(
                self.scope.owner, self.scope.flow, static, scope, self.scope.names, dict.fromkeys(bound, False)
            )
            self._scopes[suffix] = found
        return found

    def handlers(self) -> tuple[HandlerProgram, ...]:
        if self._handlers is None:
            owner, flow, static = self.scope.owner, self.scope.flow, self.scope.static + self.key
            self._handlers = tuple(
                HandlerProgram(owner, flow, f"{static}.catch{i}", handler, self.scope)
                for i, handler in enumerate(self.step.handlers)
            )
        return self._handlers

    def undo(self) -> ScopeProgram:
        """The program of the step's `undo`."""
        if self._undo is None:
            if self.step.undo is None:
                raise LookupError(self.key)
            self._undo = self.inner(".undo", self.step.undo)
        return self._undo


def _is_bare(step: Step) -> bool:
    """Whether a call has no clause but handlers, and no policy but what its action is told."""
    policies = step.policies
    has_clause = step.when is not None or step.poll is not None or step.undo is not None or step.checks
    has_policy = policies.retry or policies.cache or policies.once or policies.meter
    is_bounded = policies.timeout is not None or policies.total is not None
    is_wait = isinstance(step.action, Call) and step.action.effect == "wait"
    return not (has_clause or has_policy or is_bounded or is_wait)


def _acts(step: Step) -> bool:
    """Whether an effect stands in a step's action."""
    if isinstance(step.action, Call | FlowCall):
        return True
    inner = [scope for suffix, scope in inner_scopes(step) if suffix != ".undo" and not suffix.startswith(".catch")]
    return any(_acts(beneath) for scope in inner for beneath in scope.nodes)


def _remembers(step: Step) -> bool:
    """Whether a step, or one beneath it, is journaled: also what a Python function gave."""
    if isinstance(step.action, Pure):
        return step.action.journaled
    return isinstance(step.action, Call | FlowCall) or any(
        _remembers(beneath) for _, scope in inner_scopes(step) for beneath in scope.nodes
    )


def _has_undo(scope: Scope) -> bool:
    return any(
        step.undo is not None
        or isinstance(step.action, FlowCall)
        or any(_has_undo(inner) for _, inner in inner_scopes(step))
        for step in scope.nodes
    )


def _is_small(action: object, evaluator: Evaluator) -> bool:
    """Whether a value is a scalar or a part of one that was bounded before."""
    if isinstance(action, Pure):
        return _is_path(action.value)
    if not isinstance(action, Call) or (action.projection is not None and not _is_path(action.projection)):
        return False
    is_scalar = action.type is not None and isinstance(evaluator.type(action.type), Bool | Float | Int)
    return action.target is None or is_scalar


PATH_OPERATORS: Final = frozenset(
    "lit duration ref attr soft has result config const compare not neg op if and or".split()
)
SCALAR_OPERATIONS: Final = ("_int", "_float", "_duration", "_datetime", "_date", "div")


def _is_path(expr: Expr) -> bool:
    """Whether an expression only picks parts of values that were bounded before, or gives a scalar."""
    return all(
        part[0] in PATH_OPERATORS and (part[0] != "op" or str(part[1]).endswith(SCALAR_OPERATIONS))
        for part in subexpressions(expr)
    )

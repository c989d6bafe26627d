"""Whether a decoded plan holds together, so that the run column need not ask again.

Shapes are the codec's; here: every operator with its operands, every name in a frame that has it, every table index
inside its table, needs without cycles, calls without recursion, numbers in their ranges. What passes cannot make the
interpreter index out of a table or wait forever.
"""

from __future__ import annotations

from flowlang.plan.errors import PlanError
from flowlang.plan.nodes import Call, FlowCall, ForBlock, ParallelBlock, RepeatBlock
from flowlang.plan.walk import OPERANDS, called_flows, inner_scopes, refs, step_expressions, subexpressions
from flowlang.types.codec import from_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.plan.nodes import Check, Expr, Flow, Handler, Plan, Policies, Scope, Step, TriggerPlan

TEXT_PARTS: Final = {"show": 3, "html": 3}
URL_PARTS: Final = {"base": 2, "segment": 3, "query_key": 3, "query_value": 3, "fragment": 3}
TRIGGER_NAMES: Final = frozenset(("event", "webhook", "cron"))
ERROR_KINDS: Final = frozenset(
    ("network", "timeout", "http", "validation", "fault", "breaker_open", "rate_limited", "cancelled", "failed")
)


# ---- expressions


def misshapen_expression(data: object) -> str:
    """What is wrong with the shape of an expression, in words; empty if nothing is."""
    pending = [data]
    while pending:
        at = pending.pop()
        if type(at) is not list or not at or type(at[0]) is not str or at[0] not in OPERANDS:
            return f"this is not an expression: {_clip(at)}"
        codes = OPERANDS[at[0]]
        if len(at) != len(codes) + 1:
            return f"`{at[0]}` takes {len(codes)} operands, not {len(at) - 1}"
        for code, operand in zip(codes, at[1:], strict=True):
            inner = _operand(code, operand)
            if inner is None:
                return f"`{at[0]}` has an operand of a wrong shape: {_clip(operand)}"
            pending += inner
    return ""


def _operand(code: str, operand: object) -> list[object] | None:
    """The expressions in an operand, or null if its shape is wrong."""
    match code:
        case "e":
            return [operand]
        case "?":
            return [] if operand is None else [operand]
        case "s":
            return [] if type(operand) is str else None
        case "b":
            return [] if type(operand) is bool else None
        case "t" | "i":
            return [] if type(operand) is int else None
        case "v":
            return [] if operand is None or type(operand) in (str, int, float, bool) else None
    if type(operand) is not list:
        return None
    match code:
        case "*":
            return operand
        case "n":
            return [] if operand and all(type(name) is str for name in operand) else None
        case "m":
            return _entries(operand)
        case "p":
            return _parts(operand, TEXT_PARTS)
        case "u":
            return _parts(operand, URL_PARTS)
    return _pairs(operand)


def _entries(entries: list[object]) -> list[object] | None:
    found: list[object] = []
    for entry in entries:
        if type(entry) is not list or len(entry) != 2:
            return None
        found += entry[1:] if entry[0] == "**" else entry
    return found


def _parts(parts: list[object], kinds: dict[str, int]) -> list[object] | None:
    found: list[object] = []
    for part in parts:
        if type(part) is str:
            continue
        if type(part) is not list or not part or type(part[0]) is not str or kinds.get(part[0]) != len(part):
            return None
        if len(part) == 3 and type(part[2]) is not int:
            return None
        found.append(part[1])
    return found


def _pairs(pairs: list[object]) -> list[object] | None:
    found: list[object] = []
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
            return None
        found.append(pair[1])
    return found


def _clip(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 60 else text[:59] + "…"


# ---- the plan


def verify(plan: Plan) -> None:
    """Raise PlanError with the first thing that does not hold together."""
    checker = _Verifier(plan)
    if plan.flow not in plan.flows:
        raise PlanError(f"the plan is damaged: its flow `{plan.flow}` is missing")
    for i, data in enumerate(plan.types):
        try:
            from_json(data)
        except (ValueError, RecursionError):
            raise PlanError(f"the plan is damaged: its type {i} is not a type") from None
    for parameter in plan.config:
        checker.type(parameter.type, f"config.{parameter.name}")
    for name, value in plan.constants.items():
        checker.expression(value, frozenset(), f"constants.{name}")
    for name, function in plan.functions.items():
        checker.expression(function.body, frozenset(function.parameters), f"functions.{name}")
    for name, service in plan.services.items():
        for setting in (service.base_url, service.headers, service.auth, *(e for _, e in service.settings)):
            checker.expression(setting, frozenset(), f"services.{name}")
    for name, flow in plan.flows.items():
        checker.flow(name, flow)
    _refuse_cycle("flows", plan.flows, lambda name: called_flows(plan, name))
    _refuse_cycle("constants", plan.constants, lambda name: _named(plan.constants[name], "const"))
    _refuse_cycle("functions", plan.functions, lambda name: _named(plan.functions[name].body, "fn"))


def _named(expr: Expr, operator: str) -> list[str]:
    return [str(e[1]) for e in subexpressions(expr) if e[0] == operator]


class _Verifier:
    """The tables of one plan, asked by path; `path` arguments are for messages."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.config = frozenset(parameter.name for parameter in plan.config)
        self.tables: dict[str, frozenset[str]] = {
            "const": frozenset(plan.constants),
            "fn": frozenset(plan.functions),
            "config": self.config,
        }

    def fail(self, path: str, problem: str) -> None:
        raise PlanError(f"the plan is damaged at `{path}`: {problem}")

    def type(self, index: int | None, path: str) -> None:
        if index is not None and not 0 <= index < len(self.plan.types):
            self.fail(path, f"there is no type {index}")

    def expression(self, expr: Expr | None, names: frozenset[str], path: str, of_trigger: bool = False) -> None:
        if expr is None:
            return
        for name in refs(expr) - names:
            self.fail(path, f"nothing here is called `{name}`")
        for part in subexpressions(expr):
            table = self.tables.get(str(part[0]))
            if table is not None and part[1] not in table and not (of_trigger and part[0] == "config"):
                self.fail(path, f"{part[0]} `{part[1]}` is missing")
            for index in _types_in(part):
                self.type(index, path)

    def flow(self, name: str, flow: Flow) -> None:
        names = frozenset(parameter.name for parameter in flow.parameters)
        for parameter in flow.parameters:
            self.type(parameter.type, f"{name}.{parameter.name}")
            self.expression(parameter.default, names, f"{name}.{parameter.name}")
        self.type(flow.result, name)
        self.checks(flow.preconditions, names, name)
        self.scope(flow.body, names, f"{name}:")
        self.handlers(flow.handlers, names, f"{name}:")
        self.range(flow.deadline, 0, f"{name}.deadline")
        self.range(flow.width, 1, f"{name}.width")
        for trigger in flow.triggers:
            self.trigger(trigger, f"{name} on {trigger.name}")

    def trigger(self, trigger: TriggerPlan, path: str) -> None:
        for expr in (trigger.condition, *(e for _, e in trigger.arguments), *(e for _, e in trigger.inputs)):
            self.expression(expr, TRIGGER_NAMES, path, of_trigger=True)

    def scope(self, scope: Scope, outer: frozenset[str], path: str) -> None:
        keys = [step.key for step in scope.nodes]
        if len(set(keys)) != len(keys):
            self.fail(path, "two steps have one key")
        named = {step.name for step in scope.nodes if step.name is not None}
        names = outer.union(named, (let.name for let in scope.lets))
        known = set(keys)
        for needed in (*(n for s in scope.nodes for n in s.needs), *(n for let in scope.lets for n in let.needs)):
            if needed not in known:
                self.fail(path, f"a step needs `{needed}`, which is not in its scope")
        needs = {step.key: step.needs for step in scope.nodes}
        _refuse_cycle(path, needs, lambda key: needs[key])
        for let in scope.lets:
            self.expression(let.value, names, f"{path}{let.name}")
        lets = {let.name: refs(let.value) for let in scope.lets}
        _refuse_cycle(path, lets, lambda name: [n for n in lets[name] if n in lets])
        for recorded in scope.record or ():
            if recorded not in named:
                self.fail(path, f"its record names `{recorded}`, which is not in it")
        self.expression(scope.value, names, path)
        self.expression(scope.next, names, path)
        for step in scope.nodes:
            self.step(step, names, path + step.key)

    def step(self, step: Step, names: frozenset[str], path: str) -> None:
        inner = names
        match step.action:
            case Call() as call:
                self.type(call.type, path)
                if call.service is not None and call.service not in self.plan.services:
                    self.fail(path, f"the service `{call.service}` is missing")
            case FlowCall(flow=flow, arguments=arguments):
                self.arguments(flow, [name for name, _ in arguments], path)
            case ForBlock(names=bound, width=width):
                self.range(width, 1, path)
                inner = names.union(bound)
            case ParallelBlock(width=width):
                self.range(width, 1, path)
            case RepeatBlock(name=name, limit=limit):
                self.range(limit, 1, path)
                inner = names | {name}
        for expr in step_expressions(step):
            caught = _bound_by(step, expr)
            self.expression(expr, names | caught if caught else names, path)
        self.checks(step.checks, names, path)
        self.handlers(step.handlers, names, path + ".")
        for of in (step.type, *step.written):
            self.type(of, path)
        self.policies(step.policies, path)
        self.range(step.deadline, 0, path)
        for suffix, scope in inner_scopes(step):
            if not suffix.startswith(".catch"):
                self.scope(scope, names if suffix == ".undo" else inner, f"{path}{suffix}.")

    def arguments(self, flow: str, given: list[str], path: str) -> None:
        if flow not in self.plan.flows:
            self.fail(path, f"the flow `{flow}` is missing")
        if given != [parameter.name for parameter in self.plan.flows[flow].parameters]:
            self.fail(path, f"the arguments are not the parameters of `{flow}`")

    def checks(self, checks: Iterable[Check], names: frozenset[str], path: str) -> None:
        for i, check in enumerate(checks):
            self.expression(check.condition, names, path)
            self.expression(check.message, names, path)
            if not all(0 <= needed < i for needed in check.needs):
                self.fail(path, "an `ensure` needs one that is not before it")

    def handlers(self, handlers: Iterable[Handler], names: frozenset[str], path: str) -> None:
        for i, handler in enumerate(handlers):
            if not ERROR_KINDS.issuperset(handler.kinds):
                self.fail(f"{path}catch{i}", "it names an unknown kind of error")
            inner = names if handler.binding is None else names | {handler.binding}
            self.expression(handler.condition, inner, f"{path}catch{i}")
            self.scope(handler.body, inner, f"{path}catch{i}.")

    def policies(self, policies: Policies, path: str) -> None:
        for value in (policies.timeout, policies.total):
            self.range(value, 0, path)
        self.range(policies.concurrency, 1, path)
        if policies.retry is not None:
            self.range(policies.retry.attempts, 1, path)
            self.range(min(policies.retry.delay, policies.retry.max_delay), 0, path)
            if policies.retry.strategy not in ("exponential", "linear", "fixed", "none"):
                self.fail(path, f"there is no retry strategy `{policies.retry.strategy}`")
        if policies.rate_limit is not None:
            self.range(min(policies.rate_limit.calls, policies.rate_limit.per), 1, path)

    def range(self, value: int | None, least: int, path: str) -> None:
        if value is not None and value < least:
            self.fail(path, f"{value} is below {least}")


def _bound_by(step: Step, expr: Expr) -> frozenset[str]:
    """The names that only some clauses of a step see: `err` in a handler's condition."""
    return frozenset(h.binding for h in step.handlers if h.condition is expr and h.binding is not None)


def _types_in(part: Expr) -> list[int]:
    """The type indexes that stand directly in one expression."""
    found = [operand for code, operand in zip(OPERANDS[str(part[0])], part[1:], strict=True) if code == "t"]
    if part[0] in ("text", "url"):
        found += [p[2] for p in part[1] if type(p) is list and len(p) == 3]  # type: ignore[attr-defined]
    return found  # type: ignore[return-value]


def _refuse_cycle(where: str, graph: Iterable[str], after: Callable[[str], Iterable[str]]) -> None:
    """Raise if following `after` ever comes back; names outside the graph are somebody else's finding."""
    known = set(graph)
    done: set[str] = set()
    for start in known:
        open_now, pending = set(), [(start, False)]
        while pending:
            name, leaving = pending.pop()
            if leaving:
                open_now.discard(name)
                done.add(name)
            elif name in open_now:
                raise PlanError(f"the plan is damaged at `{where}`: `{name}` depends on itself")
            elif name not in done and name in known:
                open_now.add(name)
                pending.append((name, True))
                pending += [(n, False) for n in after(name)]

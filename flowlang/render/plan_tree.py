"""A plan for people: what runs in which order, what at the same time, which policies hold and since where, how long
it may take.

Steps with one number start at the same time once all of the number before have ended at the latest; a step starts
earlier when what it needs is there. Handlers and undos stand below their step. No I/O, no colour.
"""

from __future__ import annotations

from flowlang.plan.duration import Bound, WorstCase, span_of
from flowlang.plan.identity import content_hash
from flowlang.plan.nodes import (
    Call,
    FlowCall,
    ForBlock,
    IfBlock,
    MatchBlock,
    ParallelBlock,
    Pure,
    RaceBlock,
    RepeatBlock,
)
from flowlang.render.durations import duration
from flowlang.render.expression import local_name, spell
from flowlang.render.policies import policy_lines
from flowlang.render.text import plural
from flowlang.render.visible import visible
from flowlang.types.codec import from_json
from flowlang.types.model import Duration, List, NoneType, Union
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.plan.nodes import Flow, Handler, Parameter, Plan, Scope, Step, TriggerPlan
    from flowlang.types.model import Type

INDENT: Final = "   "
WIDE: Final = 100  # characters of an expression that are shown
USUAL: Final = {"timezone": ["lit", "UTC"], "signature": ["lit", "standard"], "reply": ["lit", "accepted"]}
"""What arguments of triggers are unless they are given; not shown."""


def render(plan: Plan) -> str:
    """Render a plan: the main flow, then the flows it calls."""
    tree = _Tree(plan)
    lines = [f"plan {content_hash(plan)[:12]}"]
    for name in (plan.flow, *(name for name in plan.flows if name != plan.flow)):
        lines += ["", *tree.flow(plan.flows[name])]
    return "\n".join(visible(line) for line in (*lines, *tree.legend())) + "\n"


def waves(scope: Scope) -> dict[str, int]:
    """The number of each step of a scope: 1 if it needs nothing there, else one more than the last it needs."""
    found: dict[str, int] = {}
    needs = {step.key: step.needs for step in scope.nodes}
    if scope.sequential:
        return {key: i for i, key in enumerate(needs, 1)}
    pending = list(reversed(needs))
    while pending:
        missing = [key for key in needs[pending[-1]] if key not in found]
        if missing:
            pending += missing
        else:
            key = pending.pop()
            found[key] = 1 + max((found[needed] for needed in needs[key]), default=0)
    return found


class _Tree:
    """The lines of one plan's flows."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bounds = WorstCase(plan)
        self.without = WorstCase(plan, retry_after=False)
        self.services: dict[str, dict[str, None]] = {}

    def flow(self, flow: Flow) -> list[str]:
        parameters = ", ".join(self._parameter(p) for p in flow.parameters)
        result = "" if flow.result is None else f" -> {self.type(flow.result)}"
        name, file = local_name(flow.name), flow.name.rpartition(":")[0]
        lines = [
            f"flow {name}({parameters}){result}" + (f" — {file}" if file else ""),
            f"{INDENT}at most {self._most(flow)}",
        ]
        lines += [f"{INDENT}deadline {duration(flow.deadline)}"] if flow.deadline is not None else []
        lines += [f"{INDENT}{plural(flow.width, 'run')} at once"] if flow.width is not None else []
        if flow.name == self.plan.flow and self.plan.config:
            lines.append(f"{INDENT}config {', '.join(self._parameter(p) for p in self.plan.config)}")
        lines += [INDENT + self._trigger(trigger) for trigger in flow.triggers]
        lines += [f"{INDENT}ensure {_clip(check.text)}, before anything starts" for check in flow.preconditions]
        lines += self.scope(flow.body, INDENT)
        if flow.body.value is not None:
            lines.append(f"{INDENT}return {_short(flow.body.value)}")
        return lines + self.handlers(flow.handlers, INDENT)

    def type(self, index: int) -> str:
        return show(from_json(self.plan.types[index]))

    def _parameter(self, parameter: Parameter) -> str:
        of = from_json(self.plan.types[parameter.type])
        match parameter.default:
            case None | ["lit", None]:
                default = ""
            case ["edge", value, int(given)]:  # what an `any` is by default
                default = f" = {_clip(_value(value, from_json(self.plan.types[given])))}"
            case value:
                default = f" = {_clip(_value(value, of))}"
        return f"{parameter.name}: {show(of)}{default}"

    def _trigger(self, trigger: TriggerPlan) -> str:
        (_, what), *others = trigger.arguments
        said = [(name, value) for name, value in others if value not in (["lit", None], USUAL.get(name))]
        arguments = [spell(what), *(f"{name}={spell(value)}" for name, value in said)]
        condition = "" if trigger.condition is None else f" when {_short(trigger.condition)}"
        inputs = ", ".join(f"{name}: {_short(value)}" for name, value in trigger.inputs)
        return (
            f"on {trigger.name}({', '.join(arguments)}){condition}"
            + (f" with {inputs}" if inputs else "")
            + " — not fired"
        )

    def _most(self, flow: Flow) -> str:
        longest, quick = self.bounds.flow(flow.name), self.without.flow(flow.name)
        text = _bound(longest)
        if longest.micros != quick.micros and quick.micros is not None:
            text += f", {duration(quick.micros)} if no server sends Retry-After"
        body, undo, handlers = self.bounds.parts(flow.name)
        parts = [(body, "its steps"), (undo, "undos"), (handlers, "handlers")]
        told = [f"{duration(part.micros)} for {what}" for part, what in parts if part.micros]
        return f"{text} ({', '.join(told)})" if longest.micros and len(told) > 1 else text

    def scope(self, scope: Scope, indent: str) -> list[str]:
        """The steps of a scope by their number, in the order written within one."""
        numbers = waves(scope)
        lines = []
        for step in sorted(scope.nodes, key=lambda step: numbers[step.key]):
            lines += self.step(step, f"{indent}{numbers[step.key]}. ", indent + INDENT)
        return lines

    def step(self, step: Step, lead: str, indent: str) -> list[str]:
        """The line of a step, its clauses and policies below it, then what it opens."""
        head = f"{lead}{step.key}: {self.action(step)}"
        lines = [head if step.when is None else f"{head} when {_short(step.when)}"]
        detail = f"{indent}· "
        bound = self.bounds.step(step)
        if bound.run.micros != 0:
            item = "" if bound.item is None or bound.item.micros is None else f", {duration(bound.item.micros)} each"
            lines.append(f"{detail}at most {_bound(bound.run)}{item}")
        if step.needs:
            lines.append(f"{detail}after {', '.join(step.needs)}")
        if step.deadline is not None:
            lines.append(f"{detail}deadline {duration(step.deadline)}")
        lines += [detail + line for line in self._policies(step)]
        if isinstance(step.action, Call) and step.action.volatile:
            lines.append(f"{detail}secret: never recorded, called again after a restart if it is still needed")
        if step.poll is not None:
            limit = "" if step.poll.limit is None else f" for {_span(step.poll.limit)}"
            lines.append(f"{detail}until {_short(step.poll.condition)}, every {_span(step.poll.every)}{limit}")
        lines += [f"{detail}ensure {_clip(check.text)}" for check in step.checks]
        lines += [f"{detail}stops at the first `ensure` that does not hold"] if step.policies.fail_fast else []
        lines += self.inside(step, indent)
        lines += self.handlers(step.handlers, indent)
        if step.undo is not None:
            lines += [f"{indent}undo", *self.scope(step.undo, indent + INDENT)]
        return lines

    def _policies(self, step: Step) -> list[str]:
        """What is in force around a call: a service's policies in a word, told in full below all flows."""
        lines, short = [], []
        for line in policy_lines(step.policies):
            if line.origin.startswith("service "):
                short.append(line.short)
                self.services.setdefault(_origin(line.origin), {}).setdefault(line.sentence)
            else:
                lines.append(f"{line.sentence} ({line.origin})" if line.origin else line.sentence)
        service = _origin(next((o for _, o in step.policies.origin if o.startswith("service ")), ""))
        return [*lines, *([f"{', '.join(short)} ({service})"] if short else [])]

    def legend(self) -> list[str]:
        """The policies of services, in full."""
        return [
            line
            for service, sentences in self.services.items()
            for line in ("", service, *(f"{INDENT}{sentence}" for sentence in sentences))
        ]

    def action(self, step: Step) -> str:
        """What a step does, in one line."""
        match step.action:
            case Call() as call:
                return self._call(call)
            case FlowCall(flow=flow, arguments=arguments):
                return f"flow {local_name(flow)}({', '.join(f'{name}={_short(value)}' for name, value in arguments)})"
            case Pure(value=value):
                return f"{_short(value)} (computed)"
            case IfBlock():
                return "if"
            case MatchBlock(subject=subject):
                return f"match {_short(subject)}"
            case ForBlock(names=names, iterable=iterable, width=width):
                return f"for {', '.join(names)} in {_short(iterable)}, {width} at once"
            case ParallelBlock(body=body, width=width):
                pace = "all at once" if width is None else f"{width} at once"
                return "sequence" if body.sequential else f"parallel, {pace}"
            case RaceBlock():
                return "race, the first to succeed wins"
            case RepeatBlock(name=name, initial=initial, limit=limit):
                return f"repeat {name} = {_short(initial)}, at most {plural(limit, 'round')}"

    def _call(self, call: Call) -> str:
        name = call.target or call.action
        if call.service is not None:
            name = f"{local_name(call.service)}.{call.action.rpartition('.')[2]}"
        if call.action in ("wait", "time.wait"):
            return f"{name}({_span(call.arguments[0][1])})"
        if call.service is None and not call.action.startswith("http."):
            given = [f"{key}={_short(value)}" for key, value in call.arguments if value != ["lit", None]]
            return _clip(f"{name}({', '.join(given)})")
        return f"{name}({_short(call.arguments[0][1])})"

    def inside(self, step: Step, indent: str) -> list[str]:
        """The scopes of a block, each with its label and value."""
        match step.action:
            case IfBlock(branches=branches, otherwise=otherwise):
                found = [
                    (f"{'if' if i == 0 else 'else if'} {_short(c)}", scope) for i, (c, scope) in enumerate(branches)
                ]
                found += [("else", otherwise)] if otherwise is not None else []
            case MatchBlock(cases=cases, otherwise=otherwise):
                found = [(f"case {', '.join(spell(v) for v in values)}", scope) for values, scope in cases]
                found += [("else", otherwise)] if otherwise is not None else []
            case ForBlock(body=body) | RepeatBlock(body=body) | ParallelBlock(body=body) | RaceBlock(body=body):
                return self.scope(body, indent) + self._value(body, indent)
            case _:
                return []
        return [line for label, scope in found for line in self._labelled(label, scope, indent)]

    def _labelled(self, label: str, scope: Scope, indent: str) -> list[str]:
        inner = indent + INDENT
        return [f"{indent}{label}", *self.scope(scope, inner), *self._value(scope, inner)]

    def _value(self, scope: Scope, indent: str) -> list[str]:
        after = "" if scope.next is None else f" next {_short(scope.next)}"
        return [] if scope.value is None else [f"{indent}yield {_short(scope.value)}{after}"]

    def handlers(self, handlers: tuple[Handler, ...], indent: str) -> list[str]:
        lines = []
        for handler in handlers:
            kinds = f" {', '.join(handler.kinds)}" if handler.kinds else " anything but cancelled"
            condition = "" if handler.condition is None else f" when {_short(handler.condition)}"
            lines += self._labelled(f"catch{kinds}{condition}", handler.body, indent)
        return lines


def _origin(origin: str) -> str:
    kind, _, name = origin.partition(" ")
    return f"{kind} {local_name(name)}"


def _bound(bound: Bound) -> str:
    return f"no known time: {bound.reason}" if bound.micros is None else duration(bound.micros)


def _value(expr: Any, of: Type) -> str:
    """A value of a type: constant durations in their units."""
    match of, expr:
        case Duration(), ["lit" | "duration", int(micros)]:
            return duration(micros)
        case List(item=item), ["list", [*items]]:
            return f"[{', '.join(_value(each, item) for each in items)}]"
        case Union(members=members), _ if len(real := [m for m in members if not isinstance(m, NoneType)]) == 1:
            return _value(expr, real[0])
    return spell(expr)


def _short(expr: list[object]) -> str:
    return _clip(spell(expr))


def _clip(text: str) -> str:
    return text if len(text) <= WIDE else text[: WIDE - 1] + "…"


def _span(expr: list[object]) -> str:
    """A duration: a constant one in its units."""
    micros = span_of(expr)
    return _short(expr) if micros is None else duration(micros)

"""A plan as a drawing: boxes inside boxes and arrows between them, before it is spelled for a drawing tool.

A step is a box, or a frame if it opens scopes; branches, handlers and undos are frames. Arrows: what waits for what,
which handler or undo belongs to which step, which flow is called. Ids are numbered in the order of the plan: one plan
gives one text.
"""

from __future__ import annotations

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
from flowlang.record import Record
from flowlang.render.expression import local_name, spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.plan.nodes import Flow, Handler, Plan, Scope, Step

CLIP: Final = 60


class Box(Record):
    """A step without scopes. `kind`: 'call', 'flow', 'pure', 'trigger'."""

    __slots__ = ()

    id: str
    label: str
    kind: str


class Frame(Record):
    """A flow, a block, a branch, a handler, an undo, with what is in it."""

    __slots__ = ()

    id: str
    label: str
    inside: tuple[Box | Frame, ...]


class Arrow(Record):
    """From one box or frame to another. `kind`: 'needs', 'catch', 'undo', 'calls'."""

    __slots__ = ()

    start: str
    end: str
    kind: str


class Drawing(Record):
    """The flows of a plan, each a frame."""

    __slots__ = ()

    frames: tuple[Frame, ...]
    arrows: tuple[Arrow, ...]


def draw(plan: Plan) -> Drawing:
    """Lay out a plan, the main flow first."""
    drawer = _Drawer(plan)
    names = [plan.flow, *(name for name in plan.flows if name != plan.flow)]
    frames = tuple(drawer.flow(plan.flows[name]) for name in names)
    calls = [Arrow(box, drawer.flows[flow], "calls") for box, flow in drawer.calls]
    return Drawing(frames, (*drawer.arrows, *calls))


class _Drawer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.count = 0
        self.arrows: list[Arrow] = []
        self.flows: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []

    def new(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def flow(self, flow: Flow) -> Frame:
        own = self.flows[flow.name] = self.new()
        inside: list[Box | Frame] = [Box(self.new(), f"on {t.name}, not fired", "trigger") for t in flow.triggers]
        inside += self.scope(flow.body)
        inside += [self.handler(handler) for handler in flow.handlers]
        return Frame(own, f"flow {local_name(flow.name)}", tuple(inside))

    def scope(self, scope: Scope) -> list[Box | Frame]:
        ids: dict[str, str] = {}
        found: list[Box | Frame] = []
        for step in scope.nodes:
            shapes = self.step(step)
            ids[step.key] = shapes[0].id
            found += shapes
        if not found and scope.value is not None:
            found.append(Box(self.new(), f"yield {_clip(spell(scope.value))}", "pure"))
        keys = list(ids)
        for at, step in enumerate(scope.nodes):
            needs = keys[max(0, at - 1) : at] if scope.sequential else step.needs
            self.arrows += [Arrow(ids[needed], ids[step.key], "needs") for needed in needs]
        return found

    def step(self, step: Step) -> list[Box | Frame]:
        """The shape of a step, then those of its handlers and its undo."""
        own = self.new()
        scopes = _inside(step)
        when = "" if step.when is None else f" when {_clip(spell(step.when))}"
        label = f"{step.key}: {_label(step)}{when}"
        shape: Box | Frame
        if scopes:
            shape = Frame(own, label, tuple(self.labelled(scopes)))
        else:
            kind = {Call: "call", FlowCall: "flow"}.get(type(step.action), "pure")
            shape = Box(own, label, kind)
            if isinstance(step.action, FlowCall):
                self.calls.append((own, step.action.flow))
        found = [shape, *(self.handler(handler) for handler in step.handlers)]
        self.arrows += [Arrow(own, handler.id, "catch") for handler in found[1:]]
        if step.undo is not None:
            frame = Frame(self.new(), "undo", tuple(self.scope(step.undo)))
            self.arrows.append(Arrow(own, frame.id, "undo"))
            found.append(frame)
        return found

    def handler(self, handler: Handler) -> Frame:
        label = " ".join(("catch", ", ".join(handler.kinds))).strip()
        return Frame(self.new(), label, tuple(self.scope(handler.body)))

    def labelled(self, scopes: list[tuple[str, Scope]]) -> list[Box | Frame]:
        """One scope stands directly in its block; several get a frame each."""
        if len(scopes) == 1 and not scopes[0][0]:
            return self.scope(scopes[0][1])
        return [Frame(self.new(), label, tuple(self.scope(scope))) for label, scope in scopes]


def _inside(step: Step) -> list[tuple[str, Scope]]:
    match step.action:
        case IfBlock(branches=branches, otherwise=otherwise):
            found = [(f"if {_clip(spell(condition))}", scope) for condition, scope in branches]
            return found + ([("else", otherwise)] if otherwise is not None else [])
        case MatchBlock(cases=cases, otherwise=otherwise):
            found = [(f"case {', '.join(spell(v) for v in values)}", scope) for values, scope in cases]
            return found + ([("else", otherwise)] if otherwise is not None else [])
        case ForBlock(body=body) | RepeatBlock(body=body) | ParallelBlock(body=body) | RaceBlock(body=body):
            return [("", body)]
    return []


def _label(step: Step) -> str:
    match step.action:
        case Call(action=action, service=service, target=target):
            return target or (f"{local_name(service)}.{action.rpartition('.')[2]}" if service is not None else action)
        case FlowCall(flow=flow):
            return f"flow {local_name(flow)}"
        case Pure(value=value):
            return _clip(spell(value))
        case ForBlock(names=names, iterable=iterable, width=width):
            return f"for {', '.join(names)} in {_clip(spell(iterable))}, {width} at once"
        case MatchBlock(subject=subject):
            return f"match {_clip(spell(subject))}"
        case ParallelBlock(body=body):
            return "sequence" if body.sequential else "parallel"
        case RepeatBlock(limit=limit):
            return f"repeat, at most {limit}"
        case RaceBlock():
            return "race"
    return "if"


def _clip(text: str) -> str:
    return text if len(text) <= CLIP else text[: CLIP - 1] + "…"

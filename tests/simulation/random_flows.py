"""Random flows of every block and clause, in a world whose answers the seed fixes: they depend on the path alone.

Effects are actions of the test (`test.effect`), so that no HTTP stands between the interpreter and what is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zlib import crc32

from flowlang.plan import nodes
from flowlang.plan.nodes import (
    Call,
    Check,
    Flow,
    FlowCall,
    ForBlock,
    Handler,
    IfBlock,
    Limits,
    ParallelBlock,
    Parameter,
    Plan,
    Policies,
    Poll,
    Pure,
    RaceBlock,
    RepeatBlock,
    RetryPolicy,
    Scope,
    Step,
)
from flowlang.runtime import errors
from flowlang.runtime.context import ActionContext

SECOND = 1_000_000
RETRY = RetryPolicy("fixed", 3, SECOND, 5 * SECOND, 2.0, 0.0, ("network", "timeout", "5xx"))


@dataclass(slots=True)
class Told:
    """What the world saw: every start of an effect, and every end that was well."""

    started: list[tuple[str, int, str]] = field(default_factory=list)  # path, attempt, idempotency key
    succeeded: list[str] = field(default_factory=list)
    dead: bool = False


class FixedWorld:
    """`test.effect`: its fate is drawn from the seed, the path and the attempt.

    In a `rough` world calls also hang, are answered too late or have their effect though the answer is lost; and what
    is ready at the same instant goes on in an order of its own.
    """

    def __init__(self, seed: int, failures: float, rough: bool = False) -> None:
        self.seed = seed
        self.failures = failures
        self.rough = rough
        self.told = Told()
        self.bodies: dict[str, Mapping[str, Any]] = {}
        """What was sent under each idempotency key, by whatever process."""
        self.torn: list[str] = []

    async def effect(self, context: ActionContext, arguments: Mapping[str, Any]) -> object:
        draw = Random(crc32(f"{self.seed} {context.step} {context.attempt}".encode()))
        self.told.started.append((context.step, context.attempt, context.idempotency_key))
        if self.bodies.setdefault(context.idempotency_key, arguments) != arguments:
            self.torn.append(context.step)
        pause = draw.choice((0.0, 0.0, 0.1, 0.5, 2.0))
        if pause:
            await asyncio.sleep(pause)
        if self.rough:
            await self.be_rough(context.step, draw)
        if self.told.dead:
            await asyncio.Event().wait()
        if draw.random() < self.failures:
            raise draw.choice(
                (
                    errors.http("refused", 400, {"status": 400}),
                    errors.http("broken", 503, {"status": 503}),
                    errors.network("cut", unknown_outcome=True),
                    errors.failed("no", "x"),
                )
            )
        self.told.succeeded.append(context.step)
        return draw.randrange(100)

    async def be_rough(self, path: str, draw: Random) -> None:
        for _ in range(draw.randrange(5)):
            await asyncio.sleep(0)
        fate = draw.random()
        if fate < 0.75 * self.failures:
            if fate >= 0.25 * self.failures:
                self.told.succeeded.append(path)
            if fate >= 0.5 * self.failures:
                raise errors.network("the answer was lost", unknown_outcome=True)
            await asyncio.sleep(draw.choice((29.9, 31.0, 86400.0)))  # about the timeout, or never


def random_plan(
    seed: int,
    races: bool = False,
    waits: bool = False,
    emits: bool = False,
    tells: bool = False,
    onces: bool = False,
    goes_by: bool = False,
) -> Plan:
    """A plan of two flows; one calls the other. With `waits` some steps wait for a time or for the event `go`, with
    `emits` some emit it. With `tells` handlers go by the error, and tell it. With `onces` some calls are `@once`, with
    `goes_by` loops and branches hang on what was called.
    """
    maker = _Maker(Random(seed), races, waits, emits, tells, onces, goes_by)
    inner = Flow("inner", (Parameter("p", 0),), (), maker.scope(2, ("p",)), maker.handlers(("p",), 1), None)
    maker.flows = ("inner",)
    main = Flow("main", (Parameter("p", 0),), (), maker.scope(3, ("p",)), maker.handlers(("p",), 1), None)
    flows = {"main": main, "inner": inner}
    return Plan(nodes.FORMAT, nodes.EVALUATOR, "main", flows, ("any",), (), {}, {}, {}, Limits(), {}, {})


class _Maker:
    def __init__(
        self, random: Random, races: bool, waits: bool, emits: bool, tells: bool, onces: bool, goes_by: bool
    ) -> None:
        self.random = random
        self.races = races
        self.waits = waits
        self.emits = emits
        self.tells = tells
        self.onces = onces
        self.goes_by = goes_by
        self.flows: tuple[str, ...] = ()
        self.count = 0

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def name(self) -> str:
        self.count += 1
        return f"s{self.count}"

    def value(self, names: tuple[str, ...]) -> Any:
        return ["list", [["ref", name] for name in self.some(names, min(len(names), 2))]]

    def some(self, names: tuple[str, ...], count: int) -> tuple[str, ...]:
        """Different ones, with the draws of `random.sample`, whose checks cost a third of a flow."""
        pool, chosen = list(names), []
        for left in range(len(pool), len(pool) - count, -1):
            at = self.random.randrange(left)
            chosen.append(pool[at])
            pool[at] = pool[left - 1]
        return tuple(chosen)

    def condition(self, names: tuple[str, ...]) -> Any:
        if self.goes_by and self.chance(0.7):
            value = ["ref", self.random.choice(names)]
            is_none = ["compare", value, [["==", ["lit", None]]]]
            shown = ["if", is_none, ["lit", "none"], ["text", [["show", value, 0]]]]
            return ["compare", shown, [["<", ["lit", self.random.choice(("3", "5", "[4"))]]]]
        return ["compare", ["ref", self.random.choice(names)], [["!=", ["lit", self.random.choice((1, None))]]]]

    def scope(self, depth: int, names: tuple[str, ...], yields: bool | None = None) -> Scope:
        steps: list[Step] = []
        here: tuple[str, ...] = ()
        for _ in range(self.random.randint(1, 4)):
            step = self.step(depth, names, here)
            steps.append(step)
            here = (*here, step.key)
        given = self.chance(0.7) if yields is None else yields
        return Scope(tuple(steps), (), self.value(names + here) if given else None, yields=given)

    def step(self, depth: int, outer: tuple[str, ...], here: tuple[str, ...]) -> Step:
        key = self.name()
        needs = self.some(here, min(len(here), self.random.randint(0, 2)))
        names = outer + needs
        action = self.action(depth, names)
        effect = _has_effect(action)
        leaf = isinstance(action, Call) and action.effect == "write"
        limit = 30 * SECOND if leaf and self.count % 2 else None  # the others are often bare
        if isinstance(action, Call) and action.action == "events.wait":
            limit = self.random.choice((SECOND, 5 * SECOND, 3600 * SECOND))
        handlers = self.handlers((*names,), depth - 1) if self.chance(0.35) else ()
        checks = (Check(["compare", ["ref", key], [["!=", ["lit", 7]]]], None, "not 7"),) if self.chance(0.1) else ()
        poll = None
        if leaf and self.chance(0.1):
            done = ["compare", ["ref", key], [[">", ["lit", 50]]]]
            poll = Poll(done, ["lit", SECOND], ["lit", 30 * SECOND])
        undo = None
        if effect and self.chance(0.4):
            undo = Scope((Step(f"{key}_undo", None, self.call(names), has_effect=True),), (), None)
        retry = RETRY if leaf and self.chance(0.4) else None
        once = self.onces and leaf and poll is None and retry is None and self.chance(0.4)
        return Step(
            key,
            key,
            action,
            needs,
            self.condition(names) if self.chance(0.2) else None,
            poll,
            checks,
            handlers,
            undo,
            False,
            None,
            Policies(retry=retry, timeout=limit, once=once),
            None,
            _step_has_effect(action, handlers, undo),
        )

    def call(self, names: tuple[str, ...]) -> Call:
        return Call("test.effect", None, (("of", self.value(names)),), None, "write", False, None, None)

    def action(self, depth: int, names: tuple[str, ...]) -> Any:
        kinds = ["call"] * 5 + ["pure"] + ["wait", "event"] * self.waits + ["emit"] * self.emits
        if depth > 0:
            kinds += (
                ["if", "for", "parallel", "sequence", "repeat"] + ["race"] * self.races + ["flow"] * bool(self.flows)
            )
        match self.random.choice(kinds):
            case "call":
                return self.call(names)
            case "wait":
                length = self.random.choice((0, SECOND // 2, 3 * SECOND, 600 * SECOND))
                return Call("time.wait", None, (("duration", ["lit", length]),), None, "wait", False, None, None)
            case "event":
                key = self.random.choice((None, None, "a"))
                given = (("name", ["lit", "go"]), ("key", ["lit", key]))
                return Call("events.wait", None, given, None, "wait", False, None, None)
            case "emit":
                key = self.random.choice((None, "a"))
                told = (("name", ["lit", "go"]), ("key", ["lit", key]), ("data", self.value(names)))
                return Call("events.emit", None, told, None, "write", False, None, None)
            case "pure":
                return Pure(self.value(names))
            case "if":
                other = self.scope(depth - 1, names) if self.chance(0.5) else None
                return IfBlock(((self.condition(names), self.scope(depth - 1, names)),), other)
            case "for":
                loop = self.name()
                items: Any = ["list", [["lit", i] for i in range(self.random.randint(0, 4))]]
                if self.goes_by:
                    items = ["if", self.condition(names), items, ["list", [["lit", 8], ["lit", 9]]]]
                return ForBlock((loop,), items, False, self.scope(depth - 1, (*names, loop)), self.random.randint(1, 3))
            case "parallel":
                return ParallelBlock(self.scope(depth - 1, names), self.random.choice((None, 1, 2)))
            case "sequence":
                return ParallelBlock(self.scope(depth - 1, names).replace(sequential=True), None)
            case "race":
                return RaceBlock(self.scope(depth - 1, names, yields=False))
            case "repeat":
                loop = self.name()
                body = self.scope(depth - 1, (*names, loop), yields=True)
                following = [
                    "if",
                    ["compare", ["ref", loop], [["<", ["lit", 2]]]],
                    ["op", "add_int", ["ref", loop], ["lit", 1]],
                    ["lit", None],
                ]
                return RepeatBlock(loop, ["lit", 0], body.replace(next=following), 10)
        return FlowCall(self.flows[0], (("p", self.value(names)),), None)

    def handlers(self, names: tuple[str, ...], depth: int) -> tuple[Handler, ...]:
        made = []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            kinds = self.random.choice(((), ("http",), ("network", "failed"), ("cancelled",)))
            binding = self.name()
            body = self.scope(min(depth, 1) if depth > 0 else 0, names, self.chance(0.7))
            if self.tells:
                body = body.replace(nodes=(*self.telling(binding), *body.nodes))
            made.append(Handler(kinds, binding, None, body))
        return tuple(made)

    def telling(self, error: str) -> Iterator[Step]:
        """Steps of a handler that tell the error, by a branch and as often as it says."""
        is_http: Any = ["compare", ["attr", ["ref", error], "kind", False], [["==", ["lit", "http"]]]]
        once, twice = ["list", [["lit", 1]]], ["list", [["lit", 1], ["lit", 2]]]
        inner = [
            Scope((Step(self.name(), None, self.call((error,)), has_effect=True),), (), None, yields=False)
            for _ in range(3)
        ]
        yield Step(self.name(), None, IfBlock(((is_http, inner[0]),), inner[1]), has_effect=True)
        loop = ForBlock((self.name(),), ["if", is_http, once, twice], False, inner[2], 1)
        yield Step(self.name(), None, loop, has_effect=True)


def _has_effect(action: Any) -> bool:
    if isinstance(action, (Call, FlowCall)):
        return True
    scopes = [scope for _, scope in getattr(action, "branches", ())]
    scopes += [
        scope for scope in (getattr(action, "body", None), getattr(action, "otherwise", None)) if scope is not None
    ]
    return any(step.has_effect for scope in scopes for step in scope.nodes)


def _step_has_effect(action: Any, handlers: tuple[Handler, ...], undo: Scope | None) -> bool:
    """As lowering decides it: in the action, or in a handler or the undo."""
    bodies = [handler.body for handler in handlers] + ([undo] if undo is not None else [])
    return _has_effect(action) or any(step.has_effect for body in bodies for step in body.nodes)

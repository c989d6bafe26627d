"""Plans for tests: a builder of small ones, and a strategy for plans of any shape that hold together."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from flowlang.plan import nodes
from flowlang.plan.nodes import (
    Call,
    Check,
    Flow,
    FlowCall,
    ForBlock,
    Function,
    Handler,
    IfBlock,
    LetNode,
    MatchBlock,
    ParallelBlock,
    Parameter,
    Place,
    Plan,
    Policies,
    Poll,
    Pure,
    RaceBlock,
    RepeatBlock,
    RetryPolicy,
    Scope,
    Service,
    Step,
    TriggerPlan,
)

SECOND = 1_000_000
RETRY = RetryPolicy("exponential", 3, SECOND, 30 * SECOND, 2.0, 0.5, ("network", "timeout"))


def make_plan(*steps: Step, value: Any = None, **fields: Any) -> Plan:
    """A plan of one flow `f` with one parameter `p`."""
    flow = Flow("f", (Parameter("p", 0),), (), Scope(steps, (), value), fields.pop("handlers", ()), None)
    flow = flow.replace(**{k: fields.pop(k) for k in ("deadline", "width") if k in fields})
    base = Plan(nodes.FORMAT, nodes.EVALUATOR, "f", {"f": flow}, ("any",), (), {}, {}, {}, nodes.Limits(), {}, {})
    return base.replace(**fields)


def call(key: str = "a", *needs: str, timeout: int | None = SECOND, **fields: Any) -> Step:
    """A step that calls `http.get` with an attempt timeout."""
    policies = Policies(timeout=timeout, retry=fields.pop("retry", None), total=fields.pop("total", None))
    action = Call("http.get", None, (("url", ["lit", "https://x.example"]),), None, "read", False, None, 0)
    return Step(key, key, action, needs, policies=policies, has_effect=True, **fields)


def block(key: str, action: Any, *needs: str, **fields: Any) -> Step:
    return Step(key, key, action, needs, **fields)


def body(*steps: Step, **fields: Any) -> Scope:
    return Scope(steps, (), None, **fields)


# ---- plans of any shape: hypothesis gives the seed, for its own draws would take a second a plan


def plans() -> st.SearchStrategy[Plan]:
    """Plans that hold together, of any shape."""
    return st.integers(0, 2**32).map(lambda seed: _Maker(Random(seed)).plan())


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random

    def some(self, make: Callable[[], Any]) -> Any:
        return make() if self.random.random() < 0.3 else None

    def text(self) -> str:
        return "".join(self.random.choices("ab'\"\\\n{ä\ud800\U0001f600", k=self.random.randrange(5)))

    def scalar(self) -> Any:
        big = self.random.randint(-(2**63), 2**63 - 1)
        return self.random.choice([None, True, False, 0, 1, 1.0, -0.0, 1e300, big, self.text()])

    def expr(self, names: list[str], depth: int = 2) -> Any:
        """An expression over names, the constant `k`, the configuration `c`, the function `g` and type 0."""
        leaves = [["lit", self.scalar()], ["const", "k"], ["config", "c"], *(["ref", name] for name in names)]
        if depth == 0 or self.random.random() < 0.3:
            return self.random.choice(leaves)

        def e() -> Any:
            return self.expr(names, depth - 1)

        flag = self.random.random() < 0.5
        forms: list[Callable[[], Any]] = [
            lambda: ["attr", e(), self.text(), flag],
            lambda: ["soft", e(), self.text(), flag],
            lambda: ["has", e(), e()],
            lambda: ["slice", e(), e(), self.some(e), None],
            lambda: ["list", [e(), e()]],
            lambda: ["map", [[e(), e()], ["**", e()]]],
            lambda: ["text", [self.text(), ["show", e(), 0]]],
            lambda: ["url", [["base", e()], self.text(), ["segment", e(), 0]]],
            lambda: ["op", "add_any", e(), e()],
            lambda: ["if", ["not", e()], ["neg", "any", e()], ["and", e(), e()]],
            lambda: ["compare", e(), [["<:number", e()], ["not_in", e()]]],
            lambda: ["comp", ["ref", "it"], ["it"], e(), ["ref", "it"], False],
            lambda: ["fn", "g", [e()]],
            lambda: ["python", "m:f", [["x", e()]], 0],
            lambda: ["check", ["edge", e(), 0], 0],
        ]
        return self.random.choice(forms)()

    def scope(self, names: list[str], depth: int) -> Scope:
        """A scope in frames with these names; steps are named after their depth, so that nothing is shadowed."""
        keys = [f"s{depth}_{i}" for i in range(self.random.randint(0, 3 if depth else 1))]
        inner = [*names, *keys]
        steps = tuple(self.step(key, keys[:i], inner, depth) for i, key in enumerate(keys))
        lets = (LetNode(f"l{depth}", self.expr(inner), tuple(keys)),) if self.random.random() < 0.5 else ()
        value = self.some(lambda: self.expr([*inner, *(let.name for let in lets)]))
        record = tuple(keys) if value is None else None
        return Scope(steps, lets, value, None, record, self.random.random() < 0.2, value is not None)

    def action(self, names: list[str], depth: int) -> Any:
        def inner(*bound: str) -> Scope:
            return self.scope([*names, *bound], depth - 1)

        e = self.expr(names, 1)
        service = self.random.choice([None, "s"])
        forms: list[Callable[[], Any]] = [
            lambda: Call("http.post", None, (("url", e),), service, "write", False, ["result"], 0),
            lambda: Pure(e, True),
            lambda: FlowCall("sub", (("q", e),), None),
        ]
        blocks: list[Callable[[], Any]] = [
            lambda: IfBlock(((e, inner()),), self.some(inner)),
            lambda: MatchBlock(e, (((e,), inner()),), None),
            lambda: ForBlock((f"x{depth}",), e, False, inner(f"x{depth}"), self.random.randint(1, 20)),
            lambda: ParallelBlock(inner(), self.some(lambda: 3)),
            lambda: RaceBlock(inner()),
            lambda: RepeatBlock(f"c{depth}", e, inner(f"c{depth}"), 7),
        ]
        return self.random.choice(forms + (blocks if depth else []))()

    def step(self, key: str, before: list[str], names: list[str], depth: int) -> Step:
        def e() -> Any:
            return self.expr(names, 1)

        caught = [*names, "err"]
        handler = Handler(("timeout",), "err", self.some(lambda: self.expr(caught)), self.scope(caught, 0))
        metered = Policies(retry=RETRY, timeout=5, meter=(("tokens", ["result"]),))
        return Step(
            key=key,
            name=key,
            action=self.action(names, depth),
            needs=tuple(before[: self.random.randint(0, len(before))]),
            when=self.some(e),
            poll=self.some(lambda: Poll(e(), e(), self.some(e))),
            checks=tuple(Check(e(), None, "x", tuple(range(i))) for i in range(self.random.randint(0, 2))),
            handlers=(handler,) if self.random.random() < 0.3 else (),
            undo=self.some(lambda: self.scope(names, 0)),
            type=self.some(lambda: 0),
            policies=self.random.choice([Policies(), metered]),
            has_effect=self.random.random() < 0.5,
        )

    def plan(self) -> Plan:
        """A plan with two flows, a constant, a configuration value, a function and a service."""
        main = Flow("f", (Parameter("p", 0),), (Check(["ref", "p"], None, "p"),), self.scope(["p"], 2), (), 0)
        trigger = TriggerPlan("event", (("name", ["lit", "x"]),), None, (("p", ["ref", "event"]),))
        parameter = Parameter("q", 0, ["lit", None], False, "doc")
        sub = Flow("sub", (parameter,), (), Scope((), (), ["ref", "q"], None, None, False, True), (), None)
        return Plan(
            format=nodes.FORMAT,
            evaluator=nodes.EVALUATOR,
            flow="f",
            flows={"f": main.replace(triggers=(trigger,)), "sub": sub},
            types=("any", ["list", "any"]),
            config=(Parameter("c", 0, None, True),),
            constants={"k": ["lit", self.scalar()]},
            functions={"g": Function(("x",), ["ref", "x"])},
            services={"s": Service("s", ["lit", "https://x.example"], None, None)},
            limits=nodes.Limits(),
            places={"f:": Place("a.flow", 1, 1, 1, 2, "flow f")},
            docs={"f:": self.text()},
        )

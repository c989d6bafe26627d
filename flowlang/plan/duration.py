"""How long a flow can take at most: exact arithmetic over the plan, in whole microseconds.

An upper bound, sound for any scheduling: attempts run to their timeouts, waits last as long as jitter, cap and
`Retry-After` let them, the critical path counts, handlers and undos come on top. What has no bound is unbounded, with
the reason. Not counted: waiting for a rate limit or a free slot, which depends on other runs, and the time of pure
expressions. `Retry-After` may stretch a wait up to `max_delay`: `without Retry-After` is the same bound for servers
that never send it.

A scope whose steps may run at once, at most `width` of them, takes at most the critical path plus, for a width, the
rest of the work divided by the width (Graham 1966).
"""

from __future__ import annotations

from fractions import Fraction

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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from flowlang.plan.nodes import Expr, Handler, Plan, RetryPolicy, Scope, Step

CLEAN_UP: Final = 5 * 60 * 1_000_000  # handlers and undos after a cancel or an expired deadline
STATUS: Final = frozenset("12345")
MANY: Final = 1000  # waits that are added one by one; further ones count as the longest there may be


class Bound(Record):
    """At most `micros`; null: unbounded, and `reason` says why."""

    __slots__ = ()

    micros: int | None
    reason: str = ""


class StepBound(Record):
    """`run`: the step with its handlers.

    `undo`: what undoing it and all beneath it may take. `item`: one item or round of a loop.
    """

    __slots__ = ()

    run: Bound
    undo: Bound
    item: Bound | None = None


ZERO: Final = Bound(0)


def longest_waits(policy: RetryPolicy, retry_after: bool = True) -> int:
    """All waits between attempts, each as long as it may be, in microseconds."""
    waits = policy.attempts - 1
    if retry_after and any(on[:1] in STATUS for on in policy.on):
        return waits * policy.max_delay
    share = Fraction(0) if isinstance(policy.jitter, str) else Fraction(policy.jitter)
    spent = 0
    for n in range(1, min(waits, MANY) + 1):
        wait = _ceil(policy.delay * _growth(policy, n) * (1 + share))
        if wait >= policy.max_delay and policy.multiplier >= 1:
            return spent + (waits - n + 1) * policy.max_delay
        spent += min(wait, policy.max_delay)
    return spent + max(0, waits - MANY) * policy.max_delay


def _growth(policy: RetryPolicy, n: int) -> Fraction:
    """What the first delay is multiplied by before the attempt after the n-th."""
    match policy.strategy:
        case "linear":
            return Fraction(n)
        case "exponential":
            return Fraction(policy.multiplier) ** (n - 1)
    return Fraction(policy.strategy != "none")


class WorstCase:
    """The bounds of one plan, each computed once."""

    def __init__(self, plan: Plan, retry_after: bool = True) -> None:
        self.plan = plan
        self.retry_after = retry_after
        self.flows: dict[str, StepBound] = {}

    def flow(self, name: str) -> Bound:
        """The whole run of a flow: body, undos, handlers."""
        return total(self.parts(name))

    def parts(self, name: str) -> tuple[Bound, Bound, Bound]:
        """What the bound of a flow is made of: its body up to its deadline, all undos, the longest handler."""
        flow = self.plan.flows[name]
        body, handlers = self.scope(flow.body), self._handlers(flow.handlers, flow.deadline)
        return at_most(body.run, flow.deadline), add(body.undo, handlers.undo), handlers.run

    def _flow(self, name: str) -> StepBound:
        if name not in self.flows:
            body, undo, handlers = self.parts(name)
            self.flows[name] = StepBound(add(body, handlers), undo)
        return self.flows[name]

    def scope(self, scope: Scope, width: int | None = None) -> StepBound:
        """The steps of a scope, one after another or as their needs allow; undos run one after another."""
        bounds = {step.key: self.step(step) for step in scope.nodes}
        runs = {key: bound.run for key, bound in bounds.items()}
        undo = total(bound.undo for bound in bounds.values())
        if scope.sequential or width == 1:
            return StepBound(total(runs.values()), undo)
        path = critical_path({step.key: step.needs for step in scope.nodes}, runs)
        if width is None or width >= len(runs):
            return StepBound(path, undo)
        work = total(runs.values())
        if work.micros is None or path.micros is None:
            return StepBound(work if work.micros is None else path, undo)
        return StepBound(Bound(_ceil(path.micros + Fraction(work.micros - path.micros, width))), undo)

    def step(self, step: Step) -> StepBound:
        """One step with its clauses."""
        inside = self._action(step)
        run = inside.run
        if step.poll is not None:
            run = self._poll(step)
        run = at_most(at_most(run, step.deadline), step.policies.total)
        handlers = self._handlers(step.handlers, step.deadline or step.policies.total)
        own = ZERO if step.undo is None else self.scope(step.undo).run
        # All: a block that fails with an unknown outcome is undone inside, then itself; and what its handler did is
        # undone where that fails, or what stands around it.
        return StepBound(add(run, handlers.run), total((own, inside.undo, handlers.undo)), inside.item)

    def _action(self, step: Step) -> StepBound:
        match step.action:
            case Call():
                return StepBound(self._call(step, step.action), ZERO)
            case FlowCall(flow=name):
                return self._flow(name)
            case Pure():
                return StepBound(ZERO, ZERO)
            case IfBlock(branches=branches, otherwise=otherwise):
                return self._longest([scope for _, scope in branches], otherwise)
            case MatchBlock(cases=cases, otherwise=otherwise):
                return self._longest([scope for _, scope in cases], otherwise)
            case ParallelBlock(body=body, width=width):
                return self.scope(body, width)
            case RaceBlock(body=body):
                return self.scope(body)
            case ForBlock(iterable=iterable, body=body, width=width):
                return self._loop(self.scope(body), length_of(self.plan, iterable), width)
            case RepeatBlock(body=body, limit=limit):
                return self._loop(self.scope(body), limit, 1)

    def _longest(self, scopes: list[Scope], otherwise: Scope | None) -> StepBound:
        bounds = [self.scope(scope) for scope in (*scopes, *((otherwise,) if otherwise is not None else ()))]
        return StepBound(longest(b.run for b in bounds), longest(b.undo for b in bounds))

    def _loop(self, item: StepBound, length: int | None, width: int) -> StepBound:
        if length is None:
            reason = "a `for` over a list of unknown length"
            run = Bound(None, item.run.reason or reason) if item.run.micros != 0 else ZERO
            return StepBound(run, Bound(None, reason) if item.undo.micros != 0 else ZERO, item.run)
        return StepBound(times(item.run, -(-length // width)), times(item.undo, length), item.run)

    def _call(self, step: Step, call: Call) -> Bound:
        if call.effect == "clock" or call.action == "events.emit":
            return ZERO
        if call.action in ("wait", "time.wait"):
            (_, length), *_ = call.arguments
            if (span := span_of(length)) is not None:
                return Bound(span)
            return Bound(None, f"`{step.key}` waits for a time known only when it runs")
        policies = step.policies
        if policies.timeout is None:
            what = "has no timeout" if call.effect != "wait" else "waits without a timeout"
            return Bound(None, f"`{step.key}` {what}")
        if policies.retry is None:
            return Bound(policies.timeout)
        waits = longest_waits(policies.retry, self.retry_after)
        return Bound(policies.retry.attempts * policies.timeout + waits)

    def _poll(self, step: Step) -> Bound:
        limit = step.poll.limit if step.poll is not None else None
        if limit is not None and (span := span_of(limit)) is not None:
            return Bound(span)
        return Bound(None, f"`{step.key}` polls without a limit known before it runs")

    def _handlers(self, handlers: tuple[Handler, ...], deadline: int | None) -> StepBound:
        """The longest handler; after a deadline no handler takes longer than the time for cleaning up."""
        bounds = [self.scope(handler.body) for handler in handlers]
        run, undo = longest(bound.run for bound in bounds), longest(bound.undo for bound in bounds)
        if deadline is None:
            return StepBound(run, undo)
        return StepBound(*(Bound(CLEAN_UP) if each.micros is None else each for each in (run, undo)))


def span_of(expr: Expr) -> int | None:
    """The duration (µs) that an expression for one is, if the plan says so."""
    match expr:
        case ["duration" | "lit", int(micros)]:
            return micros
    return None


def length_of(plan: Plan, expr: Expr) -> int | None:
    """How many items a list or map has at most, if the plan says so."""
    match expr:
        case ["list", list(items)]:
            return len(items)
        case ["map", list(entries)] if all(entry[0] != "**" for entry in entries):
            return len(entries)
        case ["const", str(name)] if name in plan.constants:
            return length_of(plan, plan.constants[name])
        case ["check", [*inner], int()]:
            return length_of(plan, inner)
        case ["call", "range", [["lit", int(stop)]]]:
            return max(stop, 0)
    return None


# ---- arithmetic of bounds


def add(a: Bound, b: Bound) -> Bound:
    """One after the other."""
    if a.micros is None or b.micros is None:
        return a if a.micros is None else b
    return Bound(a.micros + b.micros)


def total(bounds: Iterable[Bound]) -> Bound:
    """All, one after another."""
    found = ZERO
    for bound in bounds:
        found = add(found, bound)
    return found


def longest(bounds: Iterable[Bound]) -> Bound:
    """The longest of them; nothing takes no time."""
    return max(bounds, key=_length, default=ZERO)


def times(bound: Bound, count: int) -> Bound:
    """So many, one after another."""
    if count == 0:
        return ZERO
    return bound if bound.micros is None else Bound(bound.micros * count)


def at_most(bound: Bound, deadline: int | None) -> Bound:
    """Cut by a deadline."""
    if deadline is None or (bound.micros is not None and bound.micros <= deadline):
        return bound
    return Bound(deadline)


def critical_path(needs: dict[str, tuple[str, ...]], lengths: dict[str, Bound]) -> Bound:
    """The longest way through a scope; the plan has no cycles."""
    ends: dict[str, Bound] = {}
    pending = list(needs)
    while pending:
        key = pending[-1]
        missing = [n for n in needs[key] if n not in ends]
        if key not in ends and missing:
            pending += missing
            continue
        pending.pop()
        if key not in ends:
            ends[key] = add(longest(ends[n] for n in needs[key]), lengths[key])
    return longest(ends.values())


def _length(bound: Bound) -> float:
    return float("inf") if bound.micros is None else bound.micros


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)

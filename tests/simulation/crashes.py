"""Random flows that crash and are resumed, and what must hold then: nothing journaled is done again, what was done is
undone if the run does not succeed, and without failures the end is that of the undisturbed run.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable, Container, Iterator, Sequence
from functools import lru_cache
from typing import Any

from flowlang.plan.nodes import FlowCall, Plan, Scope
from flowlang.plan.verify import verify
from flowlang.plan.walk import inner_scopes
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.interpreter import Outcome, Run
from flowlang.runtime.interpreter.activity import Parked, Patience
from flowlang.runtime.journal import ancestors, is_in_handler
from flowlang.runtime.memory import MemoryShared
from flowlang.runtime.seam import Seam
from flowlang.store.history import Row, entries_of
from tests.golden.run.play import Mail
from tests.golden.run.script import Told
from tests.simulation.clock import Clock, simulate
from tests.simulation.journal import CrashingJournal, Rows
from tests.simulation.random_flows import FixedWorld, random_plan
from tests.simulation.random_flows import Told as Seen
from tests.simulation.transport import World

UNREACHED = "the run did not come to it again"
ENDS = ("value", "failed", "handled")
NO_NATIVES: dict[str, Callable[..., Any]] = {}
"""One and the same for all: with it, and the plan, goes what the interpreter has made of a plan."""


def run_once(
    plan: Plan,
    world: FixedWorld,
    rows: Rows,
    clock: Clock,
    limit: int | None,
    cancel: float | None,
    mail: Mail | None = None,
    patience: Patience | None = None,
) -> Outcome | None:
    """One process: the run's end, or null if it died after so many entries. `cancel`: when its end is asked for. Raises
    `Parked` when the run leaves.
    """
    journal = CrashingJournal(rows, "run", limit)
    seam = Seam(clock.now, clock.monotonic, clock.sleep, lambda: 0.5, World(clock), _no_python, _no_function)

    async def process() -> Outcome | None:
        run = Run(
            plan,
            "run",
            {"p": 1},
            {},
            seam=seam,
            journal=journal,
            shared=MemoryShared(),
            natives=NO_NATIVES,
            actions={**ACTIONS, "test.effect": world.effect},
            events=None if mail is None else mail.deliver(),
            patience=patience,
        )
        loop = asyncio.get_running_loop()
        if cancel is not None and cancel <= loop.time():
            run.cancel()
        elif cancel is not None:
            loop.call_at(cancel, run.cancel)
        work = loop.create_task(run.execute())
        crash = loop.create_task(journal.crashed.wait())
        await asyncio.wait({work, crash}, return_when=asyncio.FIRST_COMPLETED)
        if crash.done() or journal.lost:
            world.told.dead = True
            return None
        return work.result()

    return simulate(clock, process)


async def _no_python(target: str, arguments: Any) -> object:
    raise LookupError(target)


def _no_function(target: str) -> Any:
    raise LookupError(target)


def said(outcome: Outcome) -> Any:
    """What an outcome says, without the times."""
    error = None if outcome.error is None else (outcome.error.kind, outcome.error.step, outcome.error.message)
    left = sorted(outcome.unknown), sorted(failure.message for failure in outcome.undo_failures)
    return outcome.status, outcome.output, error, *left


def ended_before(rows: list[Row]) -> set[str]:
    return {row.entry.key for row in rows if row.entry.kind in ENDS}


def undoable(plan: Plan) -> tuple[set[str], list[str]]:
    """The static paths of steps with an undo, through called flows; and prefixes whose undos are another's to run."""
    found: set[str] = set()
    apart: list[str] = []

    def walk(scope: Scope, prefix: str) -> None:
        for step in scope.nodes:
            path = prefix + step.key
            if step.undo is not None:
                found.add(path)
            if isinstance(step.action, FlowCall):
                walk_flow(step.action.flow, f"{path}/")
                if step.undo is not None:
                    apart.append(f"{path}/")
            for suffix, inner in inner_scopes(step):
                walk(inner, f"{path}{suffix}.")
                if suffix == ".undo":
                    apart.append(f"{path}.undo.")

    def walk_flow(name: str, prefix: str) -> None:
        walk(plan.flows[name].body, prefix)
        apart.extend(f"{prefix}catch{i}." for i in range(len(plan.flows[name].handlers)))

    walk_flow(plan.flow, "")
    return found, apart


def check_undos(plan: Plan, outcome: Outcome, rows: Rows, cancelled: bool = False) -> None:
    """In a run that did not succeed, all that was done and can be undone was undone. No secret has changed, so the run
    comes again to all of it.

    A handler that was cut off by a cancellation and a crash goes through to its end when the run is resumed, so
    what one inside it had done about being cut off is not looked at.
    """
    named = [failure.step or "" for failure in outcome.undo_failures if UNREACHED in failure.message]
    assert not named, f"the run did not come again to {named}"
    if outcome.status == "succeeded":
        return
    found, apart = undoable(plan)
    kinds = {(row.entry.key, row.entry.kind) for row in rows.rows}
    for path, kind in kinds:
        static = re.sub(r"\[[^\]]*\]", "[]", re.sub(r"#\d+(?=$|[./\[])", "", path))
        if cancelled and ".catch" in static:
            continue
        if kind == "value" and static in found and not static.startswith(tuple(apart)):
            assert (path, "undone") in kinds, f"{path} was not undone"


def crash_everywhere(
    seed: int, failures: float, races: bool, most: int = 60, cancel: float | None = None, deadline: int | None = None
) -> None:
    plan = random_plan(seed, races)
    plan = plan.replace(flows={**plan.flows, "main": plan.flows["main"].replace(deadline=deadline)})
    verify(plan)
    world, rows = FixedWorld(seed, failures), Rows()
    reference = run_once(plan, world, rows, Clock(), None, cancel)
    assert reference is not None
    check_undos(plan, reference, rows, cancel is not None)
    for limit in range(min(len(rows.rows), most)):
        world, rows, clock = FixedWorld(seed, failures), Rows(), Clock()
        outcome = run_once(plan, world, rows, clock, limit, cancel)
        if outcome is None:
            known, world.told = ended_before(rows.rows), Seen()
            outcome = run_once(plan, world, rows, clock, None, cancel)
            assert outcome is not None
            again = {path for path, _, _ in world.told.started} & known
            assert not again, f"journaled steps were executed again: {again}"
        check_undos(plan, outcome, rows, cancel is not None)
        if not failures and cancel is None and deadline is None:
            assert said(outcome) == said(reference)


def retry_everywhere(seed: int, failures: float, races: bool, most: int = 40, onces: bool = False) -> None:
    """A flow that is tried again twice while it fails, and fails otherwise, with a crash at any entry: it can always go
    on, nothing that counts is done again, a new failure has handlers of its own, and no key stands for two bodies.
    With `onces` some steps are `@once`, and what is done hangs on what was called.
    """
    plan = random_plan(seed, races, tells=True, onces=onces, goes_by=onces)
    verify(plan)
    for limit in [None, *range(min(len(retried(plan, seed, failures, None)), most))]:
        retried(plan, seed, failures, limit)


def retried(plan: Plan, seed: int, failures: float, limit: int | None) -> list[Row]:
    """The rows of a run in two retries; its first process dies that would write more entries than `limit`."""
    rows, clock, bodies = Rows(), Clock(), {}
    for attempt in range(3):
        world, outcome = FixedWorld(seed + 1_000_003 * attempt, failures), None
        world.bodies = bodies
        while outcome is None:
            counting = entries_of(rows.live())
            known, world.told = {key for key, kind in counting if kind in ENDS} | barred(rows.rows), Seen()
            outcome = run_once(plan, world, rows, clock, limit, None)
            limit = None if outcome is None else limit
            again = {path for path, _, _ in world.told.started} & known
            assert not again, f"steps that count were executed again: {again}"
        assert not world.torn, f"one key stood for two bodies: {world.torn}"
        check_handlers(rows)
        if outcome.status == "succeeded":
            break
        rows.try_again(plan)
    return rows.rows


def barred(rows: Sequence[Row]) -> set[str]:
    """The `@once` steps that were started, and after that neither ended well nor were undone."""
    open_: set[str] = set()
    for row in rows:
        entry: Any = row.entry
        if entry.kind == "started":
            open_.add(entry.key)
        elif entry.kind == "value":
            open_.discard(entry.key)
        elif entry.kind == "undone" and entry.data["error"] is None:
            open_ -= {key for key in open_ if entry.key in ancestors(key) and not is_in_handler(key, entry.key)}
    return open_


def check_handlers(rows: Rows) -> None:
    """What failed in this try, and was not answered, was told to handlers that began in this try. Losers of a race that
    was won in an earlier one are only gone through again, and `@once` steps are not started again.
    """
    counting = rows.live()
    handled = {row.entry.key for row in counting if row.entry.kind == "handled"}
    mine = [row.entry for row in counting if row.retry == rows.retry]
    failed = {
        entry.key
        for entry in mine
        if entry.kind == "failed" and entry.key not in handled and "the race is over" not in str(entry.data)
    }
    left = barred([row for row in rows.rows if row.retry < rows.retry])
    for row in counting:
        if row.retry == rows.retry or row.entry.kind == "unknown" or row.entry.key in left:
            continue
        old = [key for key in failed if is_in_handler(row.entry.key, key) and row.entry.key.startswith(key)]
        assert not old, f"{row.entry.key} was done about an earlier failure"


def waiting_through(
    plan: Plan, seed: int, patience: Patience | None, deaths: Sequence[int] = (), backwards: bool = False
) -> tuple[Outcome, Rows]:
    """Run a flow that waits to its end, over processes that leave when it does and die after so many entries.
    `backwards`: what is due at one instant comes in the opposite order.
    """
    draw = random.Random(f"events {seed}")
    told = [Told(round(draw.uniform(0, 40), 6), "go", draw.choice((None, "a")), n) for n in range(draw.randrange(6))]
    world, rows, clock, limits = FixedWorld(seed, 0.1), Rows(), Clock(backwards=backwards), iter(deaths)
    mail = Mail([*told, Told(1800.0, "go", "a", 99)], clock)
    for _ in range(300):
        known, world.told = ended_before(rows.rows), Seen()
        try:
            outcome = run_once(plan, world, rows, clock, next(limits, None), None, mail, patience)
        except Parked as parked:
            outcome = None
            clock.seconds = max(clock.seconds, mail.hasten((parked.wake - clock.epoch) / 1_000_000))
        again = {path for path, _, _ in world.told.started} & known
        assert not again, f"journaled steps were executed again: {again}"
        if outcome is not None:
            return outcome, rows
    raise AssertionError("the run does not come to an end")


def wait_by_seed(seed: int, emits: bool = False) -> bool:
    """A flow that waits for times and events ends alike, at the same instants, if it leaves the process whenever it
    only waits; and soundly if processes die besides, each event received once.

    False is given for one that cannot be compared: another of several steps received an event, or the end hangs on
    which of the waits that are over at one instant goes on first, which is open.
    """
    plan = random_plan(seed, races=True, waits=True, emits=emits)
    verify(plan)
    reference, rows = waiting_through(plan, seed, None)
    backwards, backwards_rows = waiting_through(plan, seed, None, backwards=True)
    parked, parked_rows = waiting_through(plan, seed, Patience(0.01, 0.2))
    is_comparable = received(parked_rows) == received(rows) and said(backwards) == said(reference)
    # What is emitted makes steps end at one instant, and of those the order is open: then the same are to fail.
    kinds = {"failed"} if emits else ENDS
    is_comparable = is_comparable and ends_of(backwards_rows, kinds) == ends_of(rows, kinds)
    is_alike = said(parked) == said(reference) and (emits or ends_of(parked_rows) == ends_of(rows))
    is_comparable = is_comparable and (is_alike or not is_contested(rows))
    if is_comparable:
        assert said(parked) == said(reference)
        if not emits:
            assert ends_of(parked_rows) == ends_of(rows)
    draw = random.Random(f"deaths {seed}")
    deaths = sorted(draw.randrange(len(rows.rows) + 1) for _ in range(3))
    outcome, rows = waiting_through(plan, seed, Patience(0.01, 0.2), deaths)
    check_undos(plan, outcome, rows)
    numbers = [number for _, number in received(rows)]
    assert len(numbers) == len(set(numbers)), "an event was received twice"
    return is_comparable


def is_contested(rows: Rows) -> bool:
    """Whether a scope failed at the very instant at which something else in it was to go on: either may come first,
    whichever way the loop turns, for one takes more turns than the other.
    """
    due = {(at, row.entry.key) for row in rows.rows for at in _due(row)}
    failures: list[Any] = [row.entry for row in rows.rows if row.entry.kind == "scope_failed"]
    return any(
        at == entry.ended and key != entry.data["error"].get("step") and entry.key in (*ancestors(key), "")
        for entry in failures
        for at, key in due
    )


def _due(row: Row) -> Iterator[int]:
    data: Any = row.entry.data
    names = {"poll": ("next",), "attempt": ("not_before",), "wait": ("until", "by")}.get(row.entry.kind, ())
    return (data[name] for name in names if data.get(name) is not None)


def received(rows: Rows) -> set[tuple[str, str]]:
    """The steps that received events, with the events' numbers."""
    keys = [row.entry.key.rpartition("#e") for row in rows.rows if row.entry.kind == "event"]
    return {(path, number) for path, _, number in keys}


def ends_of(rows: Rows, kinds: Container[str] = ENDS) -> list[tuple[str, str, int]]:
    """What ended, how, and when."""
    return sorted((row.entry.key, row.entry.kind, row.entry.ended) for row in rows.rows if row.entry.kind in kinds)


def crash_by_seed(seed: int) -> str:
    """`crash_somewhere` as a seed says: sixteen share a flow, whose making is the dear part; odd ones are rough."""
    return crash_somewhere(seed, seed - seed % 16, rough=seed % 2 == 1)


def crash_somewhere(seed: int, flow: int, rough: bool) -> str:
    """One run of the random flow of a number: failures, cancellation or deadline, up to three crashes, as a seed says.
    Gives its trace: what was journaled and how it ended; raises AssertionError where it is unsound.
    """
    draw = random.Random(f"scenario {seed}")
    failures = draw.choice((0.0, 0.1, 0.25, 0.5))
    cancel = draw.choice((None, None, None, 0.05, 0.9, 2.2))
    deadline = draw.choice((None, None, None, 300_000, 1_200_000))
    plan = _kept_plan(flow, draw.random() < 0.7, deadline)
    world, rows, clock = FixedWorld(seed, failures, rough), Rows(), Clock()
    for limit in [*sorted(draw.randrange(40) for _ in range(draw.randrange(1, 4))), None]:
        known, world.told = ended_before(rows.rows), Seen()
        outcome = run_once(plan, world, rows, clock, limit, cancel)
        again = {path for path, _, _ in world.told.started} & known
        assert not again, f"journaled steps were executed again: {sorted(again)}"
        if outcome is not None:
            check_undos(plan, outcome, rows, cancel is not None)
            return json.dumps([[repr(row.entry) for row in rows.rows], said(outcome)], default=str)
    raise AssertionError("the run did not end")


@lru_cache(maxsize=8)
def _kept_plan(flow: int, races: bool, deadline: int | None) -> Plan:
    """A flow's plan, one and the same for all seeds that share it: what the interpreter makes of a plan is kept."""
    if deadline is None:
        return random_plan(flow, races)
    plan = _kept_plan(flow, races, None)
    return plan.replace(flows={**plan.flows, "main": plan.flows["main"].replace(deadline=deadline)})

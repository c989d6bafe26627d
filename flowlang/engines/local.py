"""Runs in this process: begin one, join one, go on with one, try one again, end one.

Whoever claims a run executes it; whoever finds it claimed by a live process waits for that one to end it, and takes
over if that process dies. A run is executed on the plan it began with. When this process is interrupted it lets the
run go, and nothing is undone: the run can be resumed by anyone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from flowlang.engines.steps import StepReport
from flowlang.plan.nodes import Plan
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.functions import FUNCTIONS
from flowlang.runtime.interpreter.run import Outcome, Run
from flowlang.runtime.journal import JournalConflict, JournalUnavailable
from flowlang.runtime.observe import Gate, Observe
from flowlang.runtime.seam import Seam
from flowlang.store.runs import NewRun, RunRecord
from flowlang.store.sqlite import Held, Store

T = TypeVar("T")

LOOK_S = 0.25
"""How often a running run is looked at from outside: by who waits for it, and by its owner for a request to end it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over. `steps` are those of this process' part; none if another process ended it, or if they are too
    many to hold: the journal tells of all but the pure ones.
    """

    record: RunRecord
    steps: list[StepReport] | None = None
    unknown: list[str] = field(default_factory=list)
    undo_failures: list[object] = field(default_factory=list)


class Watcher(Protocol):
    """Is told of one run: that it begins here, its events, how it ended. Must not raise."""

    def begun(self) -> None: ...

    def observe(self, event: tuple[Any, ...]) -> None: ...

    def ended(self, status: str, created: int, error: object) -> None: ...


class OtherRun(Exception):
    """The id belongs to a run with other inputs or of another plan; the message says which."""


class LocalEngine:
    """Executes runs of one store. `on_join` is told when a run turns out to be under way elsewhere; `watchers` gives
    who watches a run from its beginning here to its end.
    """

    def __init__(
        self,
        store: Store,
        seam: Seam,
        *,
        observe: Observe | None = None,
        on_join: Callable[[RunRecord], object] | None = None,
        gate: Gate | None = None,
        watchers: Callable[[RunRecord], Sequence[Watcher]] | None = None,
    ) -> None:
        self._store = store
        self._seam = seam
        self._observe = observe
        self._on_join = on_join
        self._gate = gate
        self._watchers = watchers

    async def start(self, new: NewRun, plan: Plan, config: Mapping[str, object]) -> Finished:
        """Begin a run, or join the one of its id; raises `OtherRun` if that is not the same run."""
        made = await self._store.create(new)
        if isinstance(made, Held):
            return await self._execute(made, plan, config)
        _require_same(made.record, new)
        return await self.resume(new.id, plan, {**config, **made.record.config})

    async def resume(self, run_id: str, plan: Plan, config: Mapping[str, object]) -> Finished:
        """Go on with a run until it is over, here or where it is running."""
        told = False
        while True:
            taken = await self._store.take(run_id)
            if isinstance(taken, Held):
                return await self._execute(taken, plan, config)
            if taken.record.is_over:
                return Finished(taken.record)
            if not told and self._on_join is not None:
                self._on_join(taken.record)
                told = True
            await asyncio.sleep(LOOK_S)

    async def retry(self, run_id: str, plan: Plan, config: Mapping[str, object], *, from_start: bool) -> Finished:
        """Run a failed or cancelled run again."""
        return await self._execute(await self._store.retry(run_id, from_start=from_start), plan, config)

    async def cancel(self, run_id: str, plan: Plan, config: Mapping[str, object]) -> Finished:
        """End a run for good, here if nobody is at it: its undos and handlers run."""
        await self._store.ask_to_cancel(run_id)
        return await self.resume(run_id, plan, config)

    async def _execute(self, held: Held, plan: Plan, config: Mapping[str, object]) -> Finished:
        record = held.record
        watchers = [] if self._watchers is None else self._watchers(record)
        observers = [each for each in (self._observe, *(watcher.observe for watcher in watchers)) if each is not None]
        run = Run(
            plan,
            record.id,
            record.inputs,
            config,
            seam=self._seam,
            journal=held.journal,
            shared=self._store.shared,
            natives=FUNCTIONS,
            actions=ACTIONS,
            observe=_all(observers),
            gate=self._gate,
        )
        held.journal.on_cancel = run.cancel
        for watcher in watchers:
            watcher.begun()
        watch = asyncio.create_task(self._watch(record, run))
        try:
            outcome = await run.execute()
        except JournalConflict:
            return await self._yield_to_owner(record, plan, config)
        except BaseException:
            await _shielded(self._store.release(held))
            raise
        finally:
            watch.cancel()
        finished = await _shielded(self._finish(held, outcome))
        for watcher in watchers if finished is not None else ():
            watcher.ended(outcome.status, record.created, None if outcome.error is None else outcome.error.to_json())
        return await self.resume(record.id, plan, config) if finished is None else finished

    async def _finish(self, held: Held, outcome: Outcome) -> Finished | None:
        """Write how a run ended; null if another process owns it now and will end it."""
        error = None if outcome.error is None else outcome.error.to_json()
        status: Any = outcome.status
        if not await self._store.finish(held, status, outcome.output, error, self._seam.now()):
            return None
        return Finished(
            self._store.get(held.record.id),
            None if outcome.left_out else reports(outcome),
            outcome.unknown,
            [failure.to_json() for failure in outcome.undo_failures],
        )

    async def _yield_to_owner(self, record: RunRecord, plan: Plan, config: Mapping[str, object]) -> Finished:
        """Another process has taken the run over: wait for it, unless the journal itself disagrees."""
        standing = self._store.get(record.id)
        if not standing.is_over and not self._store.is_running(standing):
            raise
        return await self.resume(record.id, plan, config)

    async def _watch(self, record: RunRecord, run: Run) -> None:
        """Look for a request to end the run while nothing is written; a database that cannot be read is the
        journal's to tell.
        """
        with contextlib.suppress(JournalUnavailable):
            while not self._store.is_cancel_asked(record):
                await asyncio.sleep(LOOK_S)
            run.cancel()


def _all(observers: list[Observe]) -> Observe | None:
    """One observer for several."""
    if len(observers) < 2:
        return observers[0] if observers else None

    def observe(event: tuple[Any, ...]) -> None:
        for each in observers:
            each(event)

    return observe


async def _shielded(work: Awaitable[T]) -> T:
    """Await to the end even if this task is cancelled meanwhile; the cancellation comes after."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def _require_same(record: RunRecord, new: NewRun) -> None:
    for what, theirs, ours in (
        ("flow", record.flow, new.flow),
        ("plan", record.plan, new.plan),
        ("inputs", record.inputs, new.inputs),
    ):
        if theirs != ours:
            raise OtherRun(
                f"run {record.id} exists already, with {'other inputs' if what == 'inputs' else f'another {what}'}"
            )


def reports(outcome: Outcome) -> list[StepReport]:
    """The steps of an outcome as they are shown."""
    return [
        StepReport(
            step.key,
            step.status,
            step.attempts,
            step.started,
            step.ended,
            None if step.error is None else step.error.to_json(),
            dict(outcome.meters.get(step.key, {})),
        )
        for step in outcome.steps
    ]


def new_run_id() -> str:
    """A name for a run: 16 letters and digits that sort by time to the millisecond."""
    import secrets

    stamp = (time.time_ns() // 1_000_000) << 32 | secrets.randbits(32)
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(letters[stamp >> shift & 31] for shift in range(75, -1, -5))

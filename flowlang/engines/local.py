"""Runs in this process: begin one, join one, go on with one, try one again, end one.

Whoever claims a run executes it; whoever finds it claimed by a live process waits for that one to end it, and takes
over if that process dies. A run is executed on the plan it began with. When this process is interrupted it lets the
run go, and nothing is undone: the run can be resumed by anyone.

A run that only waits for long is parked: it leaves memory and is a row, until its time has come or an event. Who stays
with it takes it up again then, unless a worker (`engines.worker`) was first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from flowlang.engines.steps import StepReport, ended_in, stops_in, undo_failures_of, unknown_of
from flowlang.plan.nodes import Plan
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.functions import FUNCTIONS
from flowlang.runtime.interpreter.activity import Parked, Patience
from flowlang.runtime.interpreter.run import Outcome, Run
from flowlang.runtime.journal import JournalConflict, JournalUnavailable
from flowlang.runtime.observe import Gate, Observe
from flowlang.runtime.seam import Seam
from flowlang.store.runs import NewRun, RunRecord
from flowlang.store.sqlite import Elsewhere, Held, Store

T = TypeVar("T")

LOOK_S = 0.25
"""How often a running run is looked at by who waits for it."""


MOST_REST_S = 30.0
"""After how long who waits for a parked run looks at it again though nobody wrote: clocks are set, machines sleep."""

PATIENCE = Patience(after=1.0, least=60.0)
"""A run is parked when it has only waited for a second, and has to for a minute more."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is over. `steps` are those of this process' part; none if another process ended it, or if they are too
    many to hold: the journal tells of all but pure steps and blocks.
    """

    record: RunRecord
    steps: list[StepReport] | None = None
    unknown: list[str] = field(default_factory=list)
    undo_failures: list[object] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Left:
    """A run that goes on without us: parked until `wake` (µs), or in another process (null)."""

    record: RunRecord
    wake: int | None = None


Ended = Finished | Left


class Watcher(Protocol):
    """Is told of one run: that it begins here, its events, how it ended or that it is parked. Must not raise."""

    def begun(self) -> None: ...

    def observe(self, event: tuple[Any, ...]) -> None: ...

    def ended(self, status: str, created: int, error: object) -> None: ...

    def parked(self, wake: int) -> None: ...


class OtherRun(Exception):
    """The id belongs to a run with other inputs or of another plan; the message says which."""


class LocalEngine:
    """Executes runs of one store. `on_join` is told when a run turns out to be under way elsewhere; `watchers` gives
    who watches a run from its beginning here to its end. `stay`: with a run until it is over, also while it is parked
    or another process is at it.
    """

    patience: Patience | None = PATIENCE

    def __init__(
        self,
        store: Store,
        seam: Seam,
        *,
        observe: Observe | None = None,
        on_join: Callable[[RunRecord], object] | None = None,
        gate: Gate | None = None,
        watchers: Callable[[RunRecord], Sequence[Watcher]] | None = None,
        stay: bool = True,
    ) -> None:
        self._store = store
        self._seam = seam
        self._observe = observe
        self._on_join = on_join
        self._gate = gate
        self._watchers = watchers
        self._stay = stay

    async def start(self, new: NewRun, plan: Plan, config: Mapping[str, object]) -> Ended:
        """Begin a run, or join the one of its id; raises `OtherRun` if that is not the same run."""
        made = await self._store.create(new)
        if isinstance(made, Held):
            return await self._go_on(made, plan, config)
        _require_same(made.record, new)
        return await self.resume(new.id, plan, {**config, **made.record.config})

    async def resume(self, run_id: str, plan: Plan, config: Mapping[str, object]) -> Ended:
        """Go on with a run until it is over, here or where it is running; or until it leaves, if we do not stay."""
        taken = await self._store.take(run_id)
        if isinstance(taken, Elsewhere) and not taken.record.is_over and self._on_join is not None:
            self._on_join(taken.record)
        return await self._go_on(taken, plan, config)

    async def retry(self, run_id: str, plan: Plan, config: Mapping[str, object], *, from_start: bool) -> Ended:
        """Run a failed or cancelled run again."""
        return await self._go_on(await self._store.retry(run_id, plan, from_start=from_start), plan, config)

    async def cancel(self, run_id: str, plan: Plan, config: Mapping[str, object]) -> Ended:
        """End a run for good, here if nobody is at it: its undos and handlers run."""
        await self._store.ask_to_cancel(run_id)
        return await self.resume(run_id, plan, config)

    async def _go_on(self, taken: Held | Elsewhere, plan: Plan, config: Mapping[str, object]) -> Ended:
        told: set[str] = set()
        while True:
            if isinstance(taken, Held):
                ended = await self._execute(taken, plan, config, told)
                if isinstance(ended, Finished):
                    return ended
            elif taken.record.is_over:
                rows = self._store.live(taken.record)
                return Finished(taken.record, None, unknown_of(rows), undo_failures_of(rows))
            else:
                ended = Left(taken.record)
            if not self._stay:
                return ended
            await self._due(ended)
            taken = await self._store.take(ended.record.id)

    async def _due(self, left: Left) -> None:
        """Wait until there may be something to do for a run: it was woken, its owner is gone, or it is over."""
        await asyncio.sleep(LOOK_S)
        while left.wake is not None:
            version = self._store.version()
            record = self._store.get(left.record.id)
            wake = self._store.wake_of(record)
            now = self._seam.now()
            if record.status != "waiting" or wake is None or wake <= now:
                return
            await self._store.change(version, min((wake - now) / 1_000_000, MOST_REST_S))

    async def _execute(self, held: Held, plan: Plan, config: Mapping[str, object], told: set[str]) -> Ended:
        """Execute a run until it is over, or no longer ours. `told`: the steps whose end was told here before; those of
        this part are added if it is parked.
        """
        record = held.record
        watchers = [] if self._watchers is None else self._watchers(record)
        observers = [each for each in (self._observe, *(watcher.observe for watcher in watchers)) if each is not None]
        observe = _all(observers)
        if observe is not None and (held.was_parked or told):
            observe = _of_news(observe, held, told)
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
            events=self._store.events_of(record),
            observe=observe,
            gate=self._gate,
            patience=self.patience if self._gate is None else None,
            accepted=record.created if not record.retries else None,
        )
        if held.journal.is_cancel_asked:
            run.cancel()
        held.journal.on_cancel = run.cancel
        for watcher in watchers:
            watcher.begun()
        watch = asyncio.create_task(self._watch(record, run))
        try:
            outcome = await run.execute()
        except Parked as parked:
            told.update(step.key for step in run.steps)
            return await _shielded(self._park(held, parked, watchers))
        except JournalConflict:
            return self._yielded_to_owner(record)
        except BaseException:
            await _shielded(self._store.release(held))
            raise
        finally:
            watch.cancel()
        finished = await _shielded(self._finish(held, outcome))
        for watcher in watchers if finished is not None else ():
            watcher.ended(outcome.status, record.created, None if outcome.error is None else outcome.error.to_json())
        return Left(record) if finished is None else finished

    async def _park(self, held: Held, parked: Parked, watchers: Sequence[Watcher]) -> Left:
        """Let a run go that only waits."""
        if not await self._store.park(held, parked.wake, parked.expected, parked.received):
            return Left(held.record)
        for watcher in watchers:
            watcher.parked(parked.wake)
        return Left(self._store.get(held.record.id), parked.wake)

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

    def _yielded_to_owner(self, record: RunRecord) -> Left:
        """Another process has taken the run over, unless the journal itself disagrees."""
        standing = self._store.get(record.id)
        if standing.status == "running" and not self._store.is_running(standing):
            raise
        return Left(record)

    async def _watch(self, record: RunRecord, run: Run) -> None:
        """Look for a request to end the run, whenever somebody has written to the database; one that cannot be read is
        the journal's to tell.
        """
        await asyncio.sleep(LOOK_S)  # most runs are over by then
        with contextlib.suppress(JournalUnavailable):
            version = self._store.version()
            while not self._store.is_cancel_asked(record):
                await self._store.change(version, MOST_REST_S)
                version = self._store.version()
            run.cancel()


def _all(observers: list[Observe]) -> Observe | None:
    """One observer for several."""
    if len(observers) < 2:
        return observers[0] if observers else None

    def observe(event: tuple[Any, ...]) -> None:
        for each in observers:
            each(event)

    return observe


def _of_news(observe: Observe, held: Held, told: set[str]) -> Observe:
    """An observer that is not told again which steps began, and which are over. All that a run could do without what it
    waited for was done when it was parked: it only goes through that again before it writes, calls or ends what is new.
    """
    known = held.journal.entries() if held.was_parked else {}
    begun, over = {key for key, _ in known}, told | ended_in(known)
    stopped = stops_in(known.values())
    waits = {key: entry.ended for (key, kind), entry in known.items() if kind == "wait"}
    waited_for = {key for key, began in waits.items() if key not in over and stopped(key, began) is None}
    goes_on = not held.was_parked or held.journal.is_cancel_asked

    def tell(event: tuple[Any, ...]) -> None:
        nonlocal goes_on
        kind, key = event[0], event[1]
        is_new = key in waited_for if kind == "ended" else kind == "attempt" and key not in waits
        goes_on = goes_on or is_new or held.journal.has_written
        is_again = key in begun if kind == "started" else kind == "ended" and key in over
        if not is_again and (goes_on or kind not in ("started", "ended")):
            observe(event)

    return tell


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

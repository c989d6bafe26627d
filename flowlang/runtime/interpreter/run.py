"""One run from its inputs to its outcome: what the surfaces call.

    run = Run(plan, run_id, inputs, config, seam=…, journal=…, shared=…, natives=FUNCTIONS, actions=ACTIONS)
    outcome = await run.execute()

`inputs` and `config` are what `runtime.inputs` made of what was given, complete and valid. A journal with entries
resumes the run: journaled steps are not executed again. Cancelling the task of `execute` (Ctrl-C) leaves the run
resumable: nothing is undone. `cancel` ends it for good: undos and handlers run. `JournalUnavailable`,
`JournalConflict` and `ReplayDisagrees` come out of `execute` as exceptions, as bugs do. With `patience`, a run that
only waits for long leaves the process with `Parked`, to be resumed when its time has come. `accepted`: since when the
run's deadline counts (µs); null: since it is first executed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from flowlang.plan.nodes import Plan
from flowlang.runtime.errors import RunError, cancelled
from flowlang.runtime.events import Events
from flowlang.runtime.interpreter.activity import Parked, Patience
from flowlang.runtime.interpreter.bare import run_bare
from flowlang.runtime.interpreter.flow import run_flow
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.program import PlanProgram
from flowlang.runtime.interpreter.state import RunState, StepRecord
from flowlang.runtime.interpreter.steps import run_inline, run_node
from flowlang.runtime.interpreter.unreached import name_unreached
from flowlang.runtime.journal import Journal, SharedState
from flowlang.runtime.memory import MemoryEvents
from flowlang.runtime.observe import Gate, Observe
from flowlang.runtime.seam import Seam
from flowlang.types.edge import encoder

_MOST_PROGRAMS = 16
_programs: dict[tuple[int, int], PlanProgram] = {}


class Outcome(NamedTuple):
    """How a run ended. `status`: 'succeeded', 'failed' or 'cancelled'. `output` is JSON as it leaves the program;
    `steps` in the order they ended, of which `left_out` are not told.

    `unknown`: steps whose effect may have happened and could not be undone; `undo_failures`: undos that failed.
    `meters`: numbers per step.
    """

    status: str
    output: Any
    error: RunError | None
    steps: list[StepRecord]
    unknown: list[str]
    undo_failures: list[RunError]
    meters: Mapping[str, Mapping[str, float]]
    left_out: int = 0


class Run:
    """See the module."""

    def __init__(
        self,
        plan: Plan,
        run_id: str,
        inputs: Mapping[str, object],
        config: Mapping[str, object],
        *,
        seam: Seam,
        journal: Journal,
        shared: SharedState,
        natives: Mapping[str, Callable[..., Any]],
        actions: Mapping[str, Callable[..., Awaitable[object]]],
        events: Events | None = None,
        observe: Observe | None = None,
        gate: Gate | None = None,
        generation: Callable[[str], int] | None = None,
        patience: Patience | None = None,
        accepted: int | None = None,
    ) -> None:
        self._program = program_of(plan, natives)
        self._inputs = dict(inputs)
        self._owner: Frame | None = None
        self._cancelled = False
        counted: Any = generation or getattr(journal, "generation", None) or _first
        told = MemoryEvents() if events is None else events
        self._state = RunState(
            self._program, run_id, config, seam, journal, shared, told, actions, observe, gate, counted, patience
        )
        self._state.accepted = accepted
        self._state.run_node = run_node
        self._state.run_bare = run_bare
        self._state.run_inline = run_inline

    @property
    def steps(self) -> list[StepRecord]:
        """The steps that have ended so far."""
        return self._state.records

    def cancel(self) -> None:
        """End the run for good: attempts and waits end now, undos and handlers run, the outcome is `cancelled`. One
        that is leaving the process is left to who resumes it.
        """
        if self._state.activity.leaving is not None:
            return
        self._cancelled = self._state.cancelled = True
        if self._owner is not None:
            self._owner.stop(cancelled(), "cancel")

    async def execute(self) -> Outcome:
        """Run to the end; returns when everything that was written is durable."""
        try:
            return await self._execute()
        finally:
            self._state.activity.end()

    async def _execute(self) -> Outcome:
        state, plan = self._state, self._program.plan
        flow = self._program.flow(plan.flow)
        self._owner = root = Frame(state, None, "#run.", {}, None, None)
        state.activity.begin(root)
        if self._cancelled:
            root.stop(cancelled(), "cancel")
        status, output, failure = "succeeded", None, None
        try:
            value, _ = await run_flow(state, flow, self._inputs, "", root, 0)
            output = (
                value if flow.flow.result is None else encoder(self._program.evaluator.type(flow.flow.result))(value)
            )
        except RunError as error:
            failure = error
            status = "cancelled" if error.kind == "cancelled" and self._cancelled else "failed"
            name_unreached(state)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if state.activity.leaving is None or task is None or task.uncancel() > 0:
                raise
            raise Parked(*state.activity.leaving, state.mailbox.received) from None
        await state.commit()
        return Outcome(
            status,
            output,
            failure,
            state.records,
            list(state.unknown),
            list(state.undo_failures.values()),
            state.meters,
            state.left_out,
        )


def _first(path: str) -> int:
    return 0


def program_of(plan: Plan, natives: Mapping[str, Callable[..., Any]]) -> PlanProgram:
    """The program of a plan; those used last are kept."""
    key = (id(plan), id(natives))
    found = _programs.get(key)
    if found is None or found.plan is not plan or found.natives is not natives:
        while len(_programs) >= _MOST_PROGRAMS:
            _programs.pop(next(iter(_programs)))
        found = _programs[key] = PlanProgram(plan, natives)
    return found


__all__ = ["Outcome", "Parked", "Patience", "Run", "StepRecord", "program_of"]

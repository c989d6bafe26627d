"""One entry of a scope: its values, and the scheduler that runs its steps as their needs are met.

Unmet needs are counted in an array. A pure step is evaluated on the spot; an effect is awaited by the worker that
made it ready, and only a second one ready at the same time gets a task of its own. When a scope is stopped nothing
new starts in it or beneath it, its waits end, and attempts in flight go on. A frame without a program is the scope of
a loop: it has no steps, only the frames of its rounds.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from flowlang.runtime.errors import RunError, cancelled
from flowlang.runtime.interpreter.cut import Cut
from flowlang.runtime.journal import Entry

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.program import NodeProgram, ScopeProgram
    from flowlang.runtime.interpreter.state import RunState

SPREAD = 16
"""How many workers are started in one turn of the loop."""

BREATH = 256
"""After how many steps a worker that never had to wait lets others run."""

MOST_UNWRITTEN = 1024
"""How many entries may wait to be durable when an effect starts: held in memory, and lost with the process."""

TICK = 0.001
"""Seconds by which a deadline may be met too early."""

_KEY = re.compile(r"[^.\[#/]+")

StopMode = Literal["scope", "race", "cancel"]


class Undo:
    """A compensation that stands ready: of a step, in the frame where it stands. `order` tells when the step ended."""

    __slots__ = ("frame", "node", "order", "path")

    def __init__(self, path: str, node: NodeProgram, frame: Frame, order: float) -> None:
        self.path = path
        self.node = node
        self.frame = frame
        self.order = order


class Frame:
    """See the module. `base` is the number of the last journal entry that its steps depend on just by being run."""

    __slots__ = (
        "_bug", "_held", "_idle", "_left", "_ready", "_seqs", "_spreading", "_tasks", "_unmet", "_workers",
        "answers", "base", "children", "cuts", "deadline", "error", "others", "overdue", "owner", "parent", "prefix",
        "program", "run", "stopping", "undos", "values", "width",
    )  # fmt: skip

    def __init__(
        self,
        run: RunState,
        program: ScopeProgram | None,
        prefix: str,
        values: dict[str, Any],
        parent: Frame | None,
        owner: Frame | None,
        base: int = 0,
        width: int | None = None,
    ) -> None:
        self.run = run
        self.program = program
        self.prefix = prefix
        self.values = values
        self.parent = parent
        self.owner = owner
        self.base = base
        self.width = width
        self.error: RunError | None = None
        self.others: list[RunError] = []
        self.stopping: RunError | None = None
        self.answers: bool = owner is not None and owner.answers
        """Whether it is, or stands in, a handler: what that says takes no start, and is the same when it is resumed."""
        self.deadline: float | None = None
        self.overdue: Callable[[], None] | None = None  # fails it, where its deadline had passed when it was entered
        self.children: dict[Frame, None] = {}  # stopped in this order: that of a set would be another in each process
        self.cuts: dict[Cut, None] = {}
        self.undos: list[Undo] = []
        self._idle: asyncio.Future[None] | None = None
        self._bug: BaseException | None = None
        self._workers = 0
        if owner is not None:
            self.deadline = owner.deadline
            self.stopping = owner.stopping
            owner.children[self] = None
        if run.entries:
            self._recall_failure()

    @property
    def path(self) -> str:
        """The frame's own path: of an iteration, a branch, a block."""
        return self.prefix.removesuffix(".")

    @property
    def step(self) -> tuple[Frame, NodeProgram] | None:
        """The step that the frame is a scope of, behind the frame it stands in; a flow is of none."""
        around = self.parent
        if around is None or around.program is None:
            return None
        key = _KEY.match(self.prefix, len(around.prefix))
        return next(((around, node) for node in around.program.nodes if key is not None and node.key == key[0]), None)

    def hangs_on(self, node: NodeProgram) -> bool:
        """Whether what the frame gives is made of a step's value."""
        return self.program is not None and self.program.hangs_on(node)

    # ---- scheduling

    async def drive(self) -> None:
        """Run all steps that may run; returns when none is under way."""
        program = self.program
        if program is None:
            raise AssertionError("a loop has no steps of its own")
        self._unmet = program.unmet.copy()
        self._seqs = [self.base] * len(self._unmet)
        self._left = len(self._unmet)
        self._ready = deque(program.roots)
        self._held: deque[int] = deque()
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._workers = 1
        self._spreading = False
        try:
            first = self.next()
            if first >= 0:
                await self._work(first)
            else:
                self._workers -= 1
            await self._join()
        except GeneratorExit:  # the loop is gone
            raise
        except BaseException:
            await self._abandon()
            raise
        if self._bug is not None:
            await self._abandon()
            raise self._bug

    def next(self) -> int:
        """Evaluate pure steps that are ready; returns an effect for the calling worker, or -1.

        Further effects get workers of their own as soon as this one suspends; one that does not takes them all.
        """
        ready, held, nodes = self._ready, self._held, self.program.nodes  # type: ignore[union-attr]
        while ready:
            i = ready.popleft()
            node = nodes[i]
            if self.stopping is not None and not self._may_start(node):
                continue
            if node.inline:
                self.run.run_inline(self, node)
            elif ready or held:
                held.append(i)
            else:
                return i
        while held:
            mine = held.popleft()
            if self.stopping is None or self._may_start(nodes[mine]):
                if held and not self._spreading:
                    self._spreading = True
                    asyncio.get_running_loop().call_soon(self._spread)
                return mine
        return -1

    def _spread(self) -> None:
        """Give effects that are held workers of their own, some in each turn of the loop."""
        held, nodes = self._held, self.program.nodes  # type: ignore[union-attr]
        if held and self.run.written - self.run.journal.durable > MOST_UNWRITTEN:
            self.start(self._catch_up())
            return
        self._spreading = False
        for _ in range(SPREAD):
            if not held or (self.width is not None and self._workers >= self.width):
                return
            i = held.popleft()
            if self.stopping is None or self._may_start(nodes[i]):
                self._workers += 1
                self.start(self._work(i))
        if held:
            self._spreading = True
            asyncio.get_running_loop().call_soon(self._spread)

    async def _catch_up(self) -> None:
        """Wait for the journal, once for all effects that are held."""
        await self.run.commit()
        self._spread()

    async def _work(self, i: int) -> None:
        run, nodes, cut = self.run, self.program.nodes, Cut()  # type: ignore[union-attr]
        is_free = run.gate is None and self.deadline is None
        left = BREATH
        while i >= 0:
            node = nodes[i]
            if node.is_bare and is_free and not (run.entries and run.has_history(self.prefix + node.key)):
                i, left = await run.run_bare(self, i, cut, left)
                continue
            await run.run_node(self, node)
            left -= 1
            if not left:
                left = BREATH
                await asyncio.sleep(0)
            i = self.next()
        self._workers -= 1
        if not self._workers:
            self._wake()

    async def _join(self) -> None:
        """Wait until the frame's last worker has ended."""
        activity = self.run.activity
        while self._workers and self._bug is None:
            self._idle = asyncio.get_running_loop().create_future()
            activity.rest()
            try:
                await self._idle
            finally:
                activity.busy += 1

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside the frame's own; a bug in it ends the frame."""
        self.run.activity.busy += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and task.exception() is not None and self._bug is None:
            self._bug = task.exception()
            self._wake()
        self.run.activity.rest()

    def _wake(self) -> None:
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def _abandon(self) -> None:
        """Cancel what runs: the process is going down, or there is a bug."""
        self._held.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drive_rounds(self, work: Callable[[], Coroutine[Any, Any, None]], width: int) -> None:
        """Run a loop's workers, `width` at once, one of them in the caller's task; returns when all have ended."""
        self._tasks = {}
        self._held = deque()
        self._workers = width
        for _ in range(width - 1):
            self.start(self._count(work))
        try:
            await self._count(work)
            await self._join()
        except GeneratorExit:  # the loop is gone
            raise
        except BaseException:
            await self._abandon()
            raise
        if self._bug is not None:
            await self._abandon()
            raise self._bug

    async def _count(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await work()
        self._workers -= 1
        if not self._workers:
            self._wake()

    # ---- what steps report

    def finish(self, node: NodeProgram, value: object, seq: int, skipped: bool = False) -> None:
        """A step ended: its value is there, and what waited for it may run.

        `seq`: the journal entry its value depends on.
        """
        if node.name is not None:
            self.values[node.name] = value
        self._left -= 1
        unmet, seqs = self._unmet, self._seqs
        for j in node.successors:
            if seq > seqs[j]:
                seqs[j] = seq
            needs = unmet[j] = unmet[j] - 1
            if not needs:
                self._ready.append(j)

    def fail(self, error: RunError, node: NodeProgram | None = None) -> None:
        """A failure that nobody handled reached this scope."""
        self.run.redact(error)
        if self.error is not None:
            if self.run.entries and (_same(error, self.error) or (node is not None and node.inline)):
                return  # the recorded failure itself, or a pure step gone through again for its value
            self.others.append(error)
            return
        self.error = error
        if self.run.left and not self.is_late:  # behind a deadline no call has time to be made again
            self.run.allow(self.run.left_beneath(self.prefix))
        if self._keeps_record():
            data = {"error": error.to_json(), "in_flight": sorted(self.in_flight() | self.run.resumable(self.prefix))}
            self.run.write(Entry(self.path, "scope_failed", data, 0, 0, self.run.now()))
        self.stop(cancelled(_why(error)), "scope")

    def seq_of(self, node: NodeProgram) -> int:
        """The number of the last journal entry that a step's inputs depend on."""
        return self._seqs[node.index]

    def must_commit(self, node: NodeProgram) -> bool:
        """Whether an effect has to wait for the journal: for what it uses, or because too much is held in memory."""
        durable = self.run.journal.durable
        return self._seqs[node.index] > durable or self.run.written - durable > MOST_UNWRITTEN

    @property
    def is_complete(self) -> bool:
        """Whether every step, or every round, has ended well."""
        return not self._left

    def expect_rounds(self, count: int) -> None:
        """A loop's frame is complete when so many rounds have ended well."""
        self._left = count

    def round_ended(self) -> None:
        """A round ended well."""
        self._left -= 1

    def _keeps_record(self) -> bool:
        return self.program is None or any(node.has_effect for node in self.program.nodes)

    # ---- stopping

    def stop(self, reason: RunError, mode: StopMode) -> None:
        """Start nothing more here and beneath; end waits, and attempts too as the mode says."""
        if self.stopping is None:
            self.stopping = reason
        for cut in list(self.cuts):
            if not cut.path or mode == "cancel" or (mode == "race" and not cut.spared):
                cut.interrupt(reason)
        for child in list(self.children):
            child.stop(reason, mode)

    def in_flight(self) -> set[str]:
        """The paths of steps with an attempt under way, here and beneath; those just abandoned are not."""
        found = {cut.path for cut in self.cuts if cut.path and not cut.is_abandoned}
        for child in self.children:
            found |= child.in_flight()
        return found

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed. A loop calls back as much as a tick too early, and a clock rounds."""
        return self.deadline is not None and asyncio.get_running_loop().time() >= self.deadline - TICK

    def meet_deadline(self) -> None:
        """Before a step begins or waits: fail what is overdue around it, from the outside. What had ended before the
        deadline is only gone through again, and may be so at any time.
        """
        if self.stopping is not None or not self.is_late:
            return
        around: list[Frame] = []
        frame: Frame | None = self
        while frame is not None:
            around.append(frame)
            frame = frame.owner
        for frame in reversed(around):
            fail, frame.overdue = frame.overdue, None
            if fail is not None:
                fail()

    def close(self) -> None:
        """The frame has ended."""
        if self.owner is not None:
            self.owner.children.pop(self, None)

    # ---- resuming a scope that had failed

    def _recall_failure(self) -> None:
        entry = self.run.entries.get((self.path, "scope_failed"))
        if entry is None:
            return
        data: Any = entry.data
        self.error = RunError.from_json(data["error"])
        self.stopping = cancelled(_why(self.error))
        self.run.allow(data["in_flight"])

    def _may_start(self, node: NodeProgram) -> bool:
        """In a stopped scope nothing new starts; on resume what had started there is gone through again. A handler says
        what it makes of a failure, if that takes no effect.
        """
        return self.may_repeat(node, self.prefix + node.key)

    def may_repeat(self, node: NodeProgram, path: str) -> bool:
        """Whether a step, or a round of its loop at a path, is gone through again in a scope that had been stopped."""
        return (self.answers or bool(self.run.entries)) and (not node.acts or self.run.has_history(path))


def _why(error: RunError) -> str:
    return f"stopped because `{error.step}` failed" if error.step else f"stopped because {error.message}"


def _same(a: RunError, b: RunError) -> bool:
    return (a.kind, a.message, a.step) == (b.kind, b.message, b.step)

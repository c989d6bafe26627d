"""`race`: the first step to succeed gives the value; it is journaled before use.

A loser in flight that has an undo finishes and is then undone, others are abandoned. Skipped steps do not compete: if
all are skipped the value is none; if all others failed, the race fails with the first error and the others beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flowlang.runtime.errors import ReplayDisagrees, RunError, cancelled
from flowlang.runtime.interpreter.frame import Frame, Undo
from flowlang.runtime.interpreter.program import NodeProgram, ScopeProgram
from flowlang.runtime.interpreter.scope import compensate
from flowlang.runtime.journal import Entry, ancestors


class RaceFrame(Frame):
    """The scope of a race: ends of its steps compete instead of feeding one another."""

    __slots__ = ("failures", "has_result", "result", "winner")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.winner: NodeProgram | None = None
        self.result: Any = None
        self.has_result = False
        self.failures: list[tuple[float, RunError]] = []
        self._recall_winner()

    def _recall_winner(self) -> None:
        """After a crash behind the decision, only what had started is gone through again."""
        entry = self.run.recall(self.path, "choice")
        if entry is None or self.program is None:
            return
        data: Any = entry.data
        if data.get("winner") is None:
            return
        self.winner = next(node for node in self.program.nodes if node.key == data["winner"])
        self.stopping = cancelled("the race is over")
        self.run.allow(data["in_flight"])
        won = self.prefix + self.winner.key
        self.run.allow([path for path in self.run.secrets if won in ancestors(path)])

    def hangs_on(self, node: NodeProgram) -> bool:
        return True

    def _may_start(self, node: NodeProgram) -> bool:
        return node is self.winner or super()._may_start(node)

    def finish(self, node: NodeProgram, value: object, seq: int, skipped: bool = False) -> None:
        """A step ended well: the first one wins."""
        if node is self.winner:
            self.result, self.has_result = value, True
        super().finish(node, value, seq, skipped)
        if skipped or self.winner is not None:
            return
        self.winner, self.result, self.has_result = node, value, True
        self.stop(cancelled(f"`{self.prefix}{node.key}` won the race"), "race")
        spared = {path for path in self.run.left_beneath(self.prefix) if self._is_spared(path)}
        self.run.allow(spared)
        choice = {"winner": node.key, "in_flight": sorted(self.in_flight() | spared)}
        self.run.write(Entry(self.path, "choice", choice, 0, 0, self.run.now()))

    def _is_spared(self, path: str) -> bool:
        """Whether a call that a process left under way is to be made again, to be undone: as it would have ended."""
        step = self.run.program.steps.at(path)
        return step is not None and step.undo is not None

    def fail(self, error: RunError, node: NodeProgram | None = None) -> None:
        """A step failed: it is out, the others go on. Without a step (a deadline) the whole race fails."""
        if node is None:
            super().fail(error)
        elif self.winner is None:
            self.failures.append((self.run.order_of(self.prefix + node.key), error))


async def run_race(
    frame: Frame,
    program: ScopeProgram,
    path: str,
    base: int,
    within: Callable[[Frame, Callable[[], Awaitable[Any]]], Awaitable[Any]],
) -> tuple[Any, list[Undo]]:
    """Run a race; returns its value and the winner's undos. `within` bounds the work by the block's deadline."""
    race = RaceFrame(frame.run, program, f"{path}.", {}, frame, frame, base)
    try:
        await within(race, race.drive)
        if race.winner is not None and race.error is None:
            won = race.prefix + race.winner.key
            if not race.has_result:
                raise ReplayDisagrees(f"`{won}` had won its race before the run was resumed, and does not end now")
            mine = [undo for undo in race.undos if won in ancestors(undo.path)]
            await compensate(race, [undo for undo in race.undos if won not in ancestors(undo.path)])
            return race.result, mine
        await compensate(race, race.undos)
    finally:
        race.close()
    error = race.error or _defeat(race)
    if error is not None:
        raise error
    return None, []


def _defeat(race: RaceFrame) -> RunError | None:
    """The error of a race that nobody won; null if every step was skipped."""
    if race.failures:
        first, *others = [error for _, error in sorted(race.failures, key=lambda failure: failure[0])]
        first.add_others(others)
        return first
    return None if race.is_complete else race.stopping

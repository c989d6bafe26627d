"""What earlier processes of a resumed run left of a step: how many calls they made, and whether nobody knows what came
of one. A call that was under way when its process died may have had its effect, as one that timed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import Call
from flowlang.runtime.errors import RunError

if TYPE_CHECKING:
    from flowlang.plan.nodes import Step
    from flowlang.runtime.interpreter.progress import Progress
    from flowlang.runtime.interpreter.state import RunState

ANSWERS: Final = ("http", "failed")
"""Kinds of failures that the other side tells: a status, an exception of a Python function."""


def take_up(run: RunState, step: Step, path: str, progress: Progress) -> None:
    """Let a step that goes on know what was left of it, whatever becomes of it now: it may not come to another call."""
    begun = run.recall(path, "begun")
    if begun is not None:
        progress.called = begun.attempt
    progress.unknown = _may_have_acted(run, step, path)
    if not progress.unknown and path in run.left:
        progress.unknown = progress.left = _counts(run, step)


def note_outcome(progress: Progress, error: RunError) -> None:
    """Keep in mind what is known after an attempt that failed. The attempt that was left is made again as it was, under
    its number and key: what is answered now is its answer. If nothing is answered, nobody knows what came of it.
    """
    if progress.left and error.kind in ANSWERS:
        progress.unknown = False
    progress.left = False
    progress.unknown = progress.unknown or error.unknown_outcome


def _may_have_acted(run: RunState, step: Step, path: str) -> bool:
    """Whether an attempt that has ended may have had its effect, or one that is not made again."""
    if step.policies.once and run.recall(path, "started") is not None:
        return True
    attempt, poll = run.recall(path, "attempt"), run.recall(path, "poll")
    data: Any = None if attempt is None else attempt.data
    return data is not None and bool(data["unknown"]) and (poll is None or data["poll"] > poll.attempt)


def _counts(run: RunState, step: Step) -> bool:
    """Whether it counts that a call was cut off: it writes, or may be undone, unless a cancel cuts off a mere read."""
    writes = isinstance(step.action, Call) and step.action.effect == "write"
    return writes or (step.undo is not None and not run.cancelled)


def refuse_second_start(run: RunState, path: str, poll: int) -> None:
    """Fail an `@once` effect that had started before a crash, before anything else can. A poll counts as an effect of
    its own.
    """
    known = run.recall(path, "started")
    if known is not None and known.attempt == poll:
        raise RunError(
            "failed",
            "it had been started when the process ended, and its outcome is unknown: `@once` forbids to start it again",
            code="outcome_unknown", unknown_outcome=True, final=True,
        )  # fmt: skip

"""How far a step has come, and by when it must be done."""

from __future__ import annotations

from typing import Any, NamedTuple

from flowlang.runtime.errors import RunError, timeout


class Bound(NamedTuple):
    """An instant (µs since the epoch) by which a step must be done, and what sets it, for messages."""

    instant: int
    what: str

    def late(self, unknown_outcome: bool) -> RunError:
        """The error of a step that is not done by then."""
        return timeout(f"{self.what} is over", unknown_outcome)


class Progress:
    """One run of a step. `attempts` counts over all polls, `tries` within one; `since` is when the first began,
    `started` this process' part (µs), `began` the earliest that is known of the step: for people only, nothing is
    counted from it. `called` counts the calls that were made, with those that a process left under way when it died.

    `left`: its outcome is unknown for no other reason than that the last call was left so, and the next answer tells.

    `effect`: its call, block or flow has succeeded and `value` is what it gave. `passed`: its block or flow ended well
    and has handed its undos outward. `unknown`: it may have had its effect, though there is no value. `thread`: an
    abandoned thread still at work.
    """

    attempts = tries = called = poll = 0
    bound: Bound | None = None
    effect = passed = unknown = left = False
    value: Any = None
    thread: Any = None

    def __init__(self, now: int) -> None:
        self.since = self.started = self.began = now

    @property
    def calls(self) -> int:
        """How many calls the step took; of a bare one only its last process' is known."""
        return max(self.called, self.attempts)

    @property
    def next_call(self) -> int:
        """The number, among those, of the call that an attempt makes now."""
        return max(self.called + 1, self.attempts)

"""What runs came to: per flow and per step how many, how they ended, how long they took and what they used.

Durations are those of runs and steps that succeeded or failed, in µs; a percentile is the smallest value that so many
are not above (nearest rank). Steps of loops count together: `receipts[17].quote` is `receipts[].quote`. Only steps that
are journaled are known: a pure step is recomputed, not recorded. One that was undone counts as what its call was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowlang.engines.steps import StepReport

_ITEM = re.compile(r"\[[^\]]*\]")


@dataclass(slots=True)
class Tally:
    """A flow's runs, or a step's."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    attempts: int = 0
    last: int = 0
    durations: list[int] = field(default_factory=list)
    meter: dict[str, float] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """The share of what ended that succeeded; null before anything has."""
        ended = self.succeeded + self.failed + self.cancelled
        return self.succeeded / ended if ended else None

    @property
    def failure_rate(self) -> float | None:
        """The share of what ended that failed."""
        ended = self.succeeded + self.failed + self.cancelled
        return self.failed / ended if ended else None

    @property
    def mean(self) -> float | None:
        """The mean duration in µs."""
        return sum(self.durations) / len(self.durations) if self.durations else None

    def percentile(self, share: float) -> int | None:
        """The duration in µs that a share of all is not above."""
        if not self.durations:
            return None
        ordered = sorted(self.durations)
        return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]

    def add(self, status: str, duration: int | None, at: int, meter: Iterable[tuple[str, object]]) -> None:
        """Count one."""
        self.total += 1
        self.succeeded += status in ("succeeded", "handled")
        self.failed += status == "failed"
        self.cancelled += status == "cancelled"
        self.last = max(self.last, at)
        if duration is not None:
            self.durations.append(duration)
        for name, number in meter:
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                self.meter[name] = self.meter.get(name, 0) + number


@dataclass(frozen=True, slots=True)
class Ran:
    """A run as it is counted: status, when it began, how long it took if it is over, and its steps."""

    flow: str
    status: str
    created: int
    duration: int | None
    steps: list[StepReport]


@dataclass(slots=True)
class FlowTally:
    """A flow with its steps, in the order in which they were first met."""

    runs: Tally = field(default_factory=Tally)
    steps: dict[str, Tally] = field(default_factory=dict)


def tally(runs: Iterable[Ran]) -> dict[str, FlowTally]:
    """Count runs by flow, the names sorted."""
    found: dict[str, FlowTally] = {}
    for run in runs:
        flow = found.setdefault(run.flow, FlowTally())
        meter = [pair for step in run.steps for pair in step.meter.items()]
        flow.runs.add(run.status, run.duration, run.created, meter)
        for name, step in _counted(run.steps):
            counted = flow.steps.setdefault(name, Tally())
            counted.add(
                step.call or step.status, step.duration_us if step.ended else None, step.ended, step.meter.items()
            )
            counted.attempts += step.attempts
    return dict(sorted(found.items()))


def _counted(steps: Iterable[StepReport]) -> Iterator[tuple[str, StepReport]]:
    for step in steps:
        if step.status in ("succeeded", "handled", "failed", "cancelled", "undone"):
            yield _ITEM.sub("[]", step.key), step

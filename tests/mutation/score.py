"""Says how the checker took a mutant.

`hit`: one finding of the kind's severity, under one of the kind's rules, at a span that covers the fault or lies in it,
and for errors no second error. `missed`: none. `several`: more than one. `elsewhere`: one, away from the fault.
`other`: one at the fault, of another rule or severity.
"""

from __future__ import annotations

from typing import NamedTuple

from flowlang.diagnostics import Diagnostic
from tests.mutation.generate import Mutant

OUTCOMES = ("hit", "missed", "several", "elsewhere", "other")


class Verdict(NamedTuple):
    """How one mutant was taken."""

    mutant: Mutant
    outcome: str
    found: list[Diagnostic]

    def __str__(self) -> str:
        said = "; ".join(f"{each.severity}[{each.rule}] {each.message}" for each in self.found) or "nothing"
        return f"{self.mutant.kind.id}: {self.outcome} at {self.mutant.place}: {said}"


def judge(mutant: Mutant) -> Verdict:
    """Check a mutant."""
    found = list(mutant.clean.check(mutant.text).diagnostics)
    errors = [each for each in found if each.severity == "error"]
    heard = errors if errors or mutant.kind.severity == "error" else [e for e in found if e.severity == "warning"]
    return Verdict(mutant, _outcome(mutant, heard or found), found)


def _outcome(mutant: Mutant, heard: list[Diagnostic]) -> str:
    if not heard:
        return "missed"
    if len(heard) > 1:
        return "several"
    if not any(_covers(heard[0], start, end, mutant) for start, end in mutant.spots):
        return "elsewhere"
    is_right = heard[0].rule in mutant.kind.rules and heard[0].severity == mutant.kind.severity
    return "hit" if is_right else "other"


def _covers(found: Diagnostic, start: int, end: int, mutant: Mutant) -> bool:
    """Whether one lies in the other; a finding that covers a fault is no taller than the fault and a line."""
    span = found.span
    if span.file != str(mutant.clean.path):
        return False
    if start <= span.start and span.end <= end:
        return True
    lines = mutant.text.count("\n", span.start, span.end) - mutant.text.count("\n", start, end)
    return span.start <= start and end <= span.end and lines <= 1

"""Failures on demand: what the next calls of a route meet instead of, or before, the service's own answer.

A plan is a list of outcomes used up one per call, first plan first. An outcome is a JSON object:

    {"status": 503, "json": {...}, "text": "...", "headers": {"Retry-After": "1"}}   answer this, do no work
    {"delay": 2.0}                     wait, then go on with the rest of the outcome (alone: answer normally)
    {"drop": "request"}                cut the connection, no work done (`true` means this)
    {"drop": "response"}               do the work, then cut the connection
    {"times": 3, ...}                  the same for three calls; `"times": "always"` never ends
    {}                                 answer normally

Routes are `METHOD /path`, each part may hold `*`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

FIELDS = {"status", "json", "text", "headers", "delay", "drop", "times"}


@dataclass(slots=True)
class Outcome:
    """What one call meets; `status` none means the service's own answer."""

    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drop_request: bool = False
    drop_response: bool = False
    times: float = 1

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Read an outcome; raises `ValueError` naming what is wrong with it."""
        if unknown := set(data) - FIELDS:
            raise ValueError(f"unknown in an outcome: {', '.join(sorted(unknown))}")
        drop = data.get("drop", False)
        if drop not in (True, False, "request", "response"):
            raise ValueError('drop is true, "request" or "response"')
        times = data.get("times", 1)
        body = data["text"].encode() if "text" in data else data.get("json")
        answers = "json" in data or "text" in data or "headers" in data
        return cls(
            status=data.get("status", 200 if answers else None),
            body=body,
            headers=dict(data.get("headers", {})),
            delay_s=float(data.get("delay", 0.0)),
            drop_request=drop in (True, "request"),
            drop_response=drop == "response",
            times=float("inf") if times == "always" else int(times),
        )


NORMAL = Outcome()


class FaultPlan:
    """The outcomes still to come, by route pattern."""

    def __init__(self) -> None:
        self._plans: dict[str, list[Outcome]] = {}

    def set(self, route: str, outcomes: list[Mapping[str, Any]]) -> None:
        """Replace what `route` still has to meet; an empty list ends its failures."""
        self._plans[route] = [Outcome.from_json(outcome) for outcome in outcomes]

    def clear(self) -> None:
        self._plans.clear()

    def take(self, route: str) -> Outcome:
        """Use up and give the next outcome for a call of `route`."""
        for pattern, outcomes in self._plans.items():
            if not outcomes or not (pattern == route or fnmatchcase(route, pattern)):
                continue
            outcome = outcomes[0]
            outcome.times -= 1
            if outcome.times <= 0:
                outcomes.pop(0)
            return outcome
        return NORMAL

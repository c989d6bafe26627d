"""The circuit breaker: closed, open, half_open, as a pure state machine on JSON.

Closed lets calls through and counts failures: `failures` in a row (forgotten after `window` without one), or the share
`failure_rate` of at least `minimum_calls` within `window`, kept in ten buckets and judged at each failure. Open refuses
until `cooldown` has passed; each time it opens again without having closed it stays open longer by another `cooldown`,
up to `max_cooldown`. Half_open grants exactly `trials` permits: all must succeed to close it, one failure opens it
again. A permit has a number and lapses at an instant of its own, for its holder may have died. Results carry the
admission of their call, the round and the permit, so that a late answer moves nothing and gives nobody else's permit
back.

A person may hold it open or closed: it then neither counts nor moves until it is released, closed. To have been held is
no sign that the other side is well: if it opens before a call has succeeded, its open time goes on growing.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

from flowlang.plan.nodes import BreakerPolicy
from flowlang.runtime.errors import RunError

BUCKETS: Final = 10
Event = Literal["success", "failure", "neutral"]
State = dict[str, Any]


class Admission(NamedTuple):
    """What let a call through: the round, and in half_open the number of its permit."""

    round: int = 0
    permit: int | None = None


def initial() -> State:
    """A closed breaker that has seen nothing."""
    return {"mode": "closed", "round": 0, "failures": 0, "last_failure": 0, "buckets": []}


def reset(state: object | None) -> State:
    """Closed, with nothing counted; calls under way move nothing any more."""
    return {**initial(), "round": _round(state) + 1}


def hold(state: object | None, mode: Literal["open", "closed"]) -> State:
    """Held open or closed by hand."""
    return {**release(state), "mode": mode, "held": mode}


def release(state: object | None) -> State:
    """Closed and no longer held; how often it has opened is kept, until a call succeeds."""
    trips = state.get("trips", 0) if isinstance(state, dict) else 0
    return {**reset(state), **({"trips": trips} if trips else {})}


def _round(state: object | None) -> int:
    return int(state["round"]) if isinstance(state, dict) else 0


def is_failure(error: RunError) -> bool:
    """Whether an error says that the other side is unwell: 4xx other than 408, 425 and 429 does not."""
    if error.kind == "http":
        return (error.status or 0) >= 500 or error.status in (408, 425, 429)
    return error.kind in ("network", "timeout")


def event_of(policy: BreakerPolicy, error: RunError | None, took: int) -> Event:
    """What a call says of the other side that ended with an error, or none, after so long (µs)."""
    if error is not None and error.kind in ("cancelled", "rate_limited", "breaker_open"):
        return "neutral"
    if error is not None and is_failure(error):
        return "failure"
    return "success" if policy.slow is None or took <= policy.slow else "failure"


def admit(policy: BreakerPolicy, state: object | None, now: int, lease: int) -> tuple[State, Admission | int]:
    """Ask to let a call through at an instant (µs) that will have ended after `lease`; returns the next state and the
    admission, or until when there is none (0: nobody knows).
    """
    current: State = dict(state) if isinstance(state, dict) else initial()
    if current["mode"] == "closed":
        return current, Admission(current["round"])
    if "held" in current:
        return current, 0
    if current["mode"] == "open":
        if now < current["until"]:
            return current, current["until"]
        current = {
            "mode": "half_open", "round": current["round"] + 1, "trips": current["trips"],
            "granted": [], "issued": 0, "succeeded": 0,
        }  # fmt: skip
    granted = _not_lapsed(current, now)
    if len(granted) + current["succeeded"] >= policy.trials:
        return {**current, "granted": granted}, now + policy.cooldown
    permit = current["issued"] + 1
    granted = [*granted, [permit, now + lease]]
    return {**current, "granted": granted, "issued": permit}, Admission(current["round"], permit)


def renew(
    policy: BreakerPolicy, state: object | None, now: int, lease: int, admitted: Admission
) -> tuple[State, Admission | int]:
    """Ask again for a call that has waited since it was let through: its permit lapses later, or it needs another."""
    if isinstance(state, dict) and state["mode"] == "half_open" and state["round"] == admitted.round:
        granted = _not_lapsed(state, now)
        if any(permit == admitted.permit for permit, _ in granted):
            renewed = [[permit, now + lease if permit == admitted.permit else lapses] for permit, lapses in granted]
            return {**state, "granted": renewed}, admitted
    return admit(policy, state, now, lease)


def report(policy: BreakerPolicy, state: object | None, event: Event, now: int, admitted: Admission) -> State:
    """Apply how a call ended at an instant (µs); returns the next state."""
    current: State = dict(state) if isinstance(state, dict) else initial()
    if "held" in current or admitted.round != current["round"]:
        return current
    match current["mode"]:
        case "closed":
            return _count(policy, current, event, now)
        case "half_open":
            return _tried(policy, current, event, now, admitted.permit)
    return current


def _not_lapsed(state: State, now: int) -> list[list[int]]:
    return [[permit, lapses] for permit, lapses in state["granted"] if now < lapses]


def _opened(policy: BreakerPolicy, state: State, now: int) -> State:
    trips = state.get("trips", 0) + 1
    until = now + max(policy.cooldown, min(policy.cooldown * trips, policy.max_cooldown))
    return {"mode": "open", "round": state["round"] + 1, "trips": trips, "opened": now, "until": until}


def _tried(policy: BreakerPolicy, state: State, event: Event, now: int, permit: int | None) -> State:
    held = _not_lapsed(state, now)
    granted = [each for each in held if each[0] != permit]
    if len(granted) == len(held):
        return state
    if event == "failure":
        return _opened(policy, state, now)
    succeeded = state["succeeded"] + (event == "success")
    if succeeded >= policy.trials:
        return {**initial(), "round": state["round"] + 1}
    return {**state, "granted": granted, "succeeded": succeeded}


def _count(policy: BreakerPolicy, state: State, event: Event, now: int) -> State:
    if event == "neutral":
        return state
    if event == "success" and "trips" in state:
        state = {name: value for name, value in state.items() if name != "trips"}
    if policy.failure_rate is not None:
        return _count_rate(policy, policy.failure_rate, state, event == "failure", now)
    if event == "success":
        return state if not state["failures"] else {**state, "failures": 0}
    recent = state["failures"] and now - state["last_failure"] <= policy.window
    failures = state["failures"] + 1 if recent else 1
    if failures >= (policy.failures or 1):
        return _opened(policy, state, now)
    return {**state, "failures": failures, "last_failure": now}


def _count_rate(policy: BreakerPolicy, rate: float, state: State, failed: bool, now: int) -> State:
    width = max(1, policy.window // BUCKETS)
    start = now - now % width
    buckets = [b for b in state["buckets"] if b[0] > now - policy.window]
    if buckets and buckets[-1][0] == start:
        at, total, failures = buckets[-1]
        buckets = [*buckets[:-1], [at, total + 1, failures + failed]]
    else:
        buckets = [*buckets, [start, 1, int(failed)]]
    total, failures = sum(b[1] for b in buckets), sum(b[2] for b in buckets)
    if (
        failed and total >= policy.minimum_calls and failures / total >= rate
    ):  # exact for decimals; `rate * total` is not
        return _opened(policy, state, now)
    return {**state, "buckets": buckets}

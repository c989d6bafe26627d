"""The circuit breaker: closed, open, half_open, as a pure state machine on JSON.

Closed lets calls through and counts failures: `failures` in a row (forgotten after `window` without one), or the
share `failure_rate` of at least `minimum_calls` within `window`, kept in ten buckets. Open refuses until `cooldown`
has passed; each time it opens again without having closed it stays open longer by another `cooldown`, up to
`max_cooldown`. Half_open grants exactly `trials` permits: all must succeed to close it, one failure opens it again. A
permit whose holder died lapses after `lease`. Results are tagged with the round in which the call was admitted, so
that a late answer moves nothing.

A person may hold it open or closed: it then neither counts nor moves until it is released.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from flowlang.plan.nodes import BreakerPolicy
from flowlang.runtime.errors import RunError

BUCKETS: Final = 10
Event = Literal["admit", "success", "failure", "neutral"]
State = dict[str, Any]


def initial() -> State:
    """A closed breaker that has seen nothing."""
    return {"mode": "closed", "round": 0, "failures": 0, "last_failure": 0, "buckets": []}


def reset(state: object | None) -> State:
    """Closed, with nothing counted; calls under way move nothing any more."""
    return {**initial(), "round": _round(state) + 1}


def hold(state: object | None, mode: Literal["open", "closed"]) -> State:
    """Held open or closed by hand."""
    return {**reset(state), "mode": mode, "held": mode}


def _round(state: object | None) -> int:
    return int(state["round"]) if isinstance(state, dict) else 0


def is_failure(error: RunError) -> bool:
    """Whether an error says that the other side is unwell: 4xx other than 408, 425 and 429 does not."""
    if error.kind == "http":
        return (error.status or 0) >= 500 or error.status in (408, 425, 429)
    return error.kind in ("network", "timeout")


def transition(
    policy: BreakerPolicy, state: object | None, event: Event, now: int, admitted: int = 0, lease: int = 0
) -> tuple[State, Any]:
    """Apply an event at an instant (µs); returns the next state and the answer.

    The answer to `admit` is {"allowed", "round", "until"}; `admitted` is the round that it gave.
    """
    current: State = dict(state) if isinstance(state, dict) else initial()
    held = current.get("held")
    if held is not None:
        answer = {"allowed": held == "closed", "round": current["round"], "until": 0}
        return current, answer if event == "admit" else None
    if event == "admit":
        return _admit(policy, current, now, lease)
    if admitted != current["round"]:
        return current, None
    match current["mode"]:
        case "closed":
            return _count(policy, current, event, now), None
        case "half_open":
            return _tried(policy, current, event, now), None
    return current, None


def _admit(policy: BreakerPolicy, state: State, now: int, lease: int) -> tuple[State, Any]:
    if state["mode"] == "closed":
        return state, {"allowed": True, "round": state["round"], "until": 0}
    if state["mode"] == "open":
        if now < state["until"]:
            return state, {"allowed": False, "round": state["round"], "until": state["until"]}
        trips = state["trips"]
        state = {"mode": "half_open", "round": state["round"] + 1, "trips": trips, "granted": [], "succeeded": 0}
    granted = [at for at in state["granted"] if now - at < lease or not lease]
    if len(granted) + state["succeeded"] >= policy.trials:
        return {**state, "granted": granted}, {
            "allowed": False,
            "round": state["round"],
            "until": now + policy.cooldown,
        }
    return {**state, "granted": [*granted, now]}, {"allowed": True, "round": state["round"], "until": 0}


def _opened(policy: BreakerPolicy, state: State, now: int) -> State:
    trips = state.get("trips", 0) + 1
    until = now + max(policy.cooldown, min(policy.cooldown * trips, policy.max_cooldown))
    return {"mode": "open", "round": state["round"] + 1, "trips": trips, "opened": now, "until": until}


def _tried(policy: BreakerPolicy, state: State, event: Event, now: int) -> State:
    if event == "failure":
        return _opened(policy, state, now)
    granted = state["granted"][1:]  # permits are alike: the oldest is given back
    succeeded = state["succeeded"] + (event == "success")
    if succeeded >= policy.trials:
        return {**initial(), "round": state["round"] + 1}
    return {**state, "granted": granted, "succeeded": succeeded}


def _count(policy: BreakerPolicy, state: State, event: Event, now: int) -> State:
    if event == "neutral":
        return state
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
    if failed and total >= policy.minimum_calls and failures >= rate * total:
        return _opened(policy, state, now)
    return {**state, "buckets": buckets}

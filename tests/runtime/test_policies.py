"""Retry delays, the breaker against a small model, the rate limit in every span, and keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flowlang.plan.nodes import BreakerPolicy, RateLimitPolicy, RetryPolicy
from flowlang.runtime import errors
from flowlang.runtime.policies.breaker import hold, is_failure, reset, transition
from flowlang.runtime.policies.keys import derived_key
from flowlang.runtime.policies.rate_limit import take
from flowlang.runtime.policies.retry import delay_after, is_retryable
from flowlang.runtime.policies.retry_budget import RetryBudget

SECOND = 1_000_000


def retry(strategy: str, jitter: float | str = 0.0, multiplier: float = 2.0) -> RetryPolicy:
    return RetryPolicy(strategy, 5, SECOND, 30 * SECOND, multiplier, jitter, ("network", "timeout", "429", "5xx"))


@pytest.mark.parametrize(
    ("strategy", "seconds"),
    [
        ("exponential", [1, 2, 4, 8, 16, 30, 30]),
        ("linear", [1, 2, 3, 4, 5, 6, 7]),
        ("fixed", [1] * 7),
        ("none", [0] * 7),
    ],
)
def test_delays_of_the_strategies(strategy: str, seconds: list[int]) -> None:
    delays = [delay_after(retry(strategy), attempt, 0.5) for attempt in range(1, 8)]
    assert delays == [s * SECOND for s in seconds]


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True), st.sampled_from([0.0, 0.3, 1.0, "full"]))
def test_jitter_stays_within_its_share_and_the_cap(attempt: int, draw: float, jitter: float | str) -> None:
    plain = delay_after(retry("exponential"), attempt, draw)
    delay = delay_after(retry("exponential", jitter), attempt, draw)
    share = 1.0 if jitter == "full" else float(jitter)
    assert 0 <= delay <= 30 * SECOND
    assert plain * (1 - share) - 1 <= delay <= plain * (1 + share) + 1


@given(st.floats(allow_nan=False))
def test_retry_after_lengthens_but_never_beyond_the_cap(asked: float) -> None:
    assert SECOND <= delay_after(retry("fixed"), 1, 0.0, asked) <= 30 * SECOND


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (errors.network("x", True), True),
        (errors.timeout("x"), True),
        (errors.http("x", 503, None), True),
        (errors.http("x", 429, None), True),
        (errors.http("x", 404, None), False),
        (errors.breaker_open("x"), False),
        (errors.validation("x"), False),
        (errors.fault("x"), False),
        (errors.failed("x"), False),
        (errors.cancelled(), False),
    ],
)
def test_what_is_tried_again(error: errors.RunError, again: bool) -> None:
    assert is_retryable(error, retry("fixed").on) is again


def test_no_policy_makes_certain_kinds_retryable() -> None:
    for error in (errors.validation("x"), errors.fault("x"), errors.breaker_open("x")):
        assert not is_retryable(error, (error.kind,))


def test_which_errors_speak_against_the_other_side() -> None:
    assert is_failure(errors.http("x", 500, None))
    assert is_failure(errors.http("x", 429, None))
    assert not is_failure(errors.http("x", 404, None))
    assert not is_failure(errors.validation("x"))


class BreakerAgainstModel(RuleBasedStateMachine):
    """Calls come and go in any order; the model is the sentence of the language, written naively."""

    policy = BreakerPolicy(3, None, 1, 60 * SECOND, 10 * SECOND, 2, None, None, 25 * SECOND)

    def __init__(self) -> None:
        super().__init__()
        self.state: Any = None
        self.now = 0
        self.mode, self.round, self.row, self.last, self.until, self.trials_ok, self.out = "closed", 0, 0, 0, 0, 0, 0
        self.trips = 0
        self.calls: list[int] = []

    @rule(seconds=st.integers(0, 20))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule()
    def admit(self) -> None:
        self.state, answer = transition(self.policy, self.state, "admit", self.now)
        if self.mode == "open" and self.now >= self.until:
            self.mode, self.round, self.trials_ok, self.out = "half_open", self.round + 1, 0, 0
        allowed = self.mode == "closed" or (self.mode == "half_open" and self.out + self.trials_ok < self.policy.trials)
        assert answer["allowed"] is allowed
        if allowed:
            self.out += self.mode == "half_open"
            self.calls.append(answer["round"])
            assert answer["round"] == self.round

    @rule(data=st.data(), event=st.sampled_from(["success", "failure", "neutral"]))
    def end(self, data: st.DataObject, event: Any) -> None:
        if not self.calls:
            return
        admitted = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        self.state, _ = transition(self.policy, self.state, event, self.now, admitted)
        if admitted != self.round:
            return
        if self.mode == "closed" and event == "success":
            self.row = 0
        elif self.mode == "closed" and event == "failure":
            self.row = self.row + 1 if self.row and self.now - self.last <= self.policy.window else 1
            self.last = self.now
            if self.row >= 3:
                self.open()
        elif self.mode == "half_open" and event == "failure":
            self.open()
        elif self.mode == "half_open":
            self.out -= 1
            self.trials_ok += event == "success"
            if self.trials_ok >= self.policy.trials:
                self.mode, self.round, self.row, self.trips = "closed", self.round + 1, 0, 0

    def open(self) -> None:
        self.mode, self.round, self.row, self.trips = "open", self.round + 1, 0, self.trips + 1
        self.until = self.now + min(self.trips * self.policy.cooldown, 25 * SECOND)

    @rule()
    def reset(self) -> None:
        self.state = reset(self.state)
        self.mode, self.round, self.row, self.trips = "closed", self.round + 1, 0, 0

    @rule(mode=st.sampled_from(["open", "closed"]), event=st.sampled_from(["success", "failure"]))
    def hold_and_release(self, mode: Any, event: Any) -> None:
        held = hold(self.state, mode)
        for _ in range(5):
            held, answer = transition(self.policy, held, "admit", self.now)
            assert answer["allowed"] is (mode == "closed")
            held, _ = transition(self.policy, held, event, self.now, answer["round"])
        assert held["mode"] == mode
        self.state = reset(held)
        self.mode, self.round, self.row, self.trips = "closed", self.round + 2, 0, 0

    @invariant()
    def agrees(self) -> None:
        assert (self.state or {"mode": "closed"})["mode"] == self.mode


TestBreakerAgainstModel = BreakerAgainstModel.TestCase
TestBreakerAgainstModel.settings = settings(max_examples=600, stateful_step_count=100, deadline=None)
"""60,000 transitions."""


def test_the_rate_of_failures_opens_the_breaker_once_enough_calls_were_made() -> None:
    policy = BreakerPolicy(None, 0.5, 4, 60 * SECOND, SECOND, 1, None)
    state: Any = None
    for i, event in enumerate(["failure", "success", "failure", "success", "success"]):
        state, _ = transition(policy, state, event, i * SECOND, 0)  # type: ignore[arg-type]
        assert state["mode"] == "closed"
    state, _ = transition(policy, state, "failure", 6 * SECOND, 0)
    assert state["mode"] == "open"


def test_failures_outside_the_window_are_forgotten() -> None:
    policy = BreakerPolicy(None, 0.5, 2, 10 * SECOND, SECOND, 1, None)
    state, _ = transition(policy, None, "failure", 0, 0)
    state, _ = transition(policy, state, "success", 30 * SECOND, 0)
    state, _ = transition(policy, state, "success", 31 * SECOND, 0)
    state, _ = transition(policy, state, "failure", 32 * SECOND, 0)
    assert state["mode"] == "closed"


def test_a_permit_whose_holder_died_lapses() -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, SECOND, 1, None)
    state, _ = transition(policy, None, "failure", 0, 0)
    state, first = transition(policy, state, "admit", 2 * SECOND, lease=5 * SECOND)
    state, second = transition(policy, state, "admit", 3 * SECOND, lease=5 * SECOND)
    state, third = transition(policy, state, "admit", 8 * SECOND, lease=5 * SECOND)
    assert [first["allowed"], second["allowed"], third["allowed"]] == [True, False, True]


@given(st.integers(1, 5), st.lists(st.integers(0, 3 * SECOND), max_size=40))
def test_no_span_holds_more_calls_than_allowed(calls: int, gaps: list[int]) -> None:
    policy, now, state, turns = RateLimitPolicy(calls, SECOND, None), 0, None, []
    for gap in gaps:
        now += gap
        state, answer = take(policy, state, now, None)
        assert answer["at"] >= now
        turns.append(answer["at"])
    assert turns == sorted(turns)
    assert all(turns[i + calls] - turns[i] >= SECOND for i in range(len(turns) - calls))


def test_a_turn_that_comes_too_late_is_not_taken() -> None:
    policy = RateLimitPolicy(1, SECOND, None)
    state, _ = take(policy, None, 0, None)
    state, refused = take(policy, state, 0, SECOND // 2)
    _, answer = take(policy, state, 0, SECOND)
    assert refused == {"refused_until": SECOND}
    assert answer == {"at": SECOND}


def test_keys_differ_by_run_step_poll_and_generation_only() -> None:
    keys = {
        derived_key(run, step, poll, generation)
        for run in ("r", "s") for step in ("a", "a.b") for poll in (0, 1) for generation in (0, 1)
    }  # fmt: skip
    assert len(keys) == 16
    assert derived_key("r", "a", 0, 0) == derived_key("r", "a", 0, 0)


def test_an_open_time_that_grows_and_is_capped() -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, 10 * SECOND, 1, None, None, 25 * SECOND)
    state, now, spans = None, 0, []
    for _ in range(4):
        state, answer = transition(policy, state, "admit", now)
        state, _ = transition(policy, state, "failure", now, answer["round"])
        spans.append(state["until"] - now)
        now = state["until"]
    assert spans == [10 * SECOND, 20 * SECOND, 25 * SECOND, 25 * SECOND]
    state, answer = transition(policy, state, "admit", now)
    state, _ = transition(policy, state, "success", now, answer["round"])
    state, answer = transition(policy, state, "admit", now)
    state, _ = transition(policy, state, "failure", now, answer["round"])
    assert state["until"] - now == 10 * SECOND


@given(st.lists(st.tuples(st.integers(0, 5 * SECOND), st.booleans()), max_size=300))
def test_retries_stay_within_a_fifth_of_the_calls_and_ten(events: list[tuple[int, bool]]) -> None:
    budget, now, seen = RetryBudget(), 0, []
    for gap, is_retry in events:
        now += gap
        if is_retry:
            if budget.retry(now):
                seen.append((now, True))
        else:
            budget.call(now)
            seen.append((now, False))
        recent = [retried for at, retried in seen if at > now - 50 * SECOND]  # whole buckets
        calls = sum(not retried for at, retried in seen if at > now - 60 * SECOND)
        assert sum(recent) <= 0.2 * calls + 10 + 1


def test_a_quiet_service_has_its_retries_back() -> None:
    budget = RetryBudget()
    assert [budget.retry(0) for _ in range(12)] == [True] * 10 + [False] * 2
    assert not budget.retry(50 * SECOND)
    assert budget.retry(70 * SECOND)

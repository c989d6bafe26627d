"""Retry delays, the breaker against a small model, the rate limit in every span, and keys."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.plan.nodes import BreakerPolicy, RateLimitPolicy, RetryPolicy
from flowlang.runtime import errors
from flowlang.runtime.policies.breaker import Admission, admit, hold, is_failure, release, renew, report, reset
from flowlang.runtime.policies.keys import derived_key
from flowlang.runtime.policies.rate_limit import Turn, begin, give_back, move_up, take
from flowlang.runtime.policies.retry import delay_after, is_retryable
from flowlang.runtime.policies.retry_budget import spend

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


class BreakerBesideModel:
    """A breaker and its model: the sentence of the language, written naively. Every call that was let through is kept
    with the end of its permit.
    """

    policy = BreakerPolicy(3, None, 1, 60 * SECOND, 10 * SECOND, 2, None, None, 25 * SECOND)

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.state: Any = None
        self.now = 0
        self.mode, self.round, self.row, self.last, self.until, self.trials_ok = "closed", 0, 0, 0, 0, 0
        self.trips = 0
        self.calls: list[tuple[Admission, int | None]] = []

    def move(self) -> None:
        """Let something happen to both, and compare."""
        moves, shares = [self.wait, self.admit, self.end, self.renew, self.reset, self.hold], [20, 40, 30, 8, 1, 1]
        self.dice.choices(moves, shares)[0]()
        assert (self.state or {"mode": "closed"})["mode"] == self.mode

    def wait(self) -> None:
        self.now += self.dice.randint(0, 20) * SECOND

    def admit(self) -> None:
        lease = self.dice.randint(1, 30) * SECOND
        self.state, answer = admit(self.policy, self.state, self.now, lease)
        self.compare(answer, lease)

    def renew(self) -> None:
        if not self.calls:
            return
        call, end = self.take_call()
        lease = self.dice.randint(1, 30) * SECOND
        self.state, answer = renew(self.policy, self.state, self.now, lease, call)
        if self.is_out(call, end):
            assert answer == call
            self.calls.append((call, self.now + lease))
        else:
            self.compare(answer, lease)

    def end(self) -> None:
        if not self.calls:
            return
        call, end = self.take_call()
        event: Any = self.dice.choice(["success", "failure", "neutral"])
        self.state = report(self.policy, self.state, event, self.now, call)
        if self.mode == "closed" and call.round == self.round:
            self.count(event)
        elif self.is_out(call, end):
            self.try_out(event)

    def reset(self) -> None:
        self.state = reset(self.state)
        self.mode, self.round, self.row, self.trips = "closed", self.round + 1, 0, 0

    def hold(self) -> None:
        mode: Any = self.dice.choice(["open", "closed"])
        self.state = hold(self.state, mode)
        for _ in range(5):
            self.state, answer = admit(self.policy, self.state, self.now, SECOND)
            assert isinstance(answer, Admission) is (mode == "closed")
            self.state = report(self.policy, self.state, "failure", self.now, Admission(self.state["round"]))
        assert self.state["mode"] == mode
        self.round += 1
        if self.dice.random() < 0.5:
            self.reset()
        else:
            self.state = release(self.state)
            self.mode, self.round, self.row = "closed", self.round + 1, 0

    def take_call(self) -> tuple[Admission, int | None]:
        return self.calls.pop(self.dice.randrange(len(self.calls)))

    def is_out(self, call: Admission, end: int | None) -> bool:
        """Whether a permit may be used still."""
        return self.mode == "half_open" and call.round == self.round and end is not None and self.now < end

    def compare(self, answer: Admission | int, lease: int) -> None:
        """What the breaker says to one who asks."""
        if self.mode == "open" and self.now >= self.until:
            self.mode, self.round, self.trials_ok = "half_open", self.round + 1, 0
        out = [call for call, end in self.calls if self.is_out(call, end)]
        may = self.mode == "closed" or (self.mode == "half_open" and len(out) + self.trials_ok < self.policy.trials)
        assert isinstance(answer, Admission) is may
        if isinstance(answer, Admission):
            assert answer.round == self.round
            assert (answer.permit is not None) is (self.mode == "half_open")
            assert answer.permit is None or answer not in [call for call, _ in self.calls]
            self.calls.append((answer, None if answer.permit is None else self.now + lease))

    def count(self, event: str) -> None:
        if event == "success":
            self.row, self.trips = 0, 0
        elif event == "failure":
            self.row = self.row + 1 if self.row and self.now - self.last <= self.policy.window else 1
            self.last = self.now
            if self.row >= 3:
                self.open()

    def try_out(self, event: str) -> None:
        self.trials_ok += event == "success"
        if event == "failure":
            self.open()
        elif self.trials_ok >= self.policy.trials:
            self.mode, self.round, self.row, self.trips = "closed", self.round + 1, 0, 0

    def open(self) -> None:
        self.mode, self.round, self.row, self.trips = "open", self.round + 1, 0, self.trips + 1
        self.until = self.now + min(self.trips * self.policy.cooldown, 25 * SECOND)


@pytest.mark.parametrize("seed", range(10))
def test_the_breaker_does_as_its_model(seed: int) -> None:
    """100,000 moves in all."""
    dice = random.Random(seed)
    modes: Counter[str] = Counter()
    for _ in range(100):
        both = BreakerBesideModel(dice)
        for _ in range(100):
            both.move()
            modes[both.mode] += 1
    assert min(modes[mode] for mode in ("closed", "open", "half_open")) > 500


def test_a_late_answer_gives_nobody_elses_permit_back() -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, SECOND, 1, None)
    state = opened(policy)
    state, late = admit(policy, state, 2 * SECOND, 5 * SECOND)
    state, other = admit(policy, state, 8 * SECOND, 5 * SECOND)
    assert isinstance(late, Admission)
    assert isinstance(other, Admission)
    for event in ("neutral", "success", "failure"):
        state = report(policy, state, event, 9 * SECOND, late)  # type: ignore[arg-type]
        assert state["mode"] == "half_open"
        state, third = admit(policy, state, 9 * SECOND, 5 * SECOND)
        assert not isinstance(third, Admission), event


def test_each_permit_lapses_at_its_own_instant() -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, SECOND, 1, None)
    state, _ = admit(policy, opened(policy), 2 * SECOND, 60 * SECOND)
    _, other = admit(policy, state, 8 * SECOND, 5 * SECOND)  # a call with a shorter timeout
    assert not isinstance(other, Admission)


def opened(policy: BreakerPolicy) -> Any:
    """The state after one failure at 0."""
    return report(policy, None, "failure", 0, Admission())


def test_the_rate_of_failures_opens_the_breaker_once_enough_calls_were_made() -> None:
    policy = BreakerPolicy(None, 0.5, 4, 60 * SECOND, SECOND, 1, None)
    state: Any = None
    for i, event in enumerate(["failure", "success", "failure", "success", "success"]):
        state = report(policy, state, event, i * SECOND, Admission())  # type: ignore[arg-type]
        assert state["mode"] == "closed"
    state = report(policy, state, "failure", 6 * SECOND, Admission())
    assert state["mode"] == "open"


def test_failures_outside_the_window_are_forgotten() -> None:
    policy = BreakerPolicy(None, 0.5, 2, 10 * SECOND, SECOND, 1, None)
    state = report(policy, None, "failure", 0, Admission())
    state = report(policy, state, "success", 30 * SECOND, Admission())
    state = report(policy, state, "success", 31 * SECOND, Admission())
    state = report(policy, state, "failure", 32 * SECOND, Admission())
    assert state["mode"] == "closed"


def test_a_permit_whose_holder_died_lapses() -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, SECOND, 1, None)
    state, first = admit(policy, opened(policy), 2 * SECOND, 5 * SECOND)
    state, second = admit(policy, state, 3 * SECOND, 5 * SECOND)
    state, third = admit(policy, state, 8 * SECOND, 5 * SECOND)
    assert [isinstance(answer, Admission) for answer in (first, second, third)] == [True, False, True]


def apart(calls: int, turns: list[int]) -> bool:
    """Whether no span of a second holds more turns than so many."""
    return all(turns[i + calls] - turns[i] >= SECOND for i in range(len(turns) - calls))


@given(st.integers(1, 5), st.lists(st.integers(0, 3 * SECOND), max_size=40))
def test_no_span_holds_more_calls_than_allowed(calls: int, gaps: list[int]) -> None:
    policy, now, state, turns = RateLimitPolicy(calls, SECOND, None), 0, None, []
    for number, gap in enumerate(gaps):
        now += gap
        state, answer = take(policy, state, Turn("a", number), now, None)
        assert answer["at"] >= now
        turns.append(answer["at"])
    assert turns == sorted(turns)
    assert apart(calls, turns)


class RateLimitBesideModel:
    """A rate limit and its model: the turns of all who were not cancelled or killed before they came."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.policy = RateLimitPolicy(dice.randint(1, 4), SECOND, None)
        self.state: Any = None
        self.now, self.number, self.given_back, self.moved_up = 0, 0, 0, 0
        self.turns: dict[Turn, int] = {}

    def move(self) -> None:
        self.dice.choices([self.wait, self.take, self.give_back, self.kill, self.move_up], [30, 50, 20, 3, 20])[0]()
        assert apart(self.policy.calls, sorted(self.turns.values()))

    def wait(self) -> None:
        self.now += self.dice.randint(0, SECOND)

    def take(self) -> None:
        self.number += 1
        turn = Turn(self.dice.choice("abc"), self.number)
        latest = self.now + self.dice.randint(0, 3 * SECOND)
        soonest = next(at for at in self.instants() if self.is_free(at))
        self.state, answer = take(self.policy, self.state, turn, self.now, latest)
        if soonest > latest:
            assert answer == {"refused_until": soonest}
        else:
            assert answer == {"at": soonest}
            self.turns[turn] = soonest

    def give_back(self) -> None:
        """Of a call that was not made."""
        if self.turns:
            turn = self.dice.choice(list(self.turns))
            del self.turns[turn]
            self.state = give_back(self.state, turn)
            self.given_back += 1

    def move_up(self) -> None:
        """Of a call that waits."""
        waiting = [turn for turn, at in self.turns.items() if at > self.now]
        if waiting:
            turn = self.dice.choice(waiting)
            old = self.turns.pop(turn)
            soonest = next(at for at in self.instants() if self.is_free(at))
            self.state, answer = move_up(self.policy, self.state, turn, self.now)
            self.turns[turn] = soonest
            assert answer == {"at": soonest}
            self.moved_up += soonest < old

    def kill(self) -> None:
        """What was to come of a process is void, what was may have been used."""
        gone = self.dice.choice("abc")
        self.turns = {turn: at for turn, at in self.turns.items() if turn.holder != gone or at <= self.now}
        turn = Turn("d", self.number)
        self.state, _ = take(self.policy, self.state, turn, self.now, None, {gone})
        self.state = give_back(self.state, turn)

    def instants(self) -> list[int]:
        """When a turn can be at the soonest: now, or when another one has left the span."""
        return sorted({self.now, *(at + SECOND for at in self.turns.values() if at + SECOND > self.now)})

    def is_free(self, at: int) -> bool:
        return apart(self.policy.calls, sorted([*self.turns.values(), at]))


@pytest.mark.parametrize("seed", range(5))
def test_the_rate_limit_does_as_its_model(seed: int) -> None:
    dice = random.Random(seed)
    given_back = moved_up = 0
    for _ in range(40):
        both = RateLimitBesideModel(dice)
        for _ in range(60):
            both.move()
        given_back += both.given_back
        moved_up += both.moved_up
    assert given_back > 100
    assert moved_up > 20


def test_a_turn_that_comes_too_late_is_not_taken() -> None:
    policy = RateLimitPolicy(1, SECOND, None)
    state, _ = take(policy, None, Turn("a", 1), 0, None)
    state, refused = take(policy, state, Turn("a", 2), 0, SECOND // 2)
    _, answer = take(policy, state, Turn("a", 3), 0, SECOND)
    assert refused == {"refused_until": SECOND}
    assert answer == {"at": SECOND}


@given(st.integers(1, 4), st.lists(st.tuples(st.integers(0, SECOND), st.integers(0, 2 * SECOND)), max_size=30))
def test_who_is_late_keeps_the_rate(calls: int, callers: list[tuple[int, int]]) -> None:
    """Each comes at some time and is so late for its turn, as where a program does something else for a while."""
    policy, state, now = RateLimitPolicy(calls, SECOND, None), None, 0
    due: list[tuple[int, int]] = []
    begun = []
    for number, (gap, _) in enumerate(callers):
        now += gap
        state, answer = take(policy, state, Turn("a", number), now, None)
        if answer["at"] == now:
            begun.append(now)
        else:
            heapq.heappush(due, (answer["at"] + callers[number][1], number))
        while due and due[0][0] <= now + gap:
            at, late = heapq.heappop(due)
            now = max(now, at)
            state, answer = begin(policy, state, Turn("a", late), now)
            if answer["at"] == now:
                begun.append(now)
            else:
                heapq.heappush(due, (answer["at"], late))
    assert apart(calls, begun)


def test_a_turn_that_has_come_is_kept() -> None:
    policy, turn = RateLimitPolicy(1, SECOND, None), Turn("a", 2)
    state, _ = take(policy, None, Turn("a", 1), 0, None)
    state, _ = take(policy, state, turn, 0, None)
    state, _ = take(policy, state, Turn("a", 3), 0, None)
    assert move_up(policy, state, turn, SECOND + 5) == (state, {"at": SECOND})


def test_nothing_is_kept_of_who_gave_everything_back() -> None:
    turn = Turn("a", 1)
    state, _ = take(RateLimitPolicy(1, SECOND, None), None, turn, 0, None)
    assert give_back(state, turn) is None
    assert give_back(None, turn) is None


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
        state = one_call(policy, state, "failure", now)
        spans.append(state["until"] - now)
        now = state["until"]
    assert spans == [10 * SECOND, 20 * SECOND, 25 * SECOND, 25 * SECOND]
    state = one_call(policy, one_call(policy, state, "success", now), "failure", now)
    assert state["until"] - now == 10 * SECOND


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_an_open_time_goes_on_growing_when_a_breaker_was_held(mode: Any) -> None:
    policy = BreakerPolicy(1, None, 1, SECOND, 10 * SECOND, 1, None, None, 60 * SECOND)
    state = one_call(policy, None, "failure", 0)
    state = one_call(policy, state, "failure", 10 * SECOND)
    state = release(hold(hold(state, mode), mode))
    assert (state["mode"], state["trips"]) == ("closed", 2)
    again = one_call(policy, state, "failure", 40 * SECOND)
    assert again["until"] == 70 * SECOND
    well = one_call(policy, one_call(policy, state, "success", 40 * SECOND), "failure", 40 * SECOND)
    assert well["until"] == 50 * SECOND
    assert one_call(policy, reset(state), "failure", 40 * SECOND)["until"] == 50 * SECOND


def one_call(policy: BreakerPolicy, state: Any, event: Any, now: int) -> Any:
    """A call that is let through and ends at once."""
    state, admitted = admit(policy, state, now, SECOND)
    assert isinstance(admitted, Admission)
    return report(policy, state, event, now, admitted)


@given(st.lists(st.tuples(st.integers(0, 5 * SECOND), st.booleans()), max_size=300))
def test_retries_stay_within_a_fifth_of_the_calls_and_ten(events: list[tuple[int, bool]]) -> None:
    state: object = None
    now, seen = 0, []
    for gap, is_retry in events:
        now += gap
        state, allowed = spend(state, now, int(not is_retry), is_retry)
        if is_retry:
            if allowed:
                seen.append((now, True))
        else:
            seen.append((now, False))
        recent = [retried for at, retried in seen if at > now - 50 * SECOND]  # whole buckets
        calls = sum(not retried for at, retried in seen if at > now - 60 * SECOND)
        assert sum(recent) <= 0.2 * calls + 10 + 1


def test_a_quiet_service_has_its_retries_back() -> None:
    state: object = None
    answers = []
    for at in (*[0] * 12, 50 * SECOND, 70 * SECOND):
        state, allowed = spend(state, at, 0, True)
        answers.append(allowed)
    assert answers == [True] * 10 + [False] * 3 + [True]

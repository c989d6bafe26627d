"""Retry delays, the breaker against a small model, the rate limit in every span, and keys."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.plan.nodes import BreakerPolicy, RateLimitPolicy, RetryPolicy
from flowlang.runtime import errors
from flowlang.runtime.policies.breaker import (
    Admission,
    admit,
    event_of,
    hold,
    is_failure,
    release,
    renew,
    report,
    reset,
)
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


@dataclass
class Model:
    """A breaker as the language has it, written naively: every call that ended is kept with its instant, every one that
    was let through with the end of its permit. Rates are fractions of whole numbers.
    """

    policy: BreakerPolicy
    now: int = 0
    mode: str = "closed"
    held: bool = False
    round: int = 0
    row: int = 0
    last: int = 0
    until: int = 0
    trials_ok: int = 0
    trips: int = 0
    ended: list[tuple[int, bool]] = field(default_factory=list)
    calls: list[tuple[Admission, int | None]] = field(default_factory=list)

    def turn(self, mode: str) -> None:
        """Another round: what was counted is forgotten, and calls under way move nothing any more."""
        self.mode, self.round, self.row, self.trials_ok = mode, self.round + 1, 0, 0
        self.ended.clear()

    def is_out(self, call: Admission, end: int | None) -> bool:
        """Whether a permit may be used still."""
        return self.mode == "half_open" and call.round == self.round and end is not None and self.now < end

    def may_pass(self) -> bool:
        if self.mode == "open" and not self.held and self.now >= self.until:
            self.turn("half_open")
        out = [call for call, end in self.calls if self.is_out(call, end)]
        return self.mode == "closed" or (self.mode == "half_open" and len(out) + self.trials_ok < self.policy.trials)

    def says(self, error: errors.RunError | None, took: int) -> str:
        """What a call says of the other side: nothing if it was not made, ill if nothing or a refusal came, or late."""
        if error is not None and error.kind in ("cancelled", "rate_limited", "breaker_open"):
            return "neutral"
        is_ill = error is not None and (error.kind in ("network", "timeout") or error.status in ILL)
        is_late = self.policy.slow is not None and took > self.policy.slow
        return "failure" if is_ill or is_late else "success"

    def end(self, call: Admission, end: int | None, event: str) -> None:
        if self.held or event == "neutral":
            return
        if self.mode == "closed" and call.round == self.round:
            self.count(event == "failure")
        elif self.is_out(call, end):
            self.trials_ok += event == "success"
            if event == "failure":
                self.open()
            elif self.trials_ok == self.policy.trials:
                self.turn("closed")
                self.trips = 0

    def count(self, failed: bool) -> None:
        self.trips = self.trips if failed else 0
        self.row = 0 if not failed else self.row + 1 if self.now - self.last <= self.policy.window else 1
        self.last = self.now if failed else self.last
        self.ended.append((self.now, failed))
        if failed and (self.is_row_full() if self.policy.failure_rate is None else self.is_rate_reached()):
            self.open()

    def is_row_full(self) -> bool:
        return self.row == self.policy.failures

    def is_rate_reached(self) -> bool:
        tenth, rate = self.policy.window // 10, Fraction(str(self.policy.failure_rate))
        recent = [failed for at, failed in self.ended if self.now // tenth - at // tenth < 10]
        return len(recent) >= self.policy.minimum_calls and Fraction(sum(recent), len(recent)) >= rate

    def open(self) -> None:
        self.trips += 1
        self.turn("open")
        longest = max(self.policy.cooldown, self.policy.max_cooldown)
        self.until = self.now + min(self.trips * self.policy.cooldown, longest)


ILL = {408, 425, 429, *range(500, 600)}
ENDS: list[errors.RunError | None] = [
    None,
    None,
    None,
    errors.http("x", 404, None),
    errors.validation("x"),
    errors.http("x", 503, None),
    errors.http("x", 429, None),
    errors.network("x", True),
    errors.timeout("x"),
    errors.cancelled(),
    errors.rate_limited("x"),
]


def some_policy(dice: random.Random, by_rate: bool) -> BreakerPolicy:
    """Windows that hold from a few calls to all, rates that no binary fraction equals, caps below one cooldown."""
    return BreakerPolicy(
        failures=None if by_rate else dice.randint(1, 4),
        failure_rate=dice.choice([0.1, 0.28, 0.5, 0.56, 0.7, 1.0]) if by_rate else None,
        minimum_calls=dice.randint(1, 8),
        window=dice.choice([10, 30, 60, 600]) * SECOND,
        cooldown=dice.randint(1, 15) * SECOND,
        trials=dice.randint(1, 3),
        key=None,
        slow=dice.choice([None, 2 * SECOND]),
        max_cooldown=dice.choice([1, 25, 300]) * SECOND,
    )


class BreakerBesideModel:
    """A breaker and its model, to which the same happens."""

    def __init__(self, dice: random.Random, by_rate: bool) -> None:
        self.dice = dice
        self.policy = some_policy(dice, by_rate)
        self.model = Model(self.policy)
        self.state: Any = None
        self.longest_wait = dice.choice([1, 5, 20])
        self.odd = dice.choice([0, 123_457])

    def move(self) -> None:
        """Let something happen to both, and compare."""
        moves = [self.wait, self.admit, self.end, self.renew, self.reset, self.hold]
        self.dice.choices(moves, [20, 40, 30, 8, 1, 1])[0]()
        if self.model.held and self.dice.random() < 0.2:
            self.release()
        assert (self.state or {"mode": "closed"})["mode"] == self.model.mode

    def wait(self) -> None:
        """Often to the instant at which something ends: they end on whole seconds as long as nothing else is waited."""
        self.model.now += self.dice.randint(0, self.longest_wait) * SECOND + self.dice.choice([0, 0, 0, self.odd])

    def admit(self) -> None:
        lease = self.dice.randint(1, 30) * SECOND
        self.state, answer = admit(self.policy, self.state, self.model.now, lease)
        self.compare(answer, lease)

    def renew(self) -> None:
        if not self.model.calls:
            return
        call, end = self.take_call()
        lease = self.dice.randint(1, 30) * SECOND
        self.state, answer = renew(self.policy, self.state, self.model.now, lease, call)
        if self.model.is_out(call, end):
            assert answer == call
            self.model.calls.append((call, self.model.now + lease))
        else:
            self.compare(answer, lease)

    def end(self) -> None:
        if not self.model.calls:
            return
        call, end = self.take_call()
        error, took = self.dice.choice(ENDS), self.dice.choice([1, 2 * SECOND, 2 * SECOND + 1])
        event = event_of(self.policy, error, took)
        assert event == self.model.says(error, took)
        self.state = report(self.policy, self.state, event, self.model.now, call)
        self.model.end(call, end, event)

    def reset(self) -> None:
        self.state = reset(self.state)
        self.model.turn("closed")
        self.model.trips, self.model.held = 0, False

    def hold(self) -> None:
        mode: Any = self.dice.choice(["open", "closed"])
        self.state = hold(self.state, mode)
        self.model.round += 1
        self.model.mode, self.model.held = mode, True

    def release(self) -> None:
        self.state = release(self.state)
        self.model.turn("closed")
        self.model.held = False

    def take_call(self) -> tuple[Admission, int | None]:
        return self.model.calls.pop(self.dice.randrange(len(self.model.calls)))

    def compare(self, answer: Admission | int, lease: int) -> None:
        """What the breaker says to one who asks."""
        may = self.model.may_pass()
        assert isinstance(answer, Admission) is may
        if isinstance(answer, Admission):
            is_trial = self.model.mode == "half_open"
            assert (answer.permit is not None) is is_trial
            assert not is_trial or answer not in [call for call, _ in self.model.calls]
            self.model.calls.append((answer, self.model.now + lease if is_trial else None))
            assert answer.round == self.model.round


@pytest.mark.parametrize("by_rate", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_breaker_does_as_its_model(seed: int, by_rate: bool) -> None:
    """300,000 moves in all, of 1,000 breakers, no two alike."""
    dice = random.Random(seed)
    modes: Counter[str] = Counter()
    for _ in range(100):
        both = BreakerBesideModel(dice, by_rate)
        for _ in range(300):
            both.move()
            modes[f"held {both.model.mode}" if both.model.held else both.model.mode] += 1
    assert min(modes[mode] for mode in ("closed", "open", "half_open")) > 500
    assert min(modes[mode] for mode in ("held closed", "held open")) > 50


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


@pytest.mark.parametrize(("rate", "failures", "calls"), [(0.28, 7, 25), (0.56, 14, 25), (0.57, 57, 100)])
def test_a_rate_is_reached_exactly(rate: float, failures: int, calls: int) -> None:
    """The product of the first two rates and 25 is above 7 and 14, as a float."""
    policy = BreakerPolicy(None, rate, calls, 60 * SECOND, SECOND, 1, None)
    state: Any = None
    for event in [*["success"] * (calls - failures), *["failure"] * failures]:
        assert state is None or state["mode"] == "closed"
        state = report(policy, state, event, SECOND, Admission())  # type: ignore[arg-type]
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

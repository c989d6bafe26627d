"""Policies in words: what is in force around a call, and since where."""

from __future__ import annotations

from flowlang.record import Record
from flowlang.render.durations import duration
from flowlang.render.expression import spell
from flowlang.render.text import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import BreakerPolicy, Expr, Policies, RetryPolicy


class PolicyLine(Record):
    """One policy: in a sentence, in a word or two, and where it comes from."""

    __slots__ = ()

    sentence: str
    short: str
    origin: str


def policy_lines(policies: Policies) -> list[PolicyLine]:
    """Each policy in force, in the order in which they nest."""
    origin = dict(policies.origin)
    found: list[PolicyLine] = []

    def add(name: str, sentence: str, short: str) -> None:
        found.append(PolicyLine(sentence, short, origin.get(name, "")))

    if policies.total is not None or policies.timeout is not None:
        found.append(_timeouts(policies, origin))
    if policies.idempotent and not origin.get("idempotent", "action").startswith("action"):
        add("idempotent", "idempotent" + _key(policies.idempotency_key), "idempotent")
    if policies.cache is not None:
        words = f"reused for {duration(policies.cache.ttl)}"
        add("cache", f"cache: {words}{_key(policies.cache.key)}", words)
    if policies.once:
        add("once", "started once", "started once")
    if "retry" in origin:
        short = "no retry" if policies.retry is None else plural(policies.retry.attempts, "attempt")
        add("retry", retry_words(policies.retry), short)
    if policies.breaker is not None:
        add("breaker", breaker_words(policies.breaker), "breaker")
    if policies.rate_limit is not None:
        limit = policies.rate_limit
        words = f"{plural(limit.calls, 'call')} per {duration(limit.per)}"
        add("rate_limit", f"rate limit: {words}{_key(limit.key)}", words)
    if policies.concurrency is not None:
        words = f"{policies.concurrency} at once"
        add("concurrency", f"calls: {words}{_key(policies.concurrency_key)}", words)
    for name, value in policies.meter:
        add("meter", f"meter {name}: {spell(value)}", f"meters {name}")
    return found


def retry_words(policy: RetryPolicy | None) -> str:
    """`retry: 3 attempts, 100ms doubling up to 30s, jitter 0.3, on network, 5xx`."""
    if policy is None:
        return "no retry"
    first, most = duration(policy.delay), duration(policy.max_delay)
    waits = {
        "exponential": f"waits of {first} × {policy.multiplier:g} each time, up to {most}",
        "linear": f"waits of {first}, 2 × {first}, …, up to {most}",
        "fixed": f"waits of {duration(min(policy.delay, policy.max_delay))}",
        "none": "no waits",
    }[policy.strategy]
    share = policy.jitter if isinstance(policy.jitter, str) else f"{policy.jitter:g}"
    jitter = f", jitter {share}" if policy.jitter != 0 and policy.strategy != "none" else ""
    return f"retry: {plural(policy.attempts, 'attempt')}, {waits}{jitter}, on {', '.join(policy.on)}"


def breaker_words(policy: BreakerPolicy) -> str:
    """`breaker: opens after 5 failures in 1m, for 30s, then 2 trials`."""
    if policy.failure_rate is None:
        opens = f"opens after {plural(policy.failures or 0, 'failure')} in {duration(policy.window)}"
    else:
        calls = f"of at least {plural(policy.minimum_calls, 'call')} in {duration(policy.window)}"
        opens = f"opens when {policy.failure_rate * 100:g} % {calls} failed"
    if policy.slow is not None:
        opens += f" or took more than {duration(policy.slow)}"
    trials = plural(policy.trials, "trial")
    return f"breaker: {opens}, for {duration(policy.cooldown)}, then {trials}{_key(policy.key)}"


def _timeouts(policies: Policies, origin: dict[str, str]) -> PolicyLine:
    each = None if policies.timeout is None else duration(policies.timeout)
    whole = None if policies.total is None else duration(policies.total)
    parts = [f"{each} an attempt" if each else "", f"{whole} in all" if whole else ""]
    source = origin.get("timeout", "")
    if each and "attempt timeout" in origin:
        source = f"{source}, attempt {origin['attempt timeout']}" if source else origin["attempt timeout"]
    words = ", ".join(part for part in parts if part)
    return PolicyLine(f"timeout: {words}", f"timeout {each or whole}", source)


def _key(key: Expr | None) -> str:
    return "" if key is None else f", key {spell(key)}"

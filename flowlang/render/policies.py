"""Policies in words: what is in force around a call, and since where."""

from __future__ import annotations

from flowlang.render.durations import duration
from flowlang.render.expression import spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import BreakerPolicy, Expr, Policies, RetryPolicy


def policy_lines(policies: Policies) -> list[tuple[str, str]]:
    """Each policy in force as (sentence, where it comes from), in the order in which they nest."""
    origin = dict(policies.origin)
    lines: list[tuple[str, str]] = []
    timeouts = _timeouts(policies)
    if timeouts:
        lines.append((timeouts, origin.get("timeout") or origin.get("attempt timeout", "")))
        if "timeout" in origin and "attempt timeout" in origin:
            lines[-1] = (timeouts, f"{origin['timeout']}, attempt {origin['attempt timeout']}")
    if policies.idempotent and not origin.get("idempotent", "action").startswith("action"):
        lines.append(("idempotent" + _key(policies.idempotency_key), origin["idempotent"]))
    if policies.once:
        lines.append(("started once", origin.get("once", "")))
    if "retry" in origin:
        lines.append((retry_words(policies.retry), origin["retry"]))
    if policies.breaker is not None:
        lines.append((breaker_words(policies.breaker), origin.get("breaker", "")))
    if policies.rate_limit is not None:
        limit = policies.rate_limit
        lines.append(
            (f"rate limit: {limit.calls} per {duration(limit.per)}{_key(limit.key)}", origin.get("rate_limit", ""))
        )
    if policies.concurrency is not None:
        lines.append(
            (f"at once: {policies.concurrency}{_key(policies.concurrency_key)}", origin.get("concurrency", ""))
        )
    lines += [(f"meter {name}: {spell(value)}", origin.get("meter", "")) for name, value in policies.meter]
    return lines


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
    return f"retry: {policy.attempts} attempts, {waits}{jitter}, on {', '.join(policy.on)}"


def breaker_words(policy: BreakerPolicy) -> str:
    """`breaker: opens after 5 failures in 1m, for 30s, then 2 trials`."""
    if policy.failure_rate is None:
        opens = f"opens after {policy.failures} failures in {duration(policy.window)}"
    else:
        calls = f"of at least {policy.minimum_calls} calls in {duration(policy.window)}"
        opens = f"opens when {policy.failure_rate * 100:g} % {calls} failed"
    trials = "1 trial" if policy.trials == 1 else f"{policy.trials} trials"
    return f"breaker: {opens}, for {duration(policy.cooldown)}, then {trials}{_key(policy.key)}"


def _timeouts(policies: Policies) -> str:
    each = "" if policies.timeout is None else f"{duration(policies.timeout)} an attempt"
    whole = "" if policies.total is None else f"{duration(policies.total)} in all"
    found = ", ".join(part for part in (each, whole) if part)
    return f"timeout: {found}" if found else ""


def _key(key: Expr | None) -> str:
    return "" if key is None else f", key {spell(key)}"

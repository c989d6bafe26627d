"""The rate limit: at most `calls` calls in any span of `per`; each caller is given its turn, in the order they ask.

The state holds the instants of the last `calls` turns, so the bound is exact for every span. A turn may lie in the
future: the caller waits for it. A caller that cannot wait so long is told, and takes no turn.
"""

from __future__ import annotations

from typing import Any

from flowlang.plan.nodes import RateLimitPolicy


def take(policy: RateLimitPolicy, state: object | None, now: int, latest: int | None) -> tuple[Any, Any]:
    """Ask for a turn by `latest` (µs; null: any time); returns the next state and {"at"} or {"refused_until"}."""
    turns: list[int] = state["turns"] if isinstance(state, dict) else []
    turns = [at for at in turns if at > now - policy.per][-policy.calls :]
    at = max(now, turns[-policy.calls] + policy.per) if len(turns) >= policy.calls else now
    if turns:
        at = max(at, turns[-1])
    if latest is not None and at > latest:
        return {"turns": turns}, {"refused_until": at}
    return {"turns": [*turns, at]}, {"at": at}

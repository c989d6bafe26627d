"""The rate limit: at most `calls` calls in any span of `per`; each caller is given the first turn that is free, and
may ask for a sooner one while it waits.

The state holds the turns of the last span and those to come, with who holds them, so the bound is exact for every
span. A turn may lie in the future: the caller waits for it, and gives it back if it does not call after all; one that
comes late to its turn takes it then, if so many have not had theirs meanwhile. What a process that is gone would have
done later is void; what it was to do before now it may have done. A caller that cannot wait so long is told, and takes
no turn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from flowlang.plan.nodes import RateLimitPolicy


class Turn(NamedTuple):
    """One caller's turn: who holds it (a process), and its number there."""

    holder: str
    number: int


Taken = tuple[int, str, int]
"""The instant of a turn (µs), its holder and its number."""


def holders(state: object | None, is_gone: Callable[[str], bool]) -> set[str]:
    """Who holds turns and is gone."""
    return {holder for holder in {holder for _, holder, _ in _taken(state)} if is_gone(holder)}


def take(
    policy: RateLimitPolicy, state: object | None, turn: Turn, now: int, latest: int | None, gone: Collection[str] = ()
) -> tuple[Any, Any]:
    """Ask for a turn by `latest` (µs; null: any time); returns the next state and {"at"} or {"refused_until"}. `gone`:
    holders that were so before `now`.
    """
    taken = [
        (at, holder, number)
        for at, holder, number in _taken(state)
        if at > now - policy.per and (at <= now or holder not in gone)
    ]
    at = _first_free(policy, [instant for instant, _, _ in taken], now)
    if latest is not None and at > latest:
        return {"taken": taken}, {"refused_until": at}
    return {"taken": sorted([*taken, (at, *turn)])}, {"at": at}


def move_up(
    policy: RateLimitPolicy, state: object | None, turn: Turn, now: int, gone: Collection[str] = ()
) -> tuple[Any, Any]:
    """Ask for a sooner turn than the one that is waited for; returns the next state and {"at"}."""
    rest = give_back(state, turn)
    after, answer = take(policy, rest, turn, now, None, gone)
    old = next((at for at, holder, number in _taken(state) if (holder, number) == turn), None)
    return (after, answer) if old is None or answer["at"] < old else (state, {"at": old})


def begin(policy: RateLimitPolicy, state: object | None, turn: Turn, now: int) -> tuple[Any, Any]:
    """Come to a turn that was waited for; returns the next state and {"at"}: now, or when there is one."""
    others = [(at, holder, number) for at, holder, number in _taken(state) if (holder, number) != turn]
    before = [at for at, _, _ in others if now - policy.per < at <= now]
    at = now if len(before) < policy.calls else before[-policy.calls] + policy.per
    return {"taken": sorted([*others, (at, *turn)])}, {"at": at}


def give_back(state: object | None, turn: Turn) -> Any:
    """Leave a turn to others; returns the next state."""
    taken = [(at, holder, number) for at, holder, number in _taken(state) if (holder, number) != turn]
    return {"taken": taken} if taken else None


def _taken(state: object | None) -> list[Taken]:
    return state.get("taken", []) if isinstance(state, dict) else []


def _first_free(policy: RateLimitPolicy, taken: list[int], now: int) -> int:
    """The first instant that is in no span with as many turns as there may be."""
    at = now
    for first, last in zip(taken, taken[policy.calls - 1 :], strict=False):
        if at <= last - policy.per:
            break
        if last - first < policy.per:
            at = max(at, first + policy.per)
    return at

"""Did you mean: the names nearest to a misspelled one.

A name is suggested only if its edit distance is at most a third of the misspelled one's length (at least 1), at most
three are, nearest first, and the caller offers only names of the right kind. A question compares so many letters at
most; names that are long, or very many that are all alike, are left out beyond.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 3
MOST_COMPARED = 100_000
"""Pairs of letters that one question looks at: names of 300 letters at most, or all rules there are."""
MOST_SUGGESTED = 50
"""Findings of a program behind which nothing is suggested any more: looking would take long."""


def closest(name: str, candidates: Iterable[str]) -> list[str]:
    """Return up to three candidates within reach of a name."""
    limit = max(1, len(name) // 3)
    low = name.lower()
    letters, left = set(low), MOST_COMPARED
    ranked: list[tuple[int, str]] = []
    for candidate in sorted(set(candidates)):
        if candidate == name or not candidate or abs(len(candidate) - len(name)) > limit:
            continue
        other = candidate.lower()
        if len(letters.symmetric_difference(other)) > 2 * limit:
            continue  # each edit makes at most one letter appear, and one disappear
        left -= 0 if other == low else len(low) * len(other)
        if left < 0:
            break
        gap = 0 if other == low else _distance(low, other, limit)
        if gap <= limit and gap < max(len(name), len(candidate)):
            ranked.append((gap, candidate))
    return [candidate for _, candidate in sorted(ranked)[:MOST]]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The help line: ``did you mean `lead`?``, or nothing."""
    found = closest(name, candidates)
    if not found:
        return ""
    *first, last = [f"`{each}`" for each in found]
    return f"did you mean {', '.join(first)} or {last}?" if first else f"did you mean {last}?"


def _distance(a: str, b: str, limit: int) -> int:
    """Edit distance where swapping two neighbours counts once; anything over `limit` is `limit + 1`."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, previous = previous, row
    return previous[-1]

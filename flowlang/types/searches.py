"""What it costs to search texts for patterns: an automaton of so many states takes a step of each for every character.

That is linear in the text, but a pattern whose repeats repeat has thousands of states, and a text from outside may have
millions of characters. So a check of a value against a type is priced before any of it is searched. Not priced are
patterns with so few states that no value within the limits is dear.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from flowlang.types import model

MOST: Final = 10_000_000
"""Units that one check of a value may take for its patterns; a unit stands for about a tenth of a microsecond."""
_FEW: Final = 32
"""States with which 16 MiB, the most that a value may have, take less."""
_CLASS: Final = 8
"""States of a class of characters: each takes several, by the bytes of UTF-8."""
_PARTS: Final = re.compile(
    r"""\\(?:[pP]\{[^}]*\}|.)
    | \[\^?\]?(?:\\.|[^\]\\])*\]
    | \{(?P<least>[0-9]+)(?P<range>,(?P<most>[0-9]*))?\}
    | .""",
    re.DOTALL | re.VERBOSE,
)


def of_match(text: Any, pattern: Any) -> int:
    """The units of a search: an automaton of so many states takes a step of each for every character."""
    if text.__class__ is not str or pattern.__class__ is not str:
        return 0
    return len(pattern) + (len(text) * states(pattern) >> 6)


def cost_of(of: model.Type) -> Callable[[Any], int] | None:
    """What gives the units that the patterns of a type take of a value; null if they cannot take many."""
    match of:
        case model.String():
            return None if of.pattern is None else _of_text(states(of.pattern), of.max_length)
        case model.Secret():
            return cost_of(of.inner)
        case model.List():
            item = cost_of(of.item)
            return item and (lambda value: sum(map(item, value)) if type(value) is list else 0)
        case model.Map():
            inner = cost_of(of.value)
            return inner and (lambda value: sum(map(inner, value.values())) if type(value) is dict else 0)
        case model.RecordOf():
            fields = [(field.name, cost) for field in of.fields if (cost := cost_of(field.type))]
            return _of_record(fields) if fields else None
        case model.Union():
            costs = [cost for member in of.members if (cost := cost_of(member))]
            return (lambda value: sum(cost(value) for cost in costs)) if costs else None
    return None


def _of_text(count: int, longest: int | None) -> Callable[[Any], int] | None:
    if count <= _FEW:
        return None

    def cost(value: Any) -> int:
        is_searched = type(value) is str and (longest is None or len(value) <= longest)
        return len(value) * count >> 6 if is_searched else 0

    return cost


def _of_record(fields: list[tuple[str, Callable[[Any], int]]]) -> Callable[[Any], int]:
    def cost(value: Any) -> int:
        return sum(cost(value.get(name)) for name, cost in fields) if type(value) is dict else 0

    return cost


def states(pattern: str) -> int:
    """About how many states a pattern has: what `{m,n}` repeats counts as often as it may stand there."""
    groups, last = [0], 0
    for part in _PARTS.finditer(pattern):
        token = part[0]
        if token == "(":
            groups.append(0)
        elif part["least"] is not None:
            times = int((part["most"] or part["least"])[-6:])
            groups[-1] += last * (times - 1)
            last *= times
        elif token not in ("*", "+", "?", "|", "^", "$"):
            if token == ")":
                last = groups.pop() if len(groups) > 1 else 0
            else:
                last = _CLASS if token[0] in "[.\\" else 1
            groups[-1] += last
    return max(sum(groups), 1)

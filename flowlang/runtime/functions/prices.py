"""What functions are charged, beyond a unit for each part of their arguments and each item of a list they make.

A unit stands for about a tenth of a microsecond and some 40 bytes. A test holds every function to it.
"""

from __future__ import annotations

import re
from typing import Any, Final

LOOKS: Final[dict[str, int]] = {
    **dict.fromkeys(("length", "count", "first", "last", "default", "d", "get", "is_defined", "is_none"), 0),
    **dict.fromkeys(("is_eq", "is_equalto", "is_ne", "join"), 2),
    "text.words": 4,
    "zip": 5,
    "items": 10,
    "dictsort": 32,
    "wordcount": 16,
    **dict.fromkeys(("duration", "title", "truncate", "url", "urlencode"), 16),
    "text.slug": 64,
}
"""How often a function goes through its arguments, in units; 0: it looks at their top only."""

ITEMS: Final[dict[str, int]] = {"range": 4}
"""Units for each item of the list that a function makes, where the items are new values."""

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

"""What functions are charged, beyond a unit for each part of their arguments and each item of a list they make.

A unit stands for about a tenth of a microsecond and some 40 bytes. A test holds every function to it.
"""

from __future__ import annotations

from typing import Final

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

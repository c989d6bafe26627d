"""Which keys stand in the tables of facts because of what.

Tables keep the order in which they were filled, so the last keys of each are those of whatever is at hand.
"""

from __future__ import annotations

from itertools import islice, repeat
from operator import sub
from typing import TYPE_CHECKING

from flowlang.semantics.facts import Facts

if TYPE_CHECKING:
    from typing import Any, Final

    Table = dict[int, Any]
    Keys = list[tuple[Table, list[int]]]

LISTS: Final = frozenset(("called", "conditions", "defaults", "read", "used"))
TABLES: Final = tuple(name for name in Facts.__slots__ if name not in LISTS)
"""The tables of facts that all pieces of a file share."""


class Ledger:
    """The tables of some facts, and to whose keys is added what they are filled with."""

    __slots__ = ("_keys", "_lengths", "_tables")

    def __init__(self, facts: Facts) -> None:
        self._tables: list[Table] = [getattr(facts, name) for name in TABLES]
        self._lengths: list[int] = []
        self._keys: Keys | None = None

    def turn_to(self, keys: Keys | None) -> None:
        """What is noted from here on is added to some keys, or to none."""
        lengths = [*map(len, self._tables)]
        if self._keys is not None and lengths != self._lengths:
            grown = zip(self._tables, map(sub, lengths, self._lengths), strict=True)
            self._keys += [(table, [*islice(reversed(table), count)]) for table, count in grown if count]
        self._keys, self._lengths = keys, lengths

    @staticmethod
    def cut(keys: Keys, first: int = 0) -> None:
        """Take keys out of the tables again, but for the first; while nothing is at hand."""
        for table, of in keys[first:]:
            for _ in map(table.pop, of, repeat(None)):
                pass
        del keys[first:]

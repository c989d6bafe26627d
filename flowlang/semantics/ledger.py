"""Which keys stand in the tables of facts because of what.

Tables keep the order in which they were filled, so the last keys of each are those of whatever is at hand.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from flowlang.semantics.facts import Facts

if TYPE_CHECKING:
    from typing import Final

    Keys = list[list[int]]

LISTS: Final = frozenset(("called", "conditions", "read", "used"))
TABLES: Final = tuple(name for name in Facts.__slots__ if name not in LISTS)
"""The tables of facts that all pieces of a file share."""


def no_keys() -> Keys:
    """No key for any table."""
    return [[] for _ in TABLES]


class Ledger:
    """The tables of some facts, and to whose keys is added what they are filled with."""

    __slots__ = ("_keys", "_lengths", "_tables")

    def __init__(self, facts: Facts) -> None:
        self._tables: list[dict[int, object]] = [getattr(facts, name) for name in TABLES]
        self._lengths: list[int] = []
        self._keys: Keys | None = None

    def turn_to(self, keys: Keys | None) -> None:
        """What is noted from here on is added to some keys, or to none."""
        if self._keys is not None:
            for table, length, of in zip(self._tables, self._lengths, self._keys, strict=True):
                if len(table) > length:
                    of += [*islice(reversed(table), len(table) - length)][::-1]
        self._keys = keys
        self._lengths = [*map(len, self._tables)]

    def counts(self) -> list[int]:
        """How many keys of each table are those at hand."""
        keys = self._keys or no_keys()
        sizes = zip(self._tables, self._lengths, keys, strict=True)
        return [len(of) + len(table) - length for table, length, of in sizes]

    def cut(self, keys: Keys, lengths: list[int] | None = None) -> None:
        """Take keys out of the tables again, but for the first of each table."""
        for number, (table, of) in enumerate(zip(self._tables, keys, strict=True)):
            length = lengths[number] if lengths is not None else 0
            if len(of) > length:
                pop = table.pop
                for key in of[length:]:
                    pop(key, None)
                del of[length:]

"""Places of `@concurrency`, shared by all processes of a machine: each is a byte of one file, locked by who holds it.

The kernel lets go of a lock when its process ends, however it ends, so a killed holder's place is free at once: no
lease time, no clock, no row to write. Such a lock belongs to a process, so all stores of a process on one database
share the file, and it is closed with the last of them. The file stays, empty.
"""

from __future__ import annotations

import fcntl
import os
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Self

from flowlang.runtime.policies.slots import Lane

LOOK_S = 0.02
"""How often places that other processes hold are looked for."""
BITS = 20
"""A name has room for 2 ** BITS places; which room, its hash says."""

_open: dict[Path, SlotFile] = {}


class SlotFile:
    """The places of one database in this process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        self._lanes: dict[str, Lane] = {}
        self._users = 0

    @classmethod
    def of(cls, database: Path) -> Self:
        """The places of a database; `close` when they are needed no longer. Raises OSError."""
        path = database.with_name(database.name + "-slots").resolve()
        found = _open.get(path)
        if found is None:
            found = _open[path] = cls(path)
        found._users += 1
        return found  # type: ignore[return-value]

    def close(self) -> None:
        self._users -= 1
        if not self._users:
            del _open[self._path]
            os.close(self._file)

    def lane(self, name: str) -> Lane:
        """The places of a name."""
        found = self._lanes.get(name)
        if found is None:
            room = int.from_bytes(sha256(name.encode("utf-8", "surrogatepass")).digest()[:5]) << BITS
            found = self._lanes[name] = Lane(partial(self._take, room), partial(self._give, room), LOOK_S)
        return found

    def _take(self, room: int, place: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, room + place)
        except OSError:
            return False
        return True

    def _give(self, room: int, place: int) -> None:
        if self._users:  # else its lock went with the file
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, room + place)

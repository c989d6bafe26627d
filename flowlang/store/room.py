"""Room in the write-ahead log, so that a commit overwrites what is there.

A commit that makes the log longer costs the file system a commit of its own: it takes several times as long. So when
SQLite has nearly used up the file, zeros are put behind its end, which it takes for frames that are not written yet.
This is done while the write lock is held and nobody else writes the log. It is for speed alone: where it fails, SQLite
makes the log longer itself.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

ROOM = 1 << 18
"""Bytes that are put behind the end of a log."""
COMMITS = 4
"""After so many more commits the log is looked at again; small ones take less than half the room."""
PROBE = 1 << 13
"""So many zeros in a row mean that SQLite has not come so far: it fills a log without gaps, and a page has a head."""


class Room:
    """The room in one log, as one process sees to it."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._left = 0

    def keep(self) -> None:
        """See that there is some; called once a commit, with the write lock held."""
        if self._left:
            self._left -= 1
            return
        self._left = COMMITS
        with suppress(OSError):
            _lengthen(self._log)


def _lengthen(log: Path) -> None:
    file = os.open(log, os.O_RDWR | os.O_CLOEXEC)
    try:
        size = os.fstat(file).st_size
        if size < ROOM // 2 or os.pread(file, PROBE, size - ROOM // 2) != bytes(PROBE):
            os.pwrite(file, bytes(ROOM), size)
    finally:
        os.close(file)

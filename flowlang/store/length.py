"""Whether a database's file was cut short, judged before SQLite sees it.

SQLite takes an empty file for a new database and deletes its write-ahead log, and serves a stump from the log, to move
the log into it and delete that too: what could still be put right would be lost. So a page that the file's header
counts must stand in the file or in the log. A checkpoint that a kill ended leaves such pages in the log, for it writes
the header first. Frames are not checked: SQLite does that, and the witness counts what it takes.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

_HEADER = 100
_FRAME = 24
_LOG_HEADER = 32


def is_cut_short(path: Path, log: Path, *, must_hold: bool) -> bool:
    """Whether pages are missing; `must_hold`: an empty file is no new database. Raises OSError.

    Header, log, rollback journal and length are looked at in this order, so what another process writes meanwhile is
    not mistaken: a page that a checkpoint has not written yet is in the log, and while the schema is made, before there
    is a log, a journal stands beside the file until all pages are in it.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return must_hold
        size, pages = _counted(header)
        if os.fstat(file.fileno()).st_size >= pages * size:
            return False
        logged = _logged(log, size)
        if path.with_name(path.name + "-journal").exists():
            return False
        there = os.fstat(file.fileno()).st_size // size
        return any(page not in logged for page in range(there + 1, pages + 1))


def _counted(header: bytes) -> tuple[int, int]:
    """The size of a page, and how many there are; none if the header does not know, or is not SQLite's."""
    (size,) = struct.unpack_from(">H", header, 16)
    changes, pages = struct.unpack_from(">II", header, 24)
    (counted_at,) = struct.unpack_from(">I", header, 92)
    is_known = header.startswith(b"SQLite format 3\0") and changes == counted_at
    return (65536 if size == 1 else max(size, 1)), (pages if is_known else 0)


def _logged(log: Path, size: int) -> set[int]:
    """The numbers of the pages in a write-ahead log: of the frames with its header's salt, the others are older."""
    found: set[int] = set()
    try:
        with log.open("rb") as file:
            salt = file.read(_LOG_HEADER)[16:24]
            while len(frame := file.read(_FRAME)) == _FRAME and frame[8:16] == salt:
                found.add(int.from_bytes(frame[:4], "big"))
                file.seek(size, os.SEEK_CUR)
    except FileNotFoundError:
        pass
    return found

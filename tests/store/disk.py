"""A disk whose power may be cut: every write of SQLite is recorded below it, and any moment can be rebuilt as the disk
may have looked then.

What was written since a file's last `sync` may have reached the disk, or not, or a sector of it alone; each of these is
decided by a draw. What was synced is there. Writes of one file may reach the disk in any order, those of a sector in
theirs. Directories keep their entries: SQLite syncs them itself.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Op:
    """`what` is 'write', 'truncate', 'sync', 'delete' or 'mark'; a mark carries a number of the test's own."""

    what: str
    file: str = ""
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Disk:
    """What happened, in order, and the files as they were before."""

    log: list[Op] = field(default_factory=list)
    before: dict[str, bytes] = field(default_factory=dict)

    def mark(self, number: int) -> None:
        """Note that the test has been told something."""
        self.log.append(Op("mark", at=number))

    def marks(self, moment: int) -> int:
        """The last mark before a moment."""
        return max((op.at for op in self.log[:moment] if op.what == "mark"), default=0)

    def after_a_cut(self, moment: int, draw: random.Random) -> dict[str, bytes]:
        """The files as they may be when the power was cut right before the op of a number."""
        synced = {op.file: number for number, op in enumerate(self.log[:moment]) if op.what == "sync"}
        files = {name: bytearray(content) for name, content in self.before.items()}
        for number, op in enumerate(self.log[:moment]):
            if op.what in ("sync", "mark"):
                continue
            sure = number < synced.get(op.file, -1)
            if op.what == "delete":
                if sure or draw.random() < 0.5:
                    files.pop(op.file, None)
            elif op.what == "truncate":
                if sure or draw.random() < 0.5:
                    del files.setdefault(op.file, bytearray())[op.at :]
            else:
                _write(files.setdefault(op.file, bytearray()), op, 1.0 if sure else draw.choice((0.0, 0.5, 1.0)), draw)
        return {name: bytes(content) for name, content in files.items()}


def _write(content: bytearray, op: Op, share: float, draw: random.Random) -> None:
    """Let each sector of a write reach the disk with a probability."""
    size = len(op.data) if share == 1.0 else SECTOR
    for start in range(0, len(op.data), size):
        piece = op.data[start : start + size]
        if share < 1.0 and draw.random() >= share:
            continue
        at = op.at + start
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        content[at : at + len(piece)] = piece


class RecordingVFS(apsw.VFS):
    """SQLite's own file system, with a record of what it changes."""

    def __init__(self, name: str, disk: Disk) -> None:
        super().__init__(name, "")
        self.disk = disk

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:
        return RecordingFile(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.disk.log.append(Op("delete", Path(filename).name))


class RecordingFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self.disk = disk
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "").name

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self.disk.log.append(Op("write", self.name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self.disk.log.append(Op("truncate", self.name, newsize))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self.disk.log.append(Op("sync", self.name))


class RecordedConnection:
    """A connection through a recording disk, as `sqlite3` spells it."""

    def __init__(self, path: Path, vfs: str) -> None:
        self._inner = apsw.Connection(str(path), vfs=vfs)
        self.execute = self._inner.execute
        self.executemany = self._inner.executemany
        self.close = self._inner.close

    @property
    def total_changes(self) -> int:
        return self._inner.total_changes()

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

"""Who is alive: every process that runs something holds an operating-system lock on a file of its own.

The kernel lets go of the lock when the process ends, however it ends, so a killed owner is known at once and a slow
one is never mistaken for dead: no heartbeat, no lease time, no clock. WAL already binds a database to one machine,
where such locks hold. Writes stay safe without it: they are fenced by the run's epoch.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from pathlib import Path


def owners_folder(database: Path) -> Path:
    """Where the lock files of a database's owners lie."""
    return database.with_name(database.name + "-owners")


class Owner:
    """This process as an owner of runs: a token and a held lock."""

    def __init__(self, database: Path) -> None:
        self._folder = owners_folder(database)
        self.token = uuid.uuid4().hex
        self._path = self._folder / self.token
        self._file = self._create()
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def _create(self) -> int:
        while True:
            self._folder.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # the last owner out swept the folder just now
                return os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)

    def close(self) -> None:
        """Let go; whoever asks now sees a dead owner."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        with contextlib.suppress(OSError):
            os.close(self._file)
        with contextlib.suppress(OSError):
            self._folder.rmdir()  # only the last one out finds it empty


def living(database: Path) -> set[str]:
    """The tokens of all owners whose process lives."""
    with contextlib.suppress(FileNotFoundError):
        return {file.name for file in owners_folder(database).iterdir() if is_alive(database, file.name)}
    return set()


def is_alive(database: Path, token: str | None) -> bool:
    """Whether the process behind a token still holds its lock; the file of a dead one is swept away."""
    if token is None:
        return False
    path = owners_folder(database) / token
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # cannot tell: rather wait for a dead owner than run beside a live one
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        with contextlib.suppress(OSError):
            path.unlink()
        return False
    finally:
        os.close(file)

"""`check --watch`: check again whenever a file has changed, come or gone, by looking at times and sizes.

Each round is a process of its own start to end, forked from this one: what a round has in memory ends with it.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    State = dict[str, tuple[int, int] | None]

PAUSE_S = 0.5


def watch(paths: Iterable[str], round: Callable[[], int]) -> int:
    """Go round until interrupted."""
    paths = list(paths)
    seen: State | None = None
    while True:
        now = _state(paths)
        if now != seen:
            if seen is not None:
                sys.stderr.write("\n--- changed, checking again\n")
                sys.stderr.flush()
            seen = now
            _go(round)
        time.sleep(PAUSE_S)


def _go(round: Callable[[], int]) -> None:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    code = 1
    try:
        from flowlang.cli.failure import CommandFailed, UsageError

        try:
            code = round()
        except (UsageError, CommandFailed) as error:
            sys.stderr.write(f"flowlang: error: {error}\n")
        sys.stdout.flush()
        sys.stderr.flush()
    except KeyboardInterrupt:
        code = 130
    finally:
        os._exit(code)


def _state(paths: list[str]) -> State:
    """Time and size of every flow, template and settings file below the paths' folders, and of the paths themselves."""
    found: State = {}
    for folder in {path if os.path.isdir(path) else os.path.dirname(path) or "." for path in paths}:
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.endswith((".flow", ".toml", ".j2", ".html")):
                    _note(os.path.join(parent, name), found)
    for path in paths:
        _note(path, found)
    return found


def _note(path: str, found: State) -> None:
    try:
        status = os.stat(path)
        found[path] = (status.st_mtime_ns, status.st_size)
    except OSError:
        found[path] = None

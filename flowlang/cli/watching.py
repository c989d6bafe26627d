"""`check --watch`: check again whenever a file has changed, come or gone, by looking at times and sizes.

Each round is a process of its own start to end, forked from this one: what a round has in memory ends with it.
"""

from __future__ import annotations

import os
import sys
import time

from flowlang import patterns
from flowlang.compiler.nearest import FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    State = dict[str, tuple[int, int] | None]

PAUSE_S: Final = 0.5
_SUFFIXES: Final = (".flow", ".toml", ".j2", ".html")
_named = patterns.compile(r"""["']([^"'\n]+\.(?:flow|j2|html|json|ya?ml))["']""").findall


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
    """Time and size of every flow, template and settings file below the paths' folders, of the paths themselves, of the
    settings files above them, and of what the flows and templates name, such as imports.
    """
    found: State = {}
    for folder in {path if os.path.isdir(path) else os.path.dirname(path) or "." for path in paths}:
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.endswith(_SUFFIXES):
                    _note(os.path.join(parent, name), found)
        _note_settings(os.path.abspath(folder), found)
    for path in paths:
        _note(path, found)
    waiting = list(found)
    while waiting:
        path = waiting.pop()
        for name in _names_in(path, found[path]):
            other = os.path.normpath(os.path.join(os.path.dirname(path), name))
            if other not in found:
                _note(other, found)
                waiting.append(other)
    return found


def _note_settings(folder: str, found: State) -> None:
    """The settings files that there are, or may come, in the folders above one, up to its repository."""
    while not os.path.lexists(os.path.join(folder, ".git")) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        for name, _ in FILES:
            _note(os.path.join(folder, name), found)


_known: dict[str, tuple[tuple[int, int], list[str]]] = {}


def _names_in(path: str, state: tuple[int, int] | None) -> list[str]:
    """The files that the texts of a file name; read again when it has changed."""
    if state is None or not path.endswith((".flow", ".j2", ".html")):
        return []
    if path not in _known or _known[path][0] != state:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                _known[path] = state, _named(file.read())
        except OSError:
            return []
    return _known[path][1]


def _note(path: str, found: State) -> None:
    try:
        status = os.stat(path)
        found[path] = (status.st_mtime_ns, status.st_size)
    except OSError:
        found[path] = None

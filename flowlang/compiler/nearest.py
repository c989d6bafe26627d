"""Where the settings of the checker stand: the nearest `flowlang.toml`, or `pyproject.toml` with a table of ours, at or
above a file, no further up than its repository. A table of ours with a misspelt name is one too, and so is a
`flowlang.toml` that is no TOML, so that it is told.

Looking costs two calls a folder; nothing is read but files that may hold such a table, and a link is not followed.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FILES: Final = (("flowlang.toml", b""), ("pyproject.toml", b"flowlang"))
FOR_RUNS: Final = (b"config", b"http", b"limits")
LARGEST: Final = 1024 * 1024


class Misconfigured(Exception):
    """A setting that cannot be used. The message begins with its place: `flowlang.toml:3:11: …`."""


def misconfigured(shown: str, text: str, head: str, word: str, message: str, below_head: bool = True) -> Misconfigured:
    """An error at a word of a table: its first place behind the table's head, for TOML readers tell none."""
    import re

    found = re.search(rf"^\s*\[+\s*{re.escape(head)}\b", text, re.MULTILINE) if below_head else None
    start = found.start() if found else 0
    place = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])").search(text, start)
    at = place.start() if place else start
    line = text.count("\n", 0, at) + 1
    return Misconfigured(f"{shown}:{line}:{at - text.rfind(chr(10), 0, at)}: {message}")


def runs_file(folder: str, above: dict[str, str | None]) -> str | None:
    """The nearest `flowlang.toml` of a folder, whatever tables it has, no further up than its repository."""
    if folder not in above:
        path, parent = os.path.join(folder, FILES[0][0]), os.path.dirname(folder)
        above[folder] = None
        if os.path.isfile(path):
            above[folder] = path
        elif parent != folder and not os.path.lexists(os.path.join(folder, ".git")):
            above[folder] = runs_file(parent, above)
    return above[folder]


def settings_file(folder: str, above: dict[str, str | None]) -> str | None:
    """The nearest settings file of a folder, given as an absolute path. `above` keeps what is known of folders."""
    if folder in above:
        return above[folder]
    found = next((path for name, word in FILES if _may_hold(path := os.path.join(folder, name), word)), None)
    parent = os.path.dirname(folder)
    if found is None and parent != folder and not os.path.lexists(os.path.join(folder, ".git")):
        found = settings_file(parent, above)
    above[folder] = found
    return found


def _may_hold(path: str, word: bytes) -> bool:
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return not word  # what is called as our file and is none is told when it is read
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        return False
    if not word and len(content) > LARGEST:
        return True  # as is what has so many bytes
    return _has_table(content, word) or (not word and _is_broken(content))


def _is_broken(content: bytes) -> bool:
    """Whether our own file cannot be read: what it was to hold nobody knows."""
    if not content.strip():
        return False
    import tomllib

    try:
        tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return True
    return False


def _has_table(content: bytes, word: bytes) -> bool:
    """Whether a line looks like the head of a table of ours or the key of one in braces; in our own file, that of any
    but those for runs.
    """
    lines = [line.strip() for line in content.splitlines()]
    if word:
        return word in content and any(line.lstrip(b"[ ").startswith((b"tool.flowlang", b"flowlang")) for line in lines)
    in_table = False
    for line in lines:
        is_head = line.startswith(b"[")
        if line and (is_head or not in_table) and not line.lstrip(b"[").startswith((b"#", *FOR_RUNS)):
            return True
        in_table = in_table or is_head
    return False

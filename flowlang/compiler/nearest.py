"""Where the settings of the checker stand: the nearest `flowlang.toml` with `[check]`, or `pyproject.toml` with
`[tool.flowlang.check]`, at or above a file, no further up than its repository.

Looking costs two calls a folder; nothing is read but files that may hold such a table, and a link is not followed.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

FILES: Final = (("flowlang.toml", b"check"), ("pyproject.toml", b"flowlang"))
LARGEST: Final = 1024 * 1024


class Misconfigured(Exception):
    """A setting that cannot be used. The message begins with its place: `flowlang.toml:3:11: …`."""


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
            return False
        with open(path, "rb") as file:
            content = file.read(LARGEST)
    except OSError:
        return False
    return _has_table(content, word)


def _has_table(content: bytes, word: bytes) -> bool:
    """Whether a line looks like the head of our table, or the key of one in braces."""
    if word not in content or b"check" not in content:
        return False
    wanted = (b"check",) if word == b"check" else (b"tool.flowlang", b"flowlang")
    return any(line.strip().lstrip(b"[ ").startswith(wanted) for line in content.splitlines())

"""Files of a workspace: reading them, with every way that can go wrong as one sentence.

The compile column itself is a pure function of text: `check` is given a function that reads.
"""

from __future__ import annotations

import os

LARGEST = 16 * 1024 * 1024


class Unreadable(Exception):
    """A file that cannot be checked: missing, a folder, too large, not UTF-8. The message says why."""


def read_file(path: str) -> str:
    """Read a `.flow` file exactly as it is, without a byte order mark; raises Unreadable."""
    try:
        size = os.stat(path).st_size
        if os.path.isdir(path):
            raise Unreadable("is a folder, not a file")
        if size > LARGEST:
            raise Unreadable(f"has {size // 1024 // 1024} MiB; the most that is read is {LARGEST // 1024 // 1024} MiB")
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unreadable("does not exist") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Unreadable("has no valid name") from None
    if len(content) > LARGEST:
        raise Unreadable(f"has more than {LARGEST // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"is not UTF-8: byte 0x{content[error.start]:02x} in line {line}") from None

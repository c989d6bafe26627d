"""A flow file that comes in through stdin, under a name of the caller's choice."""

from __future__ import annotations

import sys

from flowlang.cli.failure import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

UNNAMED = "<stdin>"


def reader(name: str | None) -> tuple[str, Callable[[str], str]]:
    """The display path of stdin, and a function that reads it there and every other path from the disk.

    Raises `UsageError`.
    """
    from flowlang.compiler.workspace import LARGEST, Unreadable, decoded
    from flowlang.compiler.workspace import reader as on_disk

    path = name or UNNAMED
    elsewhere = on_disk(path)
    try:
        content = sys.stdin.buffer.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"stdin cannot be read: {error.strerror}") from error

    def read(wanted: str) -> str:
        if wanted != path:
            return elsewhere(wanted)
        if len(content) > LARGEST:
            raise Unreadable(f"has more than {LARGEST // 1024 // 1024} MiB")
        return decoded(content)

    return path, read

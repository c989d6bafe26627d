"""Messages on a pipe. What is no message is passed over, and the next one is found behind it.

pygls reads heads in one spelling only, waits for an end of line that a wrong length has swallowed, and ends at a length
that no memory holds.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO, Final

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a message: the largest file that is read, with each character escaped."""
_LINE: Final = 64 * 1024
# Searched, not matched: behind a length that was too short stands the rest of a message, and then the next head.
_LENGTH: Final = re.compile(rb"content-length:[ \t]*(\d{1,12})[ \t]*\r?\n$", re.IGNORECASE)


def messages(stream: BinaryIO) -> Iterator[bytes]:
    """The content of each message, until the stream ends."""
    length = 0
    while line := stream.readline(_LINE):
        found = _LENGTH.search(line)
        if found is not None:
            length = int(found[1]) if int(found[1]) <= LARGEST else 0
        elif length and not line.strip():
            content = stream.read(length)
            if len(content) < length:
                return
            yield content
            length = 0


class Writer:
    """The other way. Who no longer listens is gone, and with it the reason to be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Send, and end where that is no longer possible."""
        try:
            self._stream.write(data)
            self._stream.flush()
        except (OSError, ValueError):
            sys.exit(1)

    def close(self) -> None:
        """Send no more."""
        with suppress(OSError):
            self._stream.close()

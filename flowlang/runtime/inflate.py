"""A compressed body unfolded in small pieces, so that whoever reads it can stop in time.

gzip may consist of several members. What is damaged raises NetworkError; what is cut off is found by `is_whole`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from flowlang.runtime.seam import NetworkError

PIECE: Final = 64 * 1024
_GZIP: Final = zlib.MAX_WBITS | 16
ENCODINGS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class Inflater:
    """Unfolds one body of a known encoding."""

    def __init__(self, encoding: str) -> None:
        self._bits = ENCODINGS[encoding]
        self._stream = zlib.decompressobj(self._bits)

    @property
    def is_whole(self) -> bool:
        """Whether the body has come to its end."""
        return self._stream.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unfold what has come, at most `PIECE` bytes at a time."""
        while True:
            if self._stream.eof:
                if not data:
                    return
                if self._bits != _GZIP:
                    raise _damaged()
                self._stream = zlib.decompressobj(self._bits)
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error:
                raise _damaged() from None
            yield piece
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if not data and len(piece) < PIECE:
                return


def _damaged() -> NetworkError:
    return NetworkError("the answer's compressed body is damaged", unknown_outcome=True)

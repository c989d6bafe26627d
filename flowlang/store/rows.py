"""Rows as they are stored: JSON text and a checksum over every column, so that a changed bit is never served as a
value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from zlib import crc32

from flowlang.runtime.journal import JournalUnavailable

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(allow_nan=False, check_circular=False, separators=(",", ":")).encode


class JournalCorrupt(JournalUnavailable):
    """A stored row is not what was written."""


def to_json(value: object) -> str:
    """Write a JSON value; raises `ValueError` for what JSON cannot hold (NaN, an object that is not data, too deep)."""
    try:
        text = _encode(value)
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: JSON can escape it, UTF-8 cannot hold it
        return _encode_ascii(value)
    return text


def from_json(text: str) -> object:
    """Read what `to_json` wrote."""
    value: object = json.loads(text)
    return value


def checksum(columns: Iterable[object]) -> int:
    """CRC-32 over columns (text, integers, none), each set off from the next."""
    return crc32("\x1f".join([str(column) for column in columns]).encode("utf-8", "surrogatepass"))


def row_checksum(columns: tuple[object, ...]) -> int:
    """`checksum` of the eleven columns of a journal entry, spelled out: it is computed for every step."""
    a, b, c, d, e, f, g, h, i, j, k = columns
    text = f"{a}\x1f{b}\x1f{c}\x1f{d}\x1f{e}\x1f{f}\x1f{g}\x1f{h}\x1f{i}\x1f{j}\x1f{k}"
    return crc32(text.encode("utf-8", "surrogatepass"))

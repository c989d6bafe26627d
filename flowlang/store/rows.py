"""Rows as they are stored: JSON text and a checksum over every column, so that a changed bit is never served as a
value.
"""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar
from zlib import crc32

from flowlang.runtime.journal import JournalUnavailable

T = TypeVar("T")
Row = TypeVar("Row")


def _encoder(ensure_ascii: bool) -> Callable[[object], str]:
    """The encoder of the standard library, whose scanner is made once, not for each value."""
    encoder = json.JSONEncoder(ensure_ascii=ensure_ascii, allow_nan=False, check_circular=False, separators=(",", ":"))
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return encoder.encode
    text = json.encoder.encode_basestring_ascii if ensure_ascii else json.encoder.encode_basestring
    chunks = make(None, encoder.default, text, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


_encode, _encode_ascii = _encoder(False), _encoder(True)


_SEVEN, _ELEVEN = ("\x1f".join(["%s"] * count) for count in (7, 11))


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
    """Read what `to_json` wrote. Raises `JournalCorrupt` for what it never writes: a table whose columns are others."""
    if not isinstance(text, str):
        raise JournalCorrupt("the database is corrupt: what is to be a text in it is none")
    value: object = json.loads(text)
    return value


def checksum(columns: Iterable[object]) -> int:
    """CRC-32 over columns (text, integers, none), each set off from the next."""
    return crc32("\x1f".join([str(column) for column in columns]).encode("utf-8", "surrogatepass"))


def row_checksum(columns: tuple[object, ...]) -> int:
    """`checksum` of the eleven columns of a journal entry, spelled out: it is computed for every step."""
    return crc32((_ELEVEN % columns).encode("utf-8", "surrogatepass"))


def claim_checksum(columns: tuple[object, ...]) -> int:
    """`checksum` of the seven columns of a claim, spelled out: it is computed for every commit of a run."""
    return crc32((_SEVEN % columns).encode("utf-8", "surrogatepass"))


def readable(read: Callable[[Row], T], row: Row) -> T | JournalCorrupt:
    """What is read from a row, or what is wrong with it: one corrupt row hides no other from a list."""
    try:
        return read(row)
    except JournalCorrupt as error:
        return error


def sound(found: Iterable[T | JournalCorrupt], corrupt: list[str] | None) -> Iterator[T]:
    """What could be read; what is wrong with the rest goes to `corrupt`, or is raised if nobody wants to know."""
    for each in found:
        if not isinstance(each, JournalCorrupt):
            yield each
        elif corrupt is None:
            raise each
        else:
            corrupt.append(str(each))

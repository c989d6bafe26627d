"""JSON text read strictly, as the run knows JSON: UTF-8, no key twice, no NaN or Infinity, ints of 64 bits, at most 200
levels and `MOST_VALUES` values.

pydantic's Rust parser does the work; it takes the last of two equal keys, so keys are counted on both sides. Only where
that leaves a doubt is the text read a second time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic_core import from_json

from flowlang.types.constraints import INT_MAX, INT_MIN

MOST_VALUES: Final = 2_000_000
"""A text of so many values takes about ten times its own size in memory, and no more."""

_KEY_ENDS: Final = (b'":', b" :", b"\t:", b"\n:", b"\r:")
_KEY_END: Final = re.compile(rb'"[ \t\r\n]*:')
_TEXT: Final = re.compile(rb'"(?:[^"\\\\]|\\\\.)*+"', re.DOTALL)
_INFINITIES: Final = (float("inf"), float("-inf"))
_BOM: Final = b"\xef\xbb\xbf"


def read_json(data: bytes) -> Any:
    """Read JSON; raises ValueError with a reason and its place."""
    if data.startswith(_BOM):
        data = data[3:]
    if _marks(data) > MOST_VALUES and _marks(_TEXT.sub(b"", data)) > MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values")
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(str(error).replace("number out of range", "a number has too many digits")) from None
    keys = _keys(value)
    if keys != sum(map(data.count, _KEY_ENDS)) and keys != len(_KEY_END.findall(data)):
        json.loads(data, object_pairs_hook=_unique)
    return value


def _marks(data: bytes) -> int:
    """At least how many values a text without texts holds: each stands behind one of these."""
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _keys(value: Any) -> int:
    """Count the keys of all maps; raises ValueError for a number that does not fit."""
    keys = 0
    pending: list[Iterable[Any]] = [(value,)]
    while pending:
        for at in pending.pop():
            kind = at.__class__
            if kind is dict:
                keys += len(at)
                pending.append(at.values())
            elif kind is list:
                pending.append(at)
            elif kind is int and not INT_MIN <= at <= INT_MAX:
                digits = str(at)
                shown = digits if len(digits) <= 24 else f"{digits[:23]}…"
                raise ValueError(f"the number {shown} does not fit an int of 64 bits")
            elif kind is float and at in _INFINITIES:
                raise ValueError("a number is not finite")
    return keys


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise ValueError(f"the key '{twice[:40]}' stands there twice")
    return found

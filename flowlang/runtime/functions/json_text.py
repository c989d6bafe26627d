"""JSON text read strictly, as the run knows JSON: UTF-8, no NaN or Infinity, ints of 64 bits, at most 200 levels.

Of a key that occurs twice the last value counts, as in most readers. pydantic's Rust parser does the work.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic_core import from_json

from flowlang.types.constraints import INT_MAX, INT_MIN

_LARGE_NUMBER: Final = re.compile(rb"[0-9]{19}|[eE][+]?[0-9]{3}")
_BOM: Final = b"\xef\xbb\xbf"


def read_json(data: bytes) -> Any:
    """Read JSON; raises ValueError with a reason and its place."""
    if data.startswith(_BOM):
        data = data[3:]
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(str(error)) from None
    if _LARGE_NUMBER.search(data) is not None:
        _check_ints(value)
    return value


def _check_ints(value: Any) -> None:
    pending = [value]
    while pending:
        at = pending.pop()
        if at.__class__ is int:
            if not INT_MIN <= at <= INT_MAX:
                digits = str(at)
                shown = digits if len(digits) <= 24 else f"{digits[:23]}…"
                raise ValueError(f"the number {shown} does not fit an int of 64 bits")
        elif at.__class__ is float:
            if at in (float("inf"), float("-inf")):
                raise ValueError("a number is not finite")
        elif at.__class__ is list:
            pending.extend(at)
        elif at.__class__ is dict:
            pending.extend(at.values())

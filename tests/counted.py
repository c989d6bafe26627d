"""How much work a call is, counted: a clock would also measure what else the machine does.

What Python's own functions do inside is not seen; where that could grow, a test takes input so large that only linear
work comes to an end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def work(call: Callable[[], object]) -> int:
    """How many lines of Python are run and functions called, Python's own too."""
    count = 0

    def line(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        count += 1
        return line

    def function(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += 1

    before = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(function)
    try:
        call()
    finally:
        sys.settrace(before[0])
        sys.setprofile(before[1])
    return count


def growth(call: Callable[[int], object], size: int) -> float:
    """How many times the work of a size is that of twice the size: at most two where it is linear, four if quadratic.

    What is loaded and kept at a first call is not counted.
    """
    call(size)
    return work(lambda: call(2 * size)) / work(lambda: call(size))

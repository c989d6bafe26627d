"""`now`, `uuid`, `random` and waiting: what differs from run to run, taken from the seam and journaled by the
interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime.context import ActionContext
from flowlang.types.instants import from_micros, to_micros


async def now(context: ActionContext, arguments: Mapping[str, Any]) -> str:
    return from_micros(context.seam.now())


async def uuid(context: ActionContext, arguments: Mapping[str, Any]) -> str:
    """A UUID of version 4 from the seam's random numbers."""
    bits = 0
    for _ in range(4):
        bits = bits << 32 | int(context.seam.random() * 2**32)
    bits = bits & ~(0xF << 76) | 0x4 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


async def random(context: ActionContext, arguments: Mapping[str, Any]) -> float:
    return context.seam.random()


async def wait(context: ActionContext, arguments: Mapping[str, Any]) -> None:
    await context.wait_until(context.seam.now() + max(arguments["duration"], 0))


async def wait_until(context: ActionContext, arguments: Mapping[str, Any]) -> None:
    await context.wait_until(to_micros(arguments["at"]))


ACTIONS: Final = {
    "now": now,
    "uuid": uuid,
    "random": random,
    "wait": wait,
    "time.now": now,
    "time.wait": wait,
    "time.wait_until": wait_until,
}

"""Durations for people: exact, in the two largest units that tell it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

UNITS: Final = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000))


def duration(micros: int) -> str:
    """`250ms`, `1.5s`, `2m 5s`, `1h`; nothing is rounded."""
    if micros < 0:
        return f"-{duration(-micros)}"
    parts = []
    for unit, size in UNITS:
        count, micros = divmod(micros, size)
        parts += [f"{count}{unit}"] if count else []
    if micros >= 1_000_000 or (parts and micros):
        parts.append(f"{_decimal(micros, 1_000_000)}s")
    elif micros:
        parts.append(f"{_decimal(micros, 1000)}ms")
    return " ".join(parts) or "0s"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)

"""Times, durations and tables as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flowlang.render.visible import visible
from flowlang.types.instants import from_micros


def duration(microseconds: int) -> str:
    """`350ms`, `1.2s`, `3m05s`, `2h07m`; what is rounded up to the next unit is told in that."""
    milliseconds, tenths, seconds = (round(microseconds / each) for each in (1000, 100_000, 1_000_000))
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    if tenths < 600:
        return f"{tenths / 10:.1f}s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


def moment(microseconds: int | None) -> str:
    """Local date and time to the second; empty for none."""
    if microseconds is None:
        return ""
    return datetime.fromtimestamp(microseconds / 1_000_000).strftime("%Y-%m-%d %H:%M:%S")


def instant(microseconds: int | None) -> str | None:
    """RFC 3339 text in UTC, as machines are told an instant; none for none, and for 0, which is no instant."""
    return from_micros(microseconds) if microseconds else None


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, a line each."""
    lines = [list(head), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )

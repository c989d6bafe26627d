"""Caps for functions whose result can be far larger than their input; what others make is measured by whoever calls."""

from __future__ import annotations

from typing import Final

from flowlang.plan.nodes import Limits
from flowlang.runtime.errors import fault

_LIMITS: Final = Limits()
TEXT: Final = _LIMITS.text_bytes
ITEMS: Final = _LIMITS.list_items


def allow_text(size: int) -> None:
    """Fault for a text of so many characters."""
    if size > TEXT:
        raise fault(f"a text is longer than {TEXT:,} bytes", code="limit")


def allow_items(size: int) -> None:
    """Fault for a list of so many items."""
    if size > ITEMS:
        raise fault(f"a list has {size:,} items, more than {ITEMS:,}", code="limit")

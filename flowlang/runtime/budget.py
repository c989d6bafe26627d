"""What one evaluation may take: a counter of work, charged by deep input size before the work is done, and caps on
what is made.

One evaluation is one expression of a plan with all lets, constants and functions it pulls in; it never suspends, so
one counter per evaluator serves every run in the loop. A unit is about one value looked at, or 64 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flowlang.plan.nodes import Limits
from flowlang.runtime.errors import RunError, fault

DEEPEST: Final = 200
_SCALARS: Final = frozenset((int, float, bool, type(None)))


class Budget:
    """The counter: `left` is set by the generated code when an evaluation starts."""

    __slots__ = ("items", "left", "limits", "text", "units", "value")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.units = self.left = limits.units
        self.text = limits.text_bytes
        self.items = limits.list_items
        self.value = limits.value_bytes

    def charge(self, units: int) -> None:
        """Take units for work about to be done; faults if there are not so many left."""
        self.left -= units
        if self.left < 0:
            raise self.exhausted()

    def exhausted(self) -> RunError:
        """The fault of an evaluation that did too much."""
        return fault(f"the evaluation takes more than {self.units:,} units of work", code="limit")

    def too_deep(self) -> RunError:
        """The fault of an evaluation whose parts call each other too deeply for Python."""
        return fault(
            "the evaluation is nested too deeply: too many lets, functions or values hang on each other", "limit"
        )

    def weigh(self, value: object) -> None:
        """Charge a value's deep size."""
        kind = value.__class__
        if kind in _SCALARS:
            self.charge(1)
        elif kind is str:
            self.charge(1 + (len(value) >> 6))  # type: ignore[arg-type]
        else:
            self.charge(deep_size(value, self.left))

    def made_text(self, text: str) -> str:
        """Return a text that was made, within the limit; charges its length."""
        size = len(text)
        self.charge(size >> 6)
        if size > self.text or (
            size * 4 > self.text and not text.isascii() and len(text.encode(errors="surrogatepass")) > self.text
        ):
            raise fault(f"a text is longer than {self.text:,} bytes", code="limit")
        return text

    def joined(self, parts: Sequence[str]) -> str:
        """Join texts, within the limit before they are."""
        if sum(map(len, parts)) > self.text:
            raise fault(f"a text is longer than {self.text:,} bytes", code="limit")
        return self.made_text("".join(parts))

    def grown(self, size: int, parts: tuple[str, ...]) -> int:
        """The size of texts with some more, within the limit on what they will be joined to."""
        size += sum(map(len, parts))
        if size > self.text:
            raise fault(f"a text is longer than {self.text:,} bytes", code="limit")
        return size

    def made_list(self, size: int, per_item: int = 1) -> None:
        """Allow a list of so many items; charges them."""
        if size > self.items:
            raise fault(f"a list has {size:,} items, more than {self.items:,}", code="limit")
        self.charge(size * per_item)

    def made(self, value: object, per_item: int = 1) -> object:
        """Return what a function made, within the limits on texts and lists at its top."""
        kind = value.__class__
        if kind is str:
            self.made_text(value)  # type: ignore[arg-type]
        elif kind is list:
            self.made_list(len(value), per_item)  # type: ignore[arg-type]
        return value

    def bound(self, value: object) -> object:
        """Return a step's value if it is not larger than one may be."""
        kind = value.__class__
        if kind in _SCALARS:
            return value
        if kind is str:
            if len(value) * 4 <= self.value or len(value.encode(errors="surrogatepass")) <= self.value:  # type: ignore[arg-type, attr-defined]
                return value
        elif json_size(value, self.value) <= self.value:
            if is_deeper(value, DEEPEST):
                raise fault(f"the value is nested deeper than {DEEPEST} levels", code="limit")
            return value
        raise fault(f"the value is larger than {self.value:,} bytes", code="limit")


def deep_size(value: object, most: int) -> int:
    """The units of a value: one for each value in it and for every 64 characters; stops counting above `most`."""
    total = 0
    pending: list[object] = [value]
    while pending:
        at = pending.pop()
        kind = at.__class__
        total += 1
        if kind is str:
            total += len(at) >> 6  # type: ignore[arg-type]
        elif kind is list or kind is dict:
            total += len(at)  # type: ignore[arg-type]
            if total > most:
                return total
            parts: Iterable[Any] = at if kind is list else at.values()  # type: ignore[assignment,attr-defined]
            for part in parts:
                of = part.__class__
                if of is str:
                    total += 1 + (len(part) >> 6)
                elif of not in _SCALARS:
                    pending.append(part)
    return total


def is_deeper(value: object, most: int) -> bool:
    """Whether lists and maps stand in each other in more than so many levels."""
    level: list[Any] = [value]
    for _ in range(most):
        inner: list[Any] = []
        for at in level:
            parts = at if at.__class__ is list else at.values()
            inner.extend([part for part in parts if isinstance(part, (list, dict))])
        if not inner:
            return False
        level = inner
    return True


def json_size(value: object, most: int) -> int:
    """About the bytes of a value as JSON; stops counting above `most`.

    Shared parts count each time, as they would be written.
    """
    total = 0
    pending: list[object] = [value]
    while pending:
        at = pending.pop()
        kind = at.__class__
        if kind is str:
            total += len(at) + 2  # type: ignore[arg-type]
        elif kind is list:
            total += 2 + len(at)  # type: ignore[arg-type]
            pending.extend(at)  # type: ignore[arg-type]
        elif kind is dict:
            total += 2 + 4 * len(at)  # type: ignore[arg-type]
            for key in at:  # type: ignore[attr-defined]
                total += len(key)
            pending.extend(at.values())  # type: ignore[attr-defined]
        else:
            total += 4
        if total > most:
            return total
    return total

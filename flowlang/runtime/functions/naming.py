"""Functions found by the name a text gives: `map('float')`, `select('even')`. The checker has seen that they exist and
fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowlang.runtime.errors import fault

Function = Callable[..., Any]
_known: Mapping[str, Function] = {}


def register(functions: Mapping[str, Function]) -> None:
    """Say which functions there are; done once by the package."""
    global _known
    _known = functions


def filter_named(name: str) -> Function:
    """The function that a filter's name means."""
    found = _known.get(name)
    if found is None:
        raise fault(f"there is no filter `{name}`")
    return found


def test_named(name: str) -> Function:
    """The function that a test's name means: `even` is `is_even`, `validate.email` itself."""
    found = _known.get(f"is_{name}") or _known.get(name)
    if found is None:
        raise fault(f"there is no test `{name}`")
    return found

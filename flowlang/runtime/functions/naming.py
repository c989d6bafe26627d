"""Functions found by the name a text gives: `map('float')`, `select('even')`. The checker has seen that they exist and
fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowlang.runtime.errors import fault

Function = Callable[..., Any]
APPLYING: Final = frozenset(("map", "select", "reject", "selectattr", "rejectattr"))
"""Functions that apply others: they take `find`, which gives a function for its qualified name."""
_known: Mapping[str, Function] = {}


def register(functions: Mapping[str, Function]) -> None:
    """Say which functions there are; done once by the package."""
    global _known
    _known = functions


def known(name: str) -> Function:
    """A function by its qualified name. An evaluation finds its own in its place, which charge for what they do."""
    return _known[name]


def filter_named(name: str) -> str:
    """The qualified name of the function that a filter's name means."""
    if name not in _known:
        raise fault(f"there is no filter `{name}`")
    return name


def test_named(name: str) -> str:
    """The qualified name that a test's name means: `even` is `is_even`, `validate.email` itself."""
    found = f"is_{name}" if f"is_{name}" in _known else name
    if found not in _known:
        raise fault(f"there is no test `{name}`")
    return found

"""What editors ask for: a module per group of requests, each with its list `FEATURES`, found by listing the package."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowlang.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowlang.lsp.project import Project


class Refused(Exception):
    """A request that cannot be answered; the message tells the user why."""


class Feature(Record):
    """How one request is answered, on the worker's thread. `at_once`: from the text alone, without waiting for it."""

    __slots__ = ()

    method: str
    answer: Callable[[Project, Any], Any]
    options: Any = None
    at_once: bool = False


def features() -> Iterator[Feature]:
    """Every request that is answered."""
    for module in pkgutil.iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), "FEATURES", ())

"""The bodies of the standard library's pure functions, one file per theme, listed by qualified name.

A function takes run-time values (JSON) in declared order and gives one; its Python defaults are the declared ones. It
is pure, never changes its arguments, looks at no Python attribute of a value and raises `RunError` (`fault`) for what
has no value. Work is charged by whoever calls; what could grow far beyond its input is capped here (`caps`).
"""

from __future__ import annotations

from typing import Final

from flowlang.runtime.functions import (
    failing,
    instants,
    json_values,
    maps,
    numbers,
    sequences,
    tests,
    texts,
    validation,
)
from flowlang.runtime.functions.naming import Function, register

FUNCTIONS: Final[dict[str, Function]] = {}

for _theme in (failing, instants, json_values, maps, numbers, sequences, tests, texts, validation):
    FUNCTIONS.update(_theme.FUNCTIONS)
register(FUNCTIONS)

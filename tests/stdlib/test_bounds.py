"""Every function of the library with the largest arguments that a run may hold: what a call takes of time and memory is
bounded by what it is charged.
"""

from __future__ import annotations

import contextlib
import random
import time
import tracemalloc
from typing import Any

import pytest

from flowlang.plan.nodes import Limits
from flowlang.runtime.errors import RunError
from flowlang.runtime.evaluate import Evaluator
from flowlang.runtime.functions import FUNCTIONS
from flowlang.semantics.catalog import load
from flowlang.types import model
from tests.runtime.expressions import plan

LIMITS = Limits(text_bytes=1 << 19, list_items=125_000, units=1_250_000)
"""An eighth of what runs have, so that an eighth of the time and memory may be taken."""
TEXTS = {
    "words": "ab " * (LIMITS.text_bytes // 3),
    "letters": "x" * LIMITS.text_bytes,
    "wide": "\U0001f600\u00e9" * (LIMITS.text_bytes // 6),
    "marks": "a" + "\u0301" * 10_000 + "\u0327" * 10_000,
    "json": "[" + "[]," * (LIMITS.text_bytes // 3 - 1) + "0]",
    "digits": "9" * LIMITS.text_bytes,
}  # fmt: skip
ROWS = [{"a": f"n{i % 1000}", "b": i} for i in range(25_000)]
LISTS = {
    "ints": list(range(LIMITS.list_items)),
    "texts": [f"text {i}" for i in range(LIMITS.list_items // 2)],
    "rows": ROWS,
    "lists": [[i, i] for i in range(40_000)],
    "large": [125_000] * 20,
}
MAPS = {"keys": {f"key {i}": i for i in range(LIMITS.list_items // 2)}, "row": ROWS[0]}
SHORT = ["a", "ab", " ", "a.b", r"\w{200}x", "(a|b|ab)*c", "range", "in", "tojson", "upper", "%Y", "UTC", "/a/b"]
INTS = [0, 1, 16, 100, 2**31, 2**63 - 1, -1]
INSTANTS = ["2026-01-31T09:00:00.000000Z", "2026-01-31"]


def candidates(of: Any, *, first: bool) -> list[Any]:
    """Arguments of a type: the largest there are for the first, hostile ones for the others."""
    match of:
        case model.LiteralOf():
            return [of.value]
        case model.Union():
            return [value for member in of.members for value in candidates(member, first=first)][: None if first else 8]
        case model.Bool():
            return [True]
        case model.Int() | model.Duration() | model.Float() | model.NumberOf():
            return [value for value in INTS if fits(of, value)]
        case model.Datetime() | model.Date():
            return INSTANTS
        case model.List():
            return list(LISTS.values()) if first else [LISTS["ints"][:12_500], ["a", "b"]]
        case model.Map() | model.RecordOf():
            return list(MAPS.values())
        case model.NoneType():
            return [None]
        case model.String() | model.Url() | model.FieldName():
            return list(TEXTS.values()) if first else [*SHORT, TEXTS["letters"][:25_000]]
    if first:
        return [*TEXTS.values(), *LISTS.values(), *MAPS.values()]
    return [*SHORT, *INTS, LISTS["ints"][:12_500], None]


def fits(of: Any, value: int) -> bool:
    return not isinstance(of, model.Int) or ((of.ge is None or value >= of.ge) and (of.le is None or value <= of.le))


def calls(name: str) -> list[tuple[Any, ...]]:
    """Calls of a function with its required arguments, and with all: each candidate stands in some of them."""
    catalog = load()
    module, _, plain = name.rpartition(".")
    found = catalog.member(module, plain) if module else catalog.prelude(name) or catalog.test(name.removeprefix("is_"))
    assert found is not None, name
    types = [param.type for param in found.params]
    required = sum(1 for param in found.params if param.default is None)
    made: list[tuple[Any, ...]] = []
    for count in dict.fromkeys((required, len(types))):
        kinds = [candidates(of, first=index == 0) for index, of in enumerate(types[:count])]
        longest = max(map(len, kinds), default=0)
        some = random.Random(name)
        made += [tuple(kind[i] if i < len(kind) else some.choice(kind) for kind in kinds) for i in range(longest)]
    return made


def take(evaluator: Evaluator, function: Any, arguments: tuple[Any, ...]) -> float:
    """Make a call; gives the seconds of processor time that it took."""
    evaluator.budget.left = LIMITS.units
    began = time.process_time()
    with contextlib.suppress(RunError):
        function(*arguments)
    return time.process_time() - began


def pace() -> float:
    """The seconds of processor time that so many steps of a loop take here and now as there are units."""
    began = time.process_time()
    assert sum(1 for _ in range(LIMITS.units)) == LIMITS.units
    return time.process_time() - began


STEPS = 50
"""How many steps of a loop a unit may be worth: a measure that is as slow as the machine. Calls take up to three, and
what this guards against takes minutes.
"""
BYTES = 128 * 1024 * 1024 // 8
"""128 MiB for a whole one."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_call_takes_more_than_it_may(name: str) -> None:
    evaluator = Evaluator(plan(LIMITS), FUNCTIONS)
    function = evaluator.native(name)
    longest, slowest = 0.0, ()
    allowed = STEPS * pace()
    for arguments in calls(name):
        spent = take(evaluator, function, arguments)
        if spent > allowed:  # once more: another process may have been in the way
            spent, allowed = take(evaluator, function, arguments), STEPS * pace()
        assert spent < allowed, f"{shown(name, arguments)} took {spent:.1f} s, more than {allowed:.1f}"
        if spent > longest:
            longest, slowest = spent, arguments
    if longest < 0.01:
        return  # too short to have made much
    tracemalloc.start()
    try:
        take(evaluator, function, slowest)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BYTES, f"{shown(name, slowest)} took {peak:,} bytes"


def shown(name: str, arguments: tuple[Any, ...]) -> str:
    return f"{name}({', '.join(repr(each)[:30] for each in arguments)})"

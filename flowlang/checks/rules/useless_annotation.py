"""An annotation on something that it says nothing about."""

from __future__ import annotations

from flowlang.checks.annotated import PLACES, is_sound
from flowlang.checks.edits import without
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Sites
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@",)
CALLS = frozenset(("retry", "breaker", "rate_limit", "idempotent", "cache"))
"""What holds for calls."""
OWN = CALLS | {"timeout", "concurrency", "once", "meter"}
"""What on a step holds for its call."""
WAITING = frozenset(("retry", "breaker", "rate_limit", "idempotent", "concurrency", "once", "cache"))
"""What does not hold for waits and clocks, which send nothing."""
WIDE = (ast.For, ast.Parallel)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each annotation that no call, loop or condition takes notice of."""
    found = sites(look)
    for given, message in (*_empty(found), *_pure(found), *_still(found), *_blocks(found)):
        if given.file == look.file.path and is_sound(look, given):
            edits = without(look, given.node)
            yield look.found(
                f"`@{given.name}` {message}",
                given.node,
                "leave it out",
                fixes=(Fix("leave it out", edits),) if edits else (),
            )


def _empty(found: Sites) -> Iterator[tuple[Given, str]]:
    """`@timeout` without a time."""
    for group in found.groups:
        for given in group:
            if _is_empty(given):
                yield given, "without a time changes nothing"


def _is_empty(given: Given) -> bool:
    return given.name == "timeout" and all(value is None for value in given.values.values())


def _pure(found: Sites) -> Iterator[tuple[Given, str]]:
    for _, own in found.pure:
        for given in own:
            if given.name in OWN and not _is_empty(given):
                yield given, "has no effect: the step calls nothing"


def _still(found: Sites) -> Iterator[tuple[Given, str]]:
    """Policies of requests on what sends none, and on calls of flows, which nothing retries."""
    for site in found.calls:
        for given in site.own:
            if site.effect in ("wait", "clock") and given.name in WAITING:
                yield given, f"has no effect: `{site.fact.signature.name}` sends nothing"
            elif site.effect == "flow" and given.name in CALLS | {"once", "meter", "concurrency"}:
                yield given, "has no effect on the call of a flow: say it on the flow or on its steps"


def _blocks(found: Sites) -> Iterator[tuple[Given, str]]:
    used = {id(level.node) for site in found.calls if site.effect in ("read", "write") for level in site.levels}
    for level in (*(levels[0] for _, levels in found.blocks), *found.flows):
        for given in level.given:
            word = "the block" if level.block is not None else PLACES[given.place]
            if given.name in CALLS and id(level.node) not in used:
                yield given, f"has no effect: {word} calls nothing that it holds for"
            elif given.name == "concurrency" and level.block is not None and not isinstance(level.block, WIDE):
                yield given, "has no effect: it is the width of a `for`, a `parallel` or a flow"
            elif given.name == "limit" and not isinstance(level.block, ast.Repeat):
                yield given, "has no effect: it is the number of rounds of a `repeat`"

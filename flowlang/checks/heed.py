"""Annotations that no call, loop or condition takes notice of, and those of which something does.

What has no effect is said to have none; nothing else is said about it.
"""

from __future__ import annotations

from flowlang.checks.annotated import PLACES, is_sound
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Sites

CALLS: Final = frozenset(("retry", "breaker", "rate_limit", "idempotent", "cache"))
"""What holds for calls."""
OWN: Final = CALLS | {"timeout", "concurrency", "once", "meter"}
"""What on a step holds for its call."""
WAITING: Final = frozenset(("retry", "breaker", "rate_limit", "idempotent", "concurrency", "once", "cache"))
"""What does not hold for waits and clocks, which send nothing."""
WIDE: Final = (ast.For, ast.Parallel)


def unheeded(look: Look) -> dict[Given, str]:
    """The annotations of the file without effect, each with the reason; found once."""
    return _unheeded(sites(look))


def _unheeded(found: Sites) -> dict[Given, str]:
    known: dict[Given, str] | None = found.memo.get("unheeded")  # type: ignore[assignment]
    if known is None:
        known = dict((*_empty(found), *_pure(found), *_still(found), *_blocks(found))) if not found.parts else {}
        for part in found.parts:
            known.update(_unheeded(part))
        found.memo["unheeded"] = known
    return known


def given_in(look: Look, name: str) -> list[Given]:
    """Every annotation of a name in the file that has an effect and is not mistaken itself."""
    known = _heeded(sites(look), name)
    return [given for given in known if is_sound(look, given)] if known else []


def _heeded(found: Sites, name: str) -> list[Given]:
    memo = f"@{name}"
    known: list[Given] | None = found.memo.get(memo)  # type: ignore[assignment]
    if known is None:
        if found.parts:  # they may share services
            known = [*{id(each.node): each for part in found.parts for each in _heeded(part, name)}.values()]
        else:
            known = _by_name(found).get(name, [])
            if known and (unheeded := _unheeded(found)):
                known = [given for given in known if given not in unheeded]
        found.memo[memo] = known
    return known


def _by_name(found: Sites) -> dict[str, list[Given]]:
    known: dict[str, list[Given]] | None = found.memo.get("by name")  # type: ignore[assignment]
    if known is None:
        known = {}
        for group in found.groups:
            for given in group:
                known.setdefault(given.name, []).append(given)
        found.memo["by name"] = known
    return known


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
    unclear = found.open()
    for level in (*(levels[0] for _, levels in found.blocks), *found.flows):
        for given in level.given:
            word = "the block" if level.block is not None else PLACES[given.place]
            if given.name in CALLS and id(level.node) not in used and id(given.node) not in unclear:
                yield given, f"has no effect: {word} calls nothing that it holds for"
            elif given.name == "concurrency" and level.block is not None and not isinstance(level.block, WIDE):
                yield given, "has no effect: it is the width of a `for`, a `parallel` or a flow"
            elif given.name == "limit" and not isinstance(level.block, ast.Repeat):
                yield given, "has no effect: it is the number of rounds of a `repeat`"

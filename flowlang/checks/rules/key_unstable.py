"""An idempotency key that is another one in every run."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.checks.sites import CLOCKS, is_block, sites
from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@idempotent + now(", "@idempotent + uuid(", "@idempotent + random(")
COARSE = frozenset(("date", "time.start_of", "time.format", "time.parts"))
"""What makes a day or an hour of an instant: one key for all runs of that day."""
_ROUNDED = frozenset(("round", "int", "floor", "ceil", "trunc", "truncate"))
"""What may make as much of a time in seconds, or of its text."""


class _Source(Record):
    """What makes a key new: the name in the key that leads to it, the declaration that calls it, and the call."""

    __slots__ = ()

    name: ast.Name
    step: ast.Step
    action: str


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `key` that holds what a step got of the clock or the dice, as it is or through others of its values."""
    for given in given_in(look, "idempotent"):
        key = given.written.get("key")
        for source in _sources(key, look) if key is not None else ():
            name = source.name.name
            is_direct = name == source.step.name.name
            through = "" if is_direct else f", through `{source.step.name.name}`"
            yield look.found(
                f"this key is new in every run: `{name}` comes from `{source.action}`{through}",
                source.name,
                "make the key of what the request is about (`order.id`), or leave `key` out: one is derived from "
                "the run and the step",
                () if is_direct else (look.related("it is called here", source.step),),
            )


def _sources(key: ast.Expr, look: Look) -> Iterator[_Source]:
    """Each name in a key that leads to a step which calls the clock or the dice, with that step."""
    for name, is_coarse in _names(key, False, look):
        seen: set[int] = set()
        pending = [(name, is_coarse)]
        while pending:
            each, is_coarse = pending.pop()
            step, value = _declared(each, look)
            if value is None or id(value) in seen:
                continue
            seen.add(id(value))
            action = _clock(value, look)
            if action is None:
                pending += _names(value, is_coarse, look)
            elif step is not None and not (is_coarse and action.rpartition(".")[2] == "now"):
                yield _Source(name, step, action)
                break


def _declared(name: ast.Name, look: Look) -> tuple[ast.Step | None, ast.Expr | None]:
    """The step, if it is one, and the value that a name stands for; that of a call which answers is its own."""
    symbol = look.facts.symbols.get(id(name))
    node = symbol.node if symbol is not None and symbol.file == look.file.path else None
    if isinstance(node, ast.Let):
        return None, node.value
    site = sites(look).of.get(id(node))
    if isinstance(node, ast.Step) and not is_block(node.value) and (site is None or site.effect == "clock"):
        return node, node.value  # type: ignore[return-value]
    return None, None


def _clock(value: ast.Expr, look: Look) -> str | None:
    """The action of the clock or the dice that a value is the call of."""
    fact = look.facts.calls.get(id(value)) if isinstance(value, ast.Call) else None
    return fact.signature.name if fact is not None and fact.signature.name in CLOCKS else None


def _names(value: ast.Expr, is_coarse: bool, look: Look) -> Iterator[tuple[ast.Name, bool]]:
    """The names whose values a value holds, each with whether less than an instant is left of it: one may be the same
    in many runs. What is only asked for, or only a way out, may leave the value the same too.
    """
    pending: list[tuple[object, bool]] = [(value, is_coarse)]
    while pending:
        node, is_coarse = pending.pop()
        if isinstance(node, ast.Name):
            yield node, is_coarse
        elif isinstance(node, ast.Filter) and node.name.name in ("default", "d"):
            pending.append((node.value, is_coarse))
        elif isinstance(node, tuple) and not isinstance(node, _ASKING):
            is_coarse = is_coarse or _coarsens(node, look)
            pending.extend((part, is_coarse) for part in reversed(node))


def _coarsens(node: tuple[object, ...], look: Look) -> bool:
    if isinstance(node, (ast.Call, ast.Filter)):
        fact = look.facts.calls.get(id(node))
        if fact is None or fact.signature.body != "native":
            return True
        return fact.signature.name in COARSE or fact.signature.name.rpartition(".")[2] in _ROUNDED
    return isinstance(node, (ast.Slice, ast.Index)) or (isinstance(node, ast.Binary) and node.operator in ("//", "%"))


_ASKING = (ast.Compare, ast.Test, ast.Logic, ast.Conditional, ast.Comprehension)

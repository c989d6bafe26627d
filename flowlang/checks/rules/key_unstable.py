"""An idempotency key that is another one in every run."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.checks.sites import sites
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


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `key` that holds the value of a step that calls the clock or the dice."""
    for given in given_in(look, "idempotent"):
        key = given.written.get("key")
        for name in _names(key, look) if key is not None else ():
            symbol = look.facts.symbols.get(id(name))
            site = sites(look).of.get(id(symbol.node)) if symbol is not None else None
            if site is not None and site.effect == "clock":
                yield look.found(
                    f"this key is new in every run: `{name.name}` comes from `{site.fact.signature.name}`",
                    name,
                    "make the key of what the request is about (`order.id`), or leave `key` out: one is derived from "
                    "the run and the step",
                )


def _names(key: ast.Expr, look: Look) -> Iterator[ast.Name]:
    """The names in a key, but for those that are made coarser first."""
    pending: list[object] = [key]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            yield node
        elif isinstance(node, (ast.Call, ast.Filter)):
            fact = look.facts.calls.get(id(node))
            if fact is None or fact.signature.name not in COARSE:
                pending.extend(node.arguments)
                pending.append(node.value if isinstance(node, ast.Filter) else node.callee)
        elif isinstance(node, tuple):
            pending.extend(node)

"""The use of a block that gives no value."""

from __future__ import annotations

from flowlang.checks.sites import bodies
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("=if", "=for", "=match")


def check(step: ast.Step, look: Look) -> Iterator[Diagnostic]:
    """Each step whose value something reads, and whose `if`, `match` or `for` has no `yield`, nor has a handler."""
    block = step.value
    if not isinstance(block, (ast.If, ast.Match, ast.For)) or id(step) not in look.facts.used or look.is_broken(step):
        return
    given = [*bodies(block), *(each.body for each in step.clauses if isinstance(each, ast.Catch))]
    if any(isinstance(each, (ast.Yield, ast.Broken)) for body in given for each in body.statements):
        return
    word = type(block).__name__.lower()
    yield look.found(
        f"`{step.name.name}` is read, but is always none: its `{word}` yields nothing",
        step.name,
        f"end {'its body' if word == 'for' else 'each branch'} with the value to give: `yield …`",
    )

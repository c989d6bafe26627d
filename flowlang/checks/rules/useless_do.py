"""`do` with a value and no effect does nothing."""

from __future__ import annotations

from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
_BLOCKS = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)


def check(node: ast.Do, look: Look) -> Iterator[Diagnostic]:
    """A `do` without a call of an action or flow, unless it checks something or fails."""
    if look.is_broken(node) or isinstance(node.value, (*_BLOCKS, ast.BrokenExpr)) or id(node) in look.facts.effects:
        return
    if any(isinstance(clause, ast.Ensure) for clause in node.clauses):
        return
    if id(node) in sites(look).unclear:
        return
    call = node.value
    if isinstance(call, ast.Call):
        fact = look.facts.calls.get(id(call))
        if fact is None or fact.signature.name == "fail" or fact.signature.body == "python":
            return
    yield look.found(
        "this `do` has no effect: its value goes nowhere", node.value, "name the value with `let`, or remove the line"
    )

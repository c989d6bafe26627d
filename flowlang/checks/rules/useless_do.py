"""`do` with a value and no effect does nothing."""

from __future__ import annotations

from flowlang.checks.sites import is_block, sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(node: ast.Do, look: Look) -> Iterator[Diagnostic]:
    """A `do` without a call of an action or flow, unless it checks something or fails."""
    if id(node) in look.facts.effects or look.is_broken(node):
        return
    if is_block(node.value) or isinstance(node.value, ast.BrokenExpr):
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

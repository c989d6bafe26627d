"""A step without an effect whose value nobody uses."""

from __future__ import annotations

from flowlang.checks.bodies import statements_of
from flowlang.checks.removal import removal
from flowlang.checks.sites import sites
from flowlang.checks.uses import is_in_hole, is_meant_in_item
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(
    body: ast.FlowDecl
    | ast.Branch
    | ast.Case
    | ast.For
    | ast.Repeat
    | ast.Parallel
    | ast.Sequence
    | ast.If
    | ast.Match,
    look: Look,
) -> Iterator[Diagnostic]:
    """Each step that calls no action, checks nothing and is named nowhere. Steps of a `parallel` or `sequence` without
    a `yield` are its value.
    """
    statements = statements_of(body)
    if isinstance(body, (ast.Parallel, ast.Sequence)) and not any(isinstance(each, ast.Yield) for each in statements):
        return
    for step in statements:
        if type(step) is ast.Step and id(step) not in look.facts.used and id(step) not in look.facts.effects:
            if any(isinstance(each, ast.Broken) for each in statements):
                return
            if (
                id(step) in sites(look).unclear
                or _may_matter(step, look)
                or look.is_broken(step)
                or step.name.name.startswith("_")
            ):
                continue
            name = step.name.name
            if name in _awaited(statements) or is_in_hole(look, name, step) or is_meant_in_item(look, step, name):
                continue
            yield look.found(
                f"nothing uses `{name}`, and it has no effect",
                step.name,
                "remove it, or use it",
                fixes=removal(look, step, "remove it") if len(statements) > 1 else (),
            )


def _may_matter(step: ast.Step, look: Look) -> bool:
    """Whether running a step may fail or do something: it calls, checks or declares a type."""
    if step.type is not None or any(isinstance(each, (ast.Ensure, ast.Until)) for each in step.clauses):
        return True
    pending: list[object] = [step.value, step.clauses]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Do, ast.BrokenExpr, ast.Broken, ast.Ensure)):
            return True
        if isinstance(part, ast.Call):
            fact = look.facts.calls.get(id(part))
            if fact is None or fact.signature.kind != "function" or fact.signature.body == "python":
                return True
            if fact.signature.name == "fail":
                return True
        if isinstance(part, tuple):
            pending.extend(part)
    return False


def _awaited(statements: tuple[ast.Statement, ...]) -> set[str]:
    """What an `after` names."""
    return {
        name.name
        for each in statements
        if isinstance(each, (ast.Step, ast.Do))
        for clause in each.clauses
        if isinstance(clause, ast.After)
        for name in clause.names
    }

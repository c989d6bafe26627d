"""A step that waits for one that always fails."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("fail(",)


def check(node: ast.Body | ast.Sequence, look: Look) -> Iterator[Diagnostic]:
    """The first step that waits for a `fail` without a condition and a handler; in a `sequence` the one behind it."""
    body = node.body if isinstance(node, ast.Sequence) else node
    failing = next((each for each in body.statements if _always_fails(each, look)), None)
    if failing is None:
        return
    for step in body.statements:
        if not isinstance(step, (ast.Step, ast.Do)) or step is failing or look.is_broken(step):
            continue
        waits = _waits(step, failing, look)
        if waits if isinstance(node, ast.Body) else step.start > failing.start and not waits:
            related = (look.related("this fails, whatever happens", failing),)
            yield look.found("this step never runs: what it waits for always fails", step, _HELP, related)
            return


_HELP = "say with `when` on which condition it fails, or take this step out"


def _always_fails(step: ast.Statement, look: Look) -> bool:
    if not isinstance(step, (ast.Step, ast.Do)) or not isinstance(step.value, ast.Call):
        return False
    fact = look.facts.calls.get(id(step.value))
    is_guarded = any(isinstance(each, (ast.When, ast.Catch)) for each in step.clauses)
    return fact is not None and fact.signature.name == "fail" and not is_guarded


def _waits(step: ast.Node, first: ast.Node, look: Look) -> bool:
    """Whether one step waits for the other, directly or through others."""
    pending: list[ast.Node] = [step]
    seen: set[int] = set()
    while pending:
        for node in look.facts.needs.get(id(pending.pop()), ()):
            if node is first:
                return True
            if id(node) not in seen:
                seen.add(id(node))
                pending.append(node)
    return False

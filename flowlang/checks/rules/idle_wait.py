"""A wait that nothing waits for."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("wait",)


def check(body: ast.FlowDecl | ast.Branch | ast.Case | ast.For | ast.Repeat, look: Look) -> Iterator[Diagnostic]:
    """Each wait beside other steps that no `after` names: it delays the end of its block only."""
    steps = [each for each in body.body.statements if isinstance(each, (ast.Step, ast.Do))]
    if len(steps) < 2:
        return
    needed = {id(node) for step in steps for node in look.facts.needs.get(id(step), ())}
    for position, step in enumerate(steps):
        if id(step) in needed or look.is_broken(step) or not is_wait(step, look):
            continue
        following = next((each for each in steps[position + 1 :] if not is_wait(each, look)), None)
        key = look.facts.keys[id(step)]
        help = "name it in the `after` of what is to wait, or put all into `sequence { … }`"
        fixes: tuple[Fix, ...] = ()
        if following is not None:
            help = f"write `after {key}` behind `{look.facts.keys[id(following)]}`, or put all into `sequence {{ … }}`"
            if not following.clauses and not any(is_wait(each, look) for each in steps if each is not step):
                edit = Edit(Span(look.file.path, following.value.end, following.value.end), f" after {key}")
                fixes = (Fix(f"run `{look.facts.keys[id(following)]}` after it", (edit,), safe=False),)
        yield look.found("nothing waits for this: the order of lines is no order", step.value, help, fixes=fixes)


def is_wait(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step waits for time to pass."""
    head = look.facts.effects.get(id(step))
    fact = look.facts.calls.get(id(head)) if head is not None else None
    return fact is not None and fact.signature.name in ("wait", "time.wait", "time.wait_until")

"""A wait that nothing waits for."""

from __future__ import annotations

from flowlang.checks.bodies import after_name, is_unread, is_wait, steps_of
from flowlang.checks.sites import sites
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


def check(
    body: ast.FlowDecl | ast.Branch | ast.Case | ast.For | ast.Repeat | ast.Catch | ast.If | ast.Match, look: Look
) -> Iterator[Diagnostic]:
    """Each wait beside other steps that no `after` names: it delays the end of its block only. Where that is a round,
    or in one, and the next begins behind it, one that stands behind what it follows is a pause between the two.
    In a flow with syntax errors what did not parse may name it.
    """
    steps = steps_of(body)
    if len(steps) < 2 or is_unread(body, look):
        return
    needed = {id(node) for step in steps for node in look.facts.needs.get(id(step), ())}
    for position, step in enumerate(steps):
        if id(step) in needed or look.is_broken(step) or not is_wait(step, look):
            continue
        following = next((each for each in steps[position + 1 :] if not is_wait(each, look)), None)
        if (following is None or look.facts.needs.get(id(step))) and _delays_a_round(step, look):
            continue
        help, fixes = "name it in the `after` of what is to wait, or put all into `sequence { … }`", _NO_FIXES
        key = after_name(step, steps, look)
        if not key:
            help = "put all into `sequence { … }`, or give each wait a name: `step pause = wait(…)`, then `after pause`"
        elif following is not None:
            then = look.facts.keys[id(following)]
            help = f"write `after {key}` behind `{then}`, or put all into `sequence {{ … }}`"
            if not following.clauses and not any(is_wait(each, look) for each in steps if each is not step):
                edit = Edit(Span(look.file.path, following.value.end, following.value.end), f" after {key}")
                fixes = (Fix(f"run `{then}` after it", (edit,), safe=False),)
        yield look.found("nothing waits for this: the order of lines is no order", step.value, help, fixes=fixes)


def _delays_a_round(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether it stands in rounds that run one after another."""
    site = sites(look).of.get(id(step))
    return site is not None and any(
        isinstance(level.block, (ast.For, ast.Repeat)) and not level.is_fan_out() for level in site.levels
    )


_NO_FIXES: tuple[Fix, ...] = ()

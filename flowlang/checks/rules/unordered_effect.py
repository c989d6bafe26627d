"""An effect that refers to no step and that no step refers to may run at any time, whatever its line; one that does not
wait for the guard before it may have begun when that fails.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang.checks.bodies import after_name, is_unread, is_wait, statements_of, steps_of
from flowlang.checks.guards import outrun
from flowlang.checks.sites import STEPS, bodies, is_block, is_declared_idempotent
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
_CLOCKS = frozenset("now time.now uuid random wait time.wait time.wait_until events.wait".split())
"""Effects whose order nobody sees, and waits, of which `idle-wait` speaks."""


def check(
    body: ast.FlowDecl | ast.Branch | ast.Case | ast.For | ast.Repeat | ast.Catch | ast.If | ast.Match, look: Look
) -> Iterator[Diagnostic]:
    """Each effect behind another step, with nothing that says when it runs, and each behind a guard that cannot stop
    it. In `parallel`, `race`, `sequence` the block says it; behind a wait that nothing waits for, `idle-wait` does.
    In a flow with syntax errors what did not parse may say it.
    """
    steps = steps_of(body)
    if len(steps) < 2 or is_unread(body, look):
        return
    effects = {id(step) for step in steps if _writes(step, look) and not look.is_broken(step)}
    if not effects:
        return
    waited_for = {id(node) for each in statements_of(body) for node in look.facts.needs.get(id(each), ())}
    guards = outrun(statements_of(body), effects, look)
    for before, step in pairwise(steps):
        if id(step) not in effects:
            continue
        if (
            look.facts.needs.get(id(step))
            or id(step) in waited_for
            or id(step) in look.facts.used
            or not _is_write(step, look)
        ):
            too_late = guards.get(id(step), [])
            if too_late and not any(look.is_broken(guard) for guard in too_late):
                yield _outrun(step, too_late, [after_name(guard, steps, look) for guard in too_late], look)
        elif not (is_wait(before, look) and id(before) not in waited_for):
            yield _finding(step, before, after_name(before, steps, look), look)


def _outrun(step: ast.Step | ast.Do, guards: list[ast.Step | ast.Do], names: list[str], look: Look) -> Diagnostic:
    """A finding at an effect that has begun, or ended, when the guards before it fail."""
    own, said = look.facts.keys[id(step)], " and ".join(f"`{look.facts.keys[id(guard)]}`" for guard in guards)
    when = "when that fails" if len(guards) == 1 else "when those fail"
    help = "put them into `sequence`, or give what fails a name: `step name = …`, then `after name`"
    fixes: tuple[Fix, ...] = ()
    if all(names):
        listed = ", ".join(names)
        clause = next((each for each in step.clauses if isinstance(each, ast.After)), None)
        end, text = (step.value.end, f" after {listed}") if clause is None else (clause.end, f", {listed}")
        help = f"add `after {listed}`" if clause is None else f"add `{listed}` to its `after`"
        edit = Edit(Span(look.file.path, end, end), text)
        fixes = (Fix(f"run it after {said}", (edit,), safe=False),)
    return look.found(
        f"`{own}` does not wait for {said}, and may have begun {when}",
        step.value,
        help,
        tuple(look.related("this is to stop it", guard) for guard in guards),
        fixes,
    )


def _finding(step: ast.Step | ast.Do, before: ast.Step | ast.Do, name: str, look: Look) -> Diagnostic:
    key, own = look.facts.keys[id(before)], look.facts.keys[id(step)]
    fixes: tuple[Fix, ...] = ()
    if isinstance(before, ast.Step):
        at = Span(look.file.path, step.value.end, step.value.end)
        fixes = (Fix(f"run it after `{key}`", (Edit(at, f" after {key}"),), safe=False),)
    return look.found(
        f"nothing says when `{own}` runs: it refers to no step, so it may run before `{key}`",
        step.value,
        f"add `after {name}`, or put both into `sequence` or `parallel`"
        if name
        else "put both into `sequence` or `parallel`, or give the first a name: `step name = …`, then `after name`",
        fixes=fixes,
    )


def _writes(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step, or a step of its block, is an effect whose time matters."""
    if not is_block(step.value):
        return _is_write(step, look)
    for body in bodies(step.value):
        for each in body.statements:
            if isinstance(each, STEPS) and _writes(each, look):
                return True
    return False


def _is_write(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step is an effect whose time matters."""
    head = look.facts.effects.get(id(step))
    fact = look.facts.calls.get(id(head)) if head is not None else None
    if fact is None or fact.signature.name in _CLOCKS:
        return False
    return not is_declared_idempotent(fact.signature)

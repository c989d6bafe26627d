"""An effect that refers to no step and that no step refers to may run at any time, whatever its line."""

from __future__ import annotations

from itertools import pairwise

from flowlang.checks.bodies import after_name, is_wait, statements_of, steps_of
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
    """Each effect behind another step, with nothing that says when it runs. In `parallel`, `race`, `sequence` the
    block says it; behind a wait that nothing waits for, `idle-wait` does.
    """
    steps = steps_of(body)
    if len(steps) < 2:
        return
    waited_for = {id(node) for each in statements_of(body) for node in look.facts.needs.get(id(each), ())}
    for before, step in pairwise(steps):
        if look.is_broken(step) or not _is_write(step, look) or look.facts.needs.get(id(step)):
            continue
        if id(step) in waited_for or id(step) in look.facts.used:
            continue
        if not (is_wait(before, look) and id(before) not in waited_for):
            yield _finding(step, before, after_name(before, steps, look), look)


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


def _is_write(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step is an effect whose time matters."""
    head = look.facts.effects.get(id(step))
    fact = look.facts.calls.get(id(head)) if head is not None else None
    if fact is None or fact.signature.name in _CLOCKS:
        return False
    return not any(name == "idempotent" for name, _ in fact.signature.annotations)

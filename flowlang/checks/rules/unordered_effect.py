"""An effect that refers to no step and that no step refers to may run at any time, whatever its line."""

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
_CLOCKS = frozenset("now time.now uuid random wait time.wait time.wait_until".split())
"""Effects whose order nobody sees, and waits, of which `idle-wait` speaks."""


def check(
    body: ast.FlowDecl | ast.Branch | ast.Case | ast.For | ast.Repeat | ast.Catch, look: Look
) -> Iterator[Diagnostic]:
    """Each effect behind another step, with nothing that says when it runs. In `parallel`, `race`, `sequence` the
    block says it.
    """
    steps = [each for each in body.body.statements if isinstance(each, (ast.Step, ast.Do))]
    waited_for = {id(node) for each in body.body.statements for node in look.facts.needs.get(id(each), ())}
    for position, step in enumerate(steps):
        before = steps[position - 1]
        if position == 0:
            continue
        if look.is_broken(step) or not _is_write(step, look) or look.facts.needs.get(id(step)):
            continue
        if id(step) in waited_for or id(step) in look.facts.used:
            continue
        key = look.facts.keys[id(before)]
        fixes: tuple[Fix, ...] = ()
        if isinstance(before, ast.Step):
            at = Span(look.file.path, step.value.end, step.value.end)
            fixes = (Fix(f"run it after `{key}`", (Edit(at, f" after {key}"),), safe=False),)
        name = look.facts.keys[id(step)]
        yield look.found(
            f"nothing says when `{name}` runs: it refers to no step, so it may run before `{key}`",
            step.value,
            f"add `after {key}`, or put both into `sequence` or `parallel`",
            fixes=fixes,
        )


def _is_write(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step is an effect whose time matters."""
    head = look.facts.effects.get(id(step))
    fact = look.facts.calls.get(id(head)) if head is not None else None
    if fact is None or fact.signature.name in _CLOCKS:
        return False
    return not any(name == "idempotent" for name, _ in fact.signature.annotations)

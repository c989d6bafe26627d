"""What is said of a wait whose end nothing on it says: of a poll, and of a wait for an event."""

from __future__ import annotations

from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.semantics.infer.engine import Inference

POLLING: Final = "10m"
"""The time that is proposed for a poll without one."""
SHOWN: Final = 60
"""How long a clause may be to be shown whole."""


def report_poll(c: Inference, node: ast.Step | ast.Do, until: ast.Until, can_time_out: bool) -> None:
    """Report an `until` without a time. `can_time_out`: a `@timeout` would mean something to its step."""
    help = f"bound it: `{poll_for(c.file.source.text, until)}`"
    if can_time_out:
        help += f", or `@timeout(total={POLLING})` on the step"
    above = _deadline_above(c, node)
    end = f", and may poll until {above} times out" if above else ""
    c.report("missing-timeout", f"this `until` has no end of its own{end}", until, help)


def report_event(c: Inference, node: ast.Step | ast.Do, head: ast.Call) -> None:
    """Report a wait for an event that has no time."""
    above = _deadline_above(c, node)
    end = f"would wait until {above} times out" if above else "wait has no end of its own"
    help = "say for how long: `@timeout(2d)` on the step"
    c.report("missing-timeout", f"the event may never come, and this {end}", head, help)


def poll_for(text: str, until: ast.Until) -> str:
    """An `until` with a time, as it may be written instead; a long one in part."""
    said = text[until.start : until.end]
    return f"{said if len(said) <= SHOWN and len(said.splitlines()) == 1 else 'until …'} for {POLLING}"


def has_time(annotations: tuple[ast.Annotation, ...]) -> bool:
    """Whether a `@timeout` among some annotations says a time."""
    times = [
        each.value for annotation in annotations if annotation.name.name == "timeout" for each in annotation.arguments
    ]
    return not all(isinstance(each, ast.Literal) and each.value is None for each in times)


def _deadline_above(c: Inference, node: ast.Step | ast.Do) -> str:
    """The nearest block or flow around a step whose `@timeout` ends it; '' if there is none. Handlers and undos of one
    stand outside of it.
    """
    return next(_deadlines(path_to(c.file.tree, node)), "")


def _deadlines(path: list[ast.Node]) -> Iterator[str]:
    is_outside = True  # the step itself is no block around it
    for each in reversed(path):
        if isinstance(each, (ast.Step, ast.Do, ast.FlowDecl)) and not is_outside and has_time(each.annotations):
            word = "flow" if isinstance(each, ast.FlowDecl) else "step"
            yield f"{word} `{each.name.name}`" if not isinstance(each, ast.Do) else "the block around it"
        if isinstance(each, (ast.Step, ast.Do)):
            is_outside = False
        if isinstance(each, ast.Undo):
            return
        if isinstance(each, ast.Catch):
            is_outside = True

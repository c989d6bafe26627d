"""A slice or range that goes on by nothing."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.checks.index import spelled
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = (":0]", ":-0]", "range(")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each slice and `range` with a step of 0. The text is asked first: few files have such a slice."""
    for node in look.facts.called.get(look.file.path, ()):
        fact = look.facts.calls.get(id(node))
        if fact is None or fact.signature.name != "range" or not fact.signature.file.startswith("stdlib/"):
            continue
        step = fact.arguments[2][1]
        if step is not None and constant(look.facts, step) == 0:
            yield look.found("a range cannot go on by 0", step, "`range(0, n, 2)` takes every second number")
    bare = spelled(look.file.source.text)[0]
    if ":0]" not in bare and ":-0]" not in bare:
        return
    pending: list[object] = [file]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Slice) and part.step is not None and constant(look.facts, part.step) == 0:
            yield look.found("a slice cannot go on by 0", part.step, "`xs[::2]` takes every second item")
        if isinstance(part, tuple):
            pending.extend(part)

"""A slice that goes on by nothing."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = (":0]", ": 0]")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each slice with a step of 0. The text is asked first: few files have one."""
    text = look.file.source.text
    if ":0]" not in text and ": 0]" not in text:
        return
    pending: list[object] = [file]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Slice) and node.step is not None and constant(look.facts, node.step) == 0:
            yield look.found("a slice cannot go on by 0", node.step, "`xs[::2]` takes every second item")
        if isinstance(node, tuple):
            pending.extend(node)

"""An annotation on something that it says nothing about."""

from __future__ import annotations

from flowlang.checks.annotated import BLOCK, FLOW, is_sound
from flowlang.checks.edits import without
from flowlang.checks.heed import CALLS, unheeded
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each annotation that no call, loop or condition takes notice of."""
    for given, message in unheeded(look).items():
        if given.file == look.file.path and is_sound(look, given) and not _is_unclear(given, look):
            edits = without(look, given.node)
            yield look.found(
                f"`@{given.name}` {message}",
                given.node,
                "leave it out",
                fixes=(Fix("leave it out", edits),) if edits else (),
            )


def _is_unclear(given: Given, look: Look) -> bool:
    """Whether a mistake in what a flow or block holds may hide the call that the annotation is for."""
    return given.name in CALLS and given.place in (BLOCK, FLOW) and look.is_item_broken(given.node)

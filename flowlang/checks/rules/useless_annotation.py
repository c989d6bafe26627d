"""An annotation on something that it says nothing about."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.edits import without
from flowlang.checks.heed import unheeded
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each annotation that no call, loop or condition takes notice of."""
    for given, message in unheeded(look).items():
        if given.file == look.file.path and is_sound(look, given):
            edits = without(look, given.node)
            yield look.found(
                f"`@{given.name}` {message}",
                given.node,
                "leave it out",
                fixes=(Fix("leave it out", edits),) if edits else (),
            )

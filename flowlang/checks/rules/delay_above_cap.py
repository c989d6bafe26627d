"""`@retry` has a first delay that its own cap cuts: every wait is the cap."""

from __future__ import annotations

from flowlang.checks.edits import with_argument
from flowlang.checks.heed import given_in
from flowlang.diagnostics import Fix
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("@retry + delay",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` whose delay is above its max_delay."""
    for given in given_in(look, "retry"):
        delay, cap = given.values["delay"], given.values["max_delay"]
        at = given.written.get("delay")
        if not isinstance(delay, int) or not isinstance(cap, int) or delay <= cap:
            continue
        spelling = look.file.source.text[at.start : at.end] if at is not None else duration(delay)
        title = f"raise max_delay to {spelling}"
        edits = with_argument(look, given.node, "max_delay", spelling) if " " not in spelling else ()
        yield look.found(
            f"the first delay is {duration(delay)}, but no wait is longer than max_delay, {duration(cap)}",
            at or given.written["max_delay"],
            "raise `max_delay`, or begin with a shorter delay",
            fixes=(Fix(title, edits, safe=False),) if edits else (),
        )

"""An argument of a policy that its other arguments leave without meaning."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.edits import without_argument
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("none'", 'none"', "fixed", "linear", "minimum_calls")
WAITS = ("delay", "max_delay", "multiplier", "jitter")
UNUSED = {"none": WAITS, "fixed": ("multiplier",), "linear": ("multiplier",)}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each argument that is written and never read."""
    for given in (each for group in sites(look).groups for each in group):
        for name, reason in _useless(given):
            value = given.written.get(name)
            if value is None or not is_sound(look, given):
                continue
            edits = without_argument(look, given.node, value)
            yield look.found(
                f"`{name}` has no effect here: {reason}",
                value,
                "leave it out",
                fixes=(Fix("leave it out", edits),) if edits else (),
            )


def _useless(given: Given) -> Iterator[tuple[str, str]]:
    if given.name == "retry":
        strategy = given.values["strategy"]
        for name in UNUSED.get(strategy, ()):
            yield name, f"strategy '{strategy}' does not use it"
    elif given.name == "breaker" and "failure_rate" not in given.written:
        yield "minimum_calls", "it counts calls for `failure_rate`, which is not given"

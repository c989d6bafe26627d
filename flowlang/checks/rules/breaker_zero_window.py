"""`@breaker` that remembers nothing, or never stays open."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("@breaker + (0", "@breaker + =0", "@breaker + ,0", "@breaker + (-", "@breaker + =-", "@breaker + ,-")
REASONS = {
    "window": "without a window every failure is forgotten at once: this breaker never opens",
    "slow": "every call is slower than this",
    "cooldown": "without a cooldown this breaker closes as soon as it opens",
}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each window, cooldown and `slow` of 0 or less."""
    for given in given_in(look, "breaker"):
        for name, reason in REASONS.items():
            time = given.values[name]
            if name in given.written and isinstance(time, int) and time <= 0:
                yield look.found(reason, given.written[name], "give it a time, such as `60s`")

"""A poll whose pause is as long as its limit: there is no second one."""

from __future__ import annotations

from flowlang.checks.annotated import constant
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("until",)


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each `every` that is not below `for` or the total timeout."""
    until = next((each for each in step.clauses if isinstance(each, ast.Until)), None)
    if until is None or until.every is None or look.is_broken(step):
        return
    pause = constant(look.facts, until.every)
    limit = constant(look.facts, until.limit)
    site = sites(look).of.get(id(step))
    if until.limit is None and site is not None:
        timeout = site.policies.get("timeout")
        limit = None if timeout is None else timeout.values["total"]
    if isinstance(pause, int) and isinstance(limit, int) and pause >= limit > 0:
        yield look.found(
            f"the second poll would come after {duration(pause)}, and polling ends after {duration(limit)}",
            until.every,
            "poll more often, or for longer",
        )

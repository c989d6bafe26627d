"""`until` whose `@timeout` bounds each attempt, and nothing all of them."""

from __future__ import annotations

from flowlang.checks.annotated import STEP, is_sound
from flowlang.checks.sites import sites
from flowlang.semantics.infer.endless import POLLING, poll_for
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("until + @timeout",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each poll without a limit, a total timeout or a deadline around it."""
    for site in sites(look).calls:
        until = next((each for each in site.step.clauses if isinstance(each, ast.Until)), None)
        timeout = next((each for each in site.own if each.name == "timeout" and each.place == STEP), None)
        if until is None or until.limit is not None or timeout is None or look.is_broken(site.step):
            continue
        if not is_sound(look, timeout):
            continue
        if site.effect == "flow" or timeout.values["total"] is not None or any(site.deadlines()):
            continue
        yield look.found(
            "this `until` may poll for ever: `each` bounds one attempt, not all polls",
            until,
            f"bound it: `{poll_for(look.file.source.text, until)}`, or `{_with_total(timeout, look)}`",
            (look.related("this is the time of one attempt", timeout.node),),
        )


def _with_total(timeout: Given, look: Look) -> str:
    """A `@timeout` with a time for all polls, as it may be written instead."""
    text = look.file.source.text[timeout.node.start : timeout.node.end]
    is_plain = text.endswith(")") and "total" not in timeout.written and len(text.splitlines()) == 1
    return f"{text[:-1]}, total={POLLING})" if is_plain else f"@timeout(…, total={POLLING})"

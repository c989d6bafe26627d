"""`@retry` whose calls all come back at the same moment."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.edits import without_argument
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("jitter",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `jitter=0` over calls that fail together: in a `for`, or in a flow that cron starts."""
    seen: set[int] = set()
    for site in sites(look).calls:
        retry = site.retry
        if retry is None or id(retry.node) in seen or retry.file != look.file.path or not is_sound(look, retry):
            continue
        value = retry.written.get("jitter")
        herd = _herd(site)
        if value is not None and retry.values["jitter"] == 0 and herd and retry.values["strategy"] != "none":
            seen.add(id(retry.node))
            edits = without_argument(look, retry.node, value)
            yield look.found(
                f"without jitter, {herd} that failed together are tried again together",
                value,
                "leave `jitter` at its default, or say `'full'`",
                fixes=(Fix("leave jitter at its default", edits, safe=False),) if edits else (),
            )


def _herd(site: Site) -> str:
    """Which calls fail at the same time."""
    if any(level.is_fan_out() for level in site.levels):
        return "the items of a `for`"
    if any(trigger.name.name == "cron" for trigger in site.flow.triggers):
        return "the runs of a `cron`"
    return ""

"""Two triggers where one is meant: a webhook's path twice, or a flow that is started twice by one thing."""

from __future__ import annotations

from flowlang.checks.removal import removal
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("on webhook", "on cron", "on event")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each webhook whose path another one has, in whatever flow; each trigger that its flow has already. Where a `when`
    stands, the two may share the work.
    """
    seen: dict[object, ast.Trigger] = {}
    for flow in file.items:
        if not isinstance(flow, ast.FlowDecl):
            continue
        for trigger in flow.triggers:
            if len(flow.triggers) == 1 and trigger.name.name != "webhook":
                continue
            key = _key(trigger, flow, look)
            first = seen.setdefault(key, trigger) if key is not None else trigger
            if first is not trigger:
                yield _finding(trigger, first, look)


def _finding(trigger: ast.Trigger, first: ast.Trigger, look: Look) -> Diagnostic:
    related = (look.related("the first is here", first),)
    if trigger.name.name == "webhook":
        message = "another trigger has this path: one request cannot start both"
        help = "give it a path of its own, or say with `when` which requests are whose"
        return look.found(message, trigger.arguments[0], help, related)
    fixes = removal(look, trigger, "leave it out")
    return look.found("the flow has this trigger already: it is started twice", trigger, "leave it out", related, fixes)


def _key(trigger: ast.Trigger, flow: ast.FlowDecl, look: Look) -> object:
    """What two triggers have in common that clash; null for one that clashes with none."""
    fact = look.facts.annotations.get(id(trigger))
    if fact is None or trigger.condition is not None or look.is_broken(trigger):
        return None
    if fact.signature.name == "webhook":
        path = fact.arguments[0][1]
        return path.value if isinstance(path, ast.Text) else None
    return id(flow), trigger

"""The cron triggers of a file, each read."""

from __future__ import annotations

from flowlang.checks.cron import read_cron
from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.cron import Cron
    from flowlang.checks.look import Look


class CronTrigger(Record):
    """`on cron('0 9 * * *', timezone='Europe/Berlin')`. `zone` is null where it is not written out."""

    __slots__ = ()

    flow: ast.FlowDecl
    schedule: ast.Text
    cron: Cron
    zone: str | None


def crons(look: Look) -> Iterator[CronTrigger]:
    """Every cron trigger of the file whose schedule is written out and valid."""
    for flow in look.file.tree.items:
        if not isinstance(flow, ast.FlowDecl):
            continue
        for trigger in flow.triggers:
            fact = look.facts.annotations.get(id(trigger))
            if fact is None or fact.signature.name != "cron":
                continue
            given = {param.name: value for param, value in fact.arguments}
            schedule, zone = given.get("schedule"), given.get("timezone")
            cron = read_cron(schedule.value) if isinstance(schedule, ast.Text) else None
            if cron is not None and isinstance(schedule, ast.Text):
                name = "UTC" if zone is None else zone.value if isinstance(zone, ast.Text) else None
                yield CronTrigger(flow, schedule, cron, name)

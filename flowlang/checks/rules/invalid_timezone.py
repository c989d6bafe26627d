"""The name of a time zone that does not exist."""

from __future__ import annotations

from flowlang.semantics.suggest import did_you_mean
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import CallFact

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("timezone", "time.parts", "time.format", "time.parse", "time.start_of")


def check(node: ast.FlowDecl | ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each literal `timezone` of a trigger or a function of the standard library."""
    if isinstance(node, ast.FlowDecl):
        for trigger in node.triggers:
            yield from _argument(look.facts.annotations.get(id(trigger)), look)
    else:
        yield from _argument(look.facts.calls.get(id(node)), look)


def _argument(fact: CallFact | None, look: Look) -> Iterator[Diagnostic]:
    if fact is None or not fact.signature.file.startswith("stdlib/"):
        return
    for param, value in fact.arguments:
        if param.name == "timezone" and isinstance(value, ast.Text) and value.value != "UTC":
            from flowlang.checks.zones import is_zone, zone_names

            if not is_zone(value.value):
                help = did_you_mean(value.value, zone_names()) or "names look like 'Europe/Berlin'"
                yield look.found(f"there is no time zone `{value.value}`", value, help)

"""What starts a flow, where another tool's name for it is read: `request`, `payload`, `event` and the like."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.suggest import closest
from flowlang.syntax import ast
from flowlang.types.assign import field_of
from flowlang.types.model import RecordOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference

    Advice = tuple[str, tuple[Fix, ...]]

_ELSEWHERE: Final = frozenset(
    "request req event data payload body message msg trigger webhook cron context ctx input inputs params args query "
    "headers json time github github_event dag_run execution record".split()
)
_CARRIERS: Final = {"event": "data", "webhook": "json"}
"""Of each trigger, the field that holds what was sent."""


def is_of_trigger(c: Inference, node: ast.Name) -> bool:
    """Report an unknown name that may mean what started the flow around it; whether it may."""
    help, fixes = _arrived(c, node) or ("", ())
    if help:
        c.reporter.report("unknown-name", f"nothing here is called `{node.name}`", node, help, fixes=fixes)
    return bool(help)


def _arrived(c: Inference, node: ast.Name) -> Advice | None:
    """What to write for an unknown name in a flow that has a trigger, if it may mean what started that."""
    flow = c.file.tree.item_at(node.start)
    if node.name not in _ELSEWHERE or not isinstance(flow, ast.FlowDecl) or not flow.triggers:
        return None
    within = next((each for each in flow.triggers if each.start <= node.start < each.end), None)
    trigger = (within or flow.triggers[0]).name.name
    signature = c.catalog.trigger(trigger)
    given = signature.result if signature is not None else None
    if not isinstance(given, RecordOf) or (within is not None and node.name == trigger):
        return None
    if within is None:
        if c.catalog.is_module(node.name) or (node.name != trigger and closest(node.name, c.visible_names())):
            return None
        shown = f"{trigger}.{_CARRIERS.get(trigger, given.fields[0].name)}"
        return (
            f"a flow sees its parameters only; its trigger gives them: `on {trigger}(…) with {{ name: {shown} }}`",
            (),
        )
    if field_of(given, node.name) is not None:
        ours = f"{trigger}.{node.name}"
        return f"write `{ours}`", (Fix(f"write `{ours}`", (Edit(c.reporter.span(node), ours),), safe=False),)
    listed = ", ".join(f"`{trigger}.{each.name}`" for each in given.fields)
    return f"what arrived is read as {listed}", ()


def carried(c: Inference, node: ast.Attribute) -> Advice | None:
    """What to write for a field that a trigger does not give: what was sent has it, or is called so elsewhere."""
    symbol = c.facts.symbols.get(id(node.value))
    inner = _CARRIERS.get(symbol.name) if symbol is not None and symbol.kind == "trigger" else None
    if symbol is None or inner is None:
        return None
    if node.name.name in _ELSEWHERE:
        fix = Fix(f"write `{inner}`", (Edit(c.reporter.span(node.name), inner),), safe=False)
        return f"it is called `{inner}` here", (fix,)
    ours = f"{inner}.{node.name.name}"
    fix = Fix(f"write `{ours}`", (Edit(c.reporter.span(node.name), ours),), safe=False)
    return f"in what was sent it is `{symbol.name}.{ours}`", (fix,)

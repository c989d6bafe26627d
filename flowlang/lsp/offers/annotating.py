"""Behind an `@`: the annotations that may stand on what is below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.lsp.offers.desk import Kind
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.cursor import Probe
    from flowlang.lsp.offers.desk import Desk, Item

_BLOCKS: Final = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)


def annotation_names(desk: Desk) -> Iterator[Item]:
    """The annotations that what stands below may carry, without those it has."""
    found = desk.found
    targets, given = _annotated(found) if found is not None else (set(), set())
    if not targets:
        is_inside = any(kind == "{" for kind, _ in desk.cursor.open)
        targets = {"step", "block"} if is_inside else {"flow", "service", "action", "function", "type"}
    for name in desk.catalog.annotations():
        signature = desk.catalog.annotation(name)
        if signature is not None and name not in given and not targets.isdisjoint(signature.targets):
            yield desk.signature(signature, name, Kind.Property)


def _annotated(found: Probe) -> tuple[set[str], set[str]]:
    """What the annotation at the word stands on, and the others there."""
    if len(found.chain) < 3 or not isinstance(found.chain[-2], ast.Annotation):
        return set(), set()
    node = found.chain[-3]
    given = {each.name.name for each in getattr(node, "annotations", ())}
    match node:
        case ast.Step(value=value) | ast.Do(value=value):
            return {"block" if isinstance(value, _BLOCKS) else "step"}, given
        case ast.FlowDecl():
            return {"flow"}, given
        case ast.ServiceDecl():
            return {"service"}, given
        case ast.ActionDecl():
            return {"action"}, given
        case ast.FunctionDecl():
            return {"function"}, given
        case ast.TypeDecl():
            return {"type"}, given
        case ast.Field():
            return {"config"}, given
        case _:
            return set(), set()

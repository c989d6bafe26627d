"""Inlay hints: types that are not written, and the retry and timeout of a call that come from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.policies import InForce, steps
from flowlang.syntax import ast
from flowlang.types.model import Any as AnyType
from flowlang.types.model import NoneType
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

LONGEST = 40
"""Characters of a type that is shown; a longer one is seen by hovering."""


def inlay_hints(project: Project, params: types.InlayHintParams) -> list[types.InlayHint]:
    """The hints in a part of a file."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    first, last = params.range.start.line, params.range.end.line
    found = []
    for item in snapshot.file.tree.items:
        place = snapshot.range(item)
        if place.start.line > last or place.end.line < first:
            continue
        found += [*_types(snapshot, item)]
        if isinstance(item, ast.FlowDecl):
            found += [*_policies(snapshot, item)]
    shown = [each for each in found if first <= each.position.line <= last]
    return sorted(shown, key=lambda each: (each.position.line, each.position.character))


def _types(snapshot: Snapshot, item: ast.Item) -> Iterator[types.InlayHint]:
    """The type of each step and let that does not say it, where it says more than the value does."""
    waiting: list[object] = [item]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Step, ast.Let)) and node.type is None:
            of = snapshot.facts.types.get(id(node.value))
            if of is not None and not isinstance(of, (AnyType, NoneType)):
                shown = show(of)
                if len(shown) <= LONGEST and not isinstance(node.value, (ast.Literal, ast.Text, ast.Duration)):
                    yield types.InlayHint(
                        position=snapshot.range(node.name).end,
                        label=f": {shown}",
                        kind=types.InlayHintKind.Type,
                    )
        if isinstance(node, tuple):
            waiting.extend(node)


def _policies(snapshot: Snapshot, flow: ast.FlowDecl) -> Iterator[types.InlayHint]:
    """What holds for a call by its service, block, flow or the language."""
    in_force = InForce(snapshot)
    for chain in steps(flow):
        shown = [
            line.short
            for line in in_force.of_call(chain)
            if line.sentence.startswith(("retry", "no retry", "timeout")) and line.origin not in ("step", "default")
        ]
        if shown:
            at = snapshot.range(chain[-1].value).end  # type: ignore[attr-defined]
            yield types.InlayHint(position=at, label=", ".join(shown), padding_left=True)


FEATURES = (Feature(types.TEXT_DOCUMENT_INLAY_HINT, inlay_hints),)

"""Above each flow: run it, show its graph; above what can be used: how often it is. And the graph itself."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import ITEMS, words
from flowlang.lsp.planned import plan_of
from flowlang.render import plan_dot, plan_mermaid
from flowlang.syntax import ast

if TYPE_CHECKING:
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

RUN, SHOW = "flowlang.run", "flowlang.showGraph"
"""Commands that the client carries out, with a URI and the name of a flow."""


def code_lenses(project: Project, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of a file."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    names = {item.name.name for item in snapshot.file.tree.items if isinstance(item, ITEMS)}
    uses = _uses(snapshot, snapshot.path, names)
    for path in project.dependents(snapshot.path):
        document = project.open.get(path)  # texts are closed on another thread
        if document is not None and any(name in document.text for name in names):
            uses += _uses(project.look(path), snapshot.path, names)
    lenses = []
    for item in snapshot.file.tree.items:
        if not isinstance(item, ITEMS):
            continue
        at = snapshot.range(item.name)
        commands = []
        if isinstance(item, ast.FlowDecl):
            arguments = [snapshot.uri, item.name.name]
            commands = [
                types.Command(title="Run", command=RUN, arguments=arguments),
                types.Command(title="Show graph", command=SHOW, arguments=arguments),
            ]
        count = uses["item", snapshot.path, item.name.name]
        # Without a command it is a text: no client has to know one of ours.
        commands.append(types.Command(title=f"{count} use{'' if count == 1 else 's'} in open files", command=""))
        lenses += [types.CodeLens(range=at, command=command) for command in commands]
    return lenses


def _uses(snapshot: Snapshot, path: str, names: set[str]) -> Counter[tuple[object, ...]]:
    """How often a file refers to each of the things that another, or itself, declares."""
    targets = ((word, word.target.place) for word in words(snapshot, names))
    return Counter(
        word.target.key
        for word, place in targets
        if snapshot.path != path or place is None or place.file != path or place.start != word.start
    )


def graph(project: Project, params: Any) -> dict[str, str] | None:
    """`flowlang/graph`: a flow's graph, the first one's where none is named; null where the file has errors."""
    document = getattr(params, "textDocument", None) or getattr(params, "text_document", None)
    uri, name = getattr(document, "uri", None), getattr(params, "flow", None)
    if not isinstance(uri, str):
        return None
    snapshot = project.snapshot(uri)
    items = snapshot.file.tree.items if snapshot.file is not None else ()
    flows = [item.name.name for item in items if isinstance(item, ast.FlowDecl)]
    if not flows or (name is not None and name not in flows):
        return None
    plan = plan_of(snapshot, name or flows[0])
    if plan is None:
        return None
    return {"mermaid": plan_mermaid.render(plan), "dot": plan_dot.render(plan)}


FEATURES = (
    Feature(types.TEXT_DOCUMENT_CODE_LENS, code_lenses),
    Feature("flowlang/graph", graph),
)

"""Above each flow: run it, show its graph; above what can be used: how often it is. And the graph itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from flowlang.compiler.lower import LoweringError, lower
from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import ITEMS, words
from flowlang.plan.errors import PlanError
from flowlang.render import plan_dot, plan_mermaid
from flowlang.syntax import ast

if TYPE_CHECKING:
    from flowlang.lsp.project import Project

RUN, SHOW = "flowlang.run", "flowlang.showGraph"
"""Commands that the client carries out, with a URI and the name of a flow."""


def code_lenses(project: Project, params: types.CodeLensParams) -> list[types.CodeLens]:
    """The lenses of a file."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    uses: dict[object, int] = {}
    names = {item.name.name for item in snapshot.file.tree.items if isinstance(item, ITEMS)}
    for word in words(snapshot, names):
        place = word.target.place
        if place is None or place.file != snapshot.path or place.start != word.start:
            uses[word.target.key] = uses.get(word.target.key, 0) + 1
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
        count = uses.get(("item", snapshot.path, item.name.name), 0)
        # Without a command it is a text: no client has to know one of ours.
        commands.append(types.Command(title=f"{count} use{'' if count == 1 else 's'} in this file", command=""))
        lenses += [types.CodeLens(range=at, command=command) for command in commands]
    return lenses


def graph(project: Project, params: Any) -> dict[str, str] | None:
    """`flowlang/graph`: a flow's graph, the first one's where none is named; null where the file has errors."""
    document = getattr(params, "textDocument", None) or getattr(params, "text_document", None)
    uri, name = getattr(document, "uri", None), getattr(params, "flow", None)
    if not isinstance(uri, str):
        return None
    snapshot = project.snapshot(uri)
    if snapshot.file is None or any(each.severity == "error" for each in snapshot.program.diagnostics):
        return None
    flows = [item.name.name for item in snapshot.file.tree.items if isinstance(item, ast.FlowDecl)]
    if not flows or (name is not None and name not in flows):
        return None
    try:
        plan = lower(snapshot.program, name or flows[0])
    except (LoweringError, PlanError):
        return None
    return {"mermaid": plan_mermaid.render(plan), "dot": plan_dot.render(plan)}


FEATURES = (
    Feature(types.TEXT_DOCUMENT_CODE_LENS, code_lenses),
    Feature("flowlang/graph", graph),
)

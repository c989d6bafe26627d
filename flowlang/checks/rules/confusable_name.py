"""Two names of a scope that differ in case or underscores only."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(node: ast.FlowDecl | ast.Body, look: Look) -> Iterator[Diagnostic]:
    """Each step, let and parameter that reads like another of the same scope."""
    seen: dict[str, ast.Ident] = {}
    names = [param.name for param in node.params] if isinstance(node, ast.FlowDecl) else []
    body = node.body if isinstance(node, ast.FlowDecl) else node
    names += [each.name for each in body.statements if type(each) is ast.Step or type(each) is ast.Let]
    if len(names) < 2:
        return
    for name in names:
        earlier = seen.setdefault(name.name.replace("_", "").lower(), name)
        if earlier.name != name.name:
            related = (look.related(f"`{earlier.name}` is here", earlier),)
            message = f"`{name.name}` and `{earlier.name}` differ in case or underscores only"
            yield look.found(message, name, "give one of them another name", related)

"""Two names of a scope that differ in case or underscores only."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(node: ast.File | ast.FlowDecl | ast.Body, look: Look) -> Iterator[Diagnostic]:
    """Each step, let, parameter, value of the configuration and field that reads like another of the same scope."""
    for names in _groups(node):
        yield from _alike(names, look)


def _groups(node: ast.File | ast.FlowDecl | ast.Body) -> Iterator[list[ast.Ident]]:
    if isinstance(node, ast.File):
        for item in node.items:
            if isinstance(item, ast.Config):
                yield [field.name for field in item.fields]
            elif isinstance(item, ast.TypeDecl) and isinstance(item.type, ast.RecordType):
                yield [field.name for field in item.type.fields]
        return
    names = [param.name for param in node.params] if isinstance(node, ast.FlowDecl) else []
    body = node.body if isinstance(node, ast.FlowDecl) else node
    yield [*names, *(each.name for each in body.statements if type(each) is ast.Step or type(each) is ast.Let)]


def _alike(names: list[ast.Ident], look: Look) -> Iterator[Diagnostic]:
    seen: dict[str, ast.Ident] = {}
    for name in names if len(names) > 1 else ():
        earlier = seen.setdefault(name.name.replace("_", "").lower(), name)
        if earlier.name != name.name:
            related = (look.related(f"`{earlier.name}` is here", earlier),)
            message = f"`{name.name}` and `{earlier.name}` differ in case or underscores only"
            yield look.found(message, name, "give one of them another name", related)

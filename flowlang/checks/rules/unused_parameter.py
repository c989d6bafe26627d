"""A parameter of a flow or function that nothing reads."""

from __future__ import annotations

from flowlang.checks.uses import is_in_hole
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each parameter that the body does not name; of a native or Python function the body is not known."""
    for item in file.items:
        if isinstance(item, ast.FlowDecl):
            if not item.body.statements:
                continue
        elif not isinstance(item, ast.FunctionDecl) or isinstance(item.body, (ast.Native, ast.PythonBody)):
            continue
        for param in item.params:
            name = param.name.name
            if id(param) in look.facts.used or name.startswith("_") or look.is_broken(item):
                continue
            if isinstance(item, ast.FlowDecl) and _is_incomplete(item.body):
                break
            if is_in_hole(look, name, item):
                continue
            what = "flow" if isinstance(item, ast.FlowDecl) else "function"
            yield look.found(f"{what} `{item.name.name}` does not use its parameter `{name}`", param.name, _HELP)


_HELP = "leave it out, or begin its name with `_` if callers need it"


def _is_incomplete(body: ast.Body) -> bool:
    return any(isinstance(statement, ast.Broken) for statement in body.statements)

"""A result of type `any`: of a call that a step names, or of a flow. Off until asked for."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.model import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "info"
SCOPE = "statement"


def check(node: ast.Step | ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    """A step that calls something and has no type to check the answer against, or a flow that gives `any`."""
    if look.is_broken(node):
        return
    if isinstance(node, ast.FlowDecl):
        if node.result is not None and isinstance(look.facts.type_exprs.get(id(node.result)), Any):
            yield look.found(
                f"the result of flow `{node.name.name}` is untyped: who calls it knows nothing about it",
                node.result,
                "say what it gives: a declared type, or the fields that are read",
            )
    elif node.type is None and id(node) in look.facts.effects and _is_untyped(node, look):
        yield look.found(
            f"`{node.name.name}` is untyped: what it holds is neither checked here nor when it arrives",
            node.name,
            f"say its type: `step {node.name.name}: T = …`",
        )


def _is_untyped(step: ast.Step, look: Look) -> bool:
    key = id(step.value)
    return isinstance(look.facts.coercions.get(key, look.facts.types.get(key)), Any)

"""Where a value comes from, for the related place of a finding."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Related
    from flowlang.semantics.infer.engine import Inference


def where_from(c: Inference, node: ast.Expr | ast.Block) -> tuple[Related, ...]:
    """The declaration of the name that an expression begins with."""
    while isinstance(node, (ast.Attribute, ast.Index, ast.Slice, ast.Filter)):
        node = node.value
    if not isinstance(node, ast.Name):
        return ()
    binding = c.scope.find(node.name)
    if (
        binding is None
        or binding.symbol.node is None
        or binding.symbol.kind in ("config", "module", "file", "trigger", "result")
    ):
        return ()
    declared = binding.symbol.node
    at = getattr(declared, "type", None) or getattr(declared, "name", None) or declared
    if not isinstance(at, ast.Node):
        return ()
    return (c.reporter.related(f"`{node.name}` comes from here", at),)

"""Values that are turned into JSON text where the value itself is wanted: `json=json.dumps(x)`, for findings only."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.around import path_to
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference

_ENCODERS: Final = frozenset("dumps dump stringify tojson to_json toJSON jsonencode json_encode".split())


def encoded(node: ast.Expr) -> ast.Expr | None:
    """The value that an expression writes as JSON text; null if it is anything else."""
    if isinstance(node, ast.Filter):
        return node.value if node.name.name in _ENCODERS else None
    if not isinstance(node, ast.Call) or not node.arguments or node.arguments[0].name is not None:
        return None
    callee = node.callee.name if isinstance(node.callee, (ast.Name, ast.Attribute)) else ""
    name = callee.name if isinstance(callee, ast.Ident) else callee
    return node.arguments[0].value if name in _ENCODERS else None


def infer_encoded(c: Inference, node: ast.Expr) -> None:
    """Look into such an expression; that nothing is called like what encodes it is no mistake of its own."""
    before, missing = len(c.reporter.found), set(c.missing)
    c.infer(node)
    if isinstance(node, ast.Call) and isinstance(node.callee, ast.Attribute):
        c.missing.difference_update({c.text(node.callee.value)} - missing)  # told where it is needed
    callee = node.callee if isinstance(node, ast.Call) else node.name if isinstance(node, ast.Filter) else node
    found = c.reporter.found[before:]
    c.reporter.found[before:] = [
        each for each in found if not callee.start <= each.span.start < each.span.end <= callee.end
    ]


def as_itself(c: Inference, call: ast.Call | None) -> tuple[str, tuple[Fix, ...]] | None:
    """What is said of such a call in the argument `json` of another; null if it stands elsewhere."""
    inner = None if call is None else encoded(call)
    if call is None or inner is None:
        return None
    above = path_to(c.file.tree, call)[-2:-1]
    if not any(isinstance(each, ast.Argument) and each.name and each.name.name == "json" for each in above):
        return None
    written = c.file.source.text[inner.start : inner.end]
    fix = Fix("write the value itself", (Edit(Span(c.file.path, call.start, call.end), written),), safe=False)
    return "`json=` takes the value itself, and encodes it", (fix,)

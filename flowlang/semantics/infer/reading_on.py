"""How a field is read of a value that may be none, so that what stands around takes it: for findings only."""

from __future__ import annotations

from flowlang.semantics.infer.around import path_to
from flowlang.semantics.operators import kind_of
from flowlang.syntax import ast
from flowlang.types.members import Member, member
from flowlang.types.narrow import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_DEFAULTS: Final = {
    "int": "0", "float": "0", "text": "''", "list": "[]", "map": "{}", "bool": "false", "duration": "0s",
}  # fmt: skip
_EQUALS: Final = frozenset(("==", "!="))


def read_on(c: Inference, node: ast.Expr, of: Type) -> str:
    """`lead?.id` for `lead.id`, with a default where none is no better; `of`: what the value is if it is not none."""
    above = path_to(c.file.tree, node) or [node]  # a document template stands in no tree of a file
    ours, at = c.text(node), len(above) - 1
    while at and isinstance(attribute := above[at - 1], ast.Attribute) and attribute.value is above[at]:
        found = member(of, attribute.name.name)
        if not isinstance(found, Member):
            break
        ours, of, at = f"{ours}?.{attribute.name.name}", without_none(found.type), at - 1
    if not at or not _wants_value(above[at - 1], above[at]):
        return ours
    kind = "text" if isinstance(above[at - 1], ast.Template) else kind_of(of)
    ours = f"{ours} | default({_DEFAULTS.get(kind, '…')})"
    return f"({ours})" if isinstance(above[at - 1], (ast.Unary, ast.Index, ast.Slice)) else ours


def _wants_value(around: ast.Node, node: ast.Node) -> bool:
    """Whether what stands around a value takes no none."""
    match around:
        case ast.Compare():
            return any(link.operator not in _EQUALS for link in around.rest)
        case ast.Comparison():
            return around.operator not in _EQUALS
        case ast.Unary():
            return around.operator != "not"
        case ast.Filter():
            return around.value is node and around.name.name != "default"
        case ast.For() | ast.Comprehension():
            return around.iterable is node
    return isinstance(around, (ast.Template, ast.Binary, ast.Index, ast.Slice))

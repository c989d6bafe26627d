"""What is known of an expression that reads from values: whether it can be none or absent at all.

A key of a map and an index of a list may be absent whatever their type says; a field of a record without `?` and the
value of a step that runs may not.
"""

from __future__ import annotations

from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.assign import is_optional
from flowlang.types.join import members
from flowlang.types.model import SECRET_ANY, Any, Never, RecordOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.types.model import Type


def is_always_there(look: Look, node: ast.Expr) -> bool:
    """Whether an expression is certainly not none, and nothing that it reads can be absent."""
    of = look.facts.types.get(id(node))
    if of is None or of is POISON or is_optional(of) or any(_is_untyped(m) for m in members(of)):
        return False
    while not isinstance(node, ast.Name):
        if not isinstance(node, ast.Attribute):
            return isinstance(node, (ast.Text, ast.Template, ast.Duration, ast.List, ast.Map))
        holder = look.facts.types.get(id(node.value))
        if holder is None:  # a value of the configuration, or of another file
            return isinstance(node.value, ast.Name)
        if not all(isinstance(m, RecordOf) for m in members(holder)):
            return False
        node = node.value
    return id(node) not in look.facts.doubtful


def _is_untyped(of: Type) -> bool:
    return isinstance(of, (Any, Never)) or of == SECRET_ANY

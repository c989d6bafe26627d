"""`ensure` as plan data: conditions, messages, and which earlier conditions each one stands on.

Semantics types an `ensure` under the earlier ones. One that reads a path with a narrower type than an earlier
condition saw was narrowed by that condition: it is not evaluated when that one was false, and all others are reported
together.
"""

from __future__ import annotations

from flowlang.plan.nodes import Check
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.compiler.lower.expressions import Expressions
    from flowlang.source import Source
    from flowlang.types.model import Type


class Checks:
    """Lowers the `ensure` clauses of one step, or the preconditions of a flow."""

    def __init__(self, expressions: Expressions, source: Source) -> None:
        self.expressions = expressions
        self.source = source

    def lower(self, ensures: list[ast.Ensure]) -> tuple[Check, ...]:
        """Lower them in their order."""
        first_types = [self._first_types(ensure.condition) for ensure in ensures]
        return tuple(
            Check(
                condition=self.expressions.lower(ensure.condition),
                message=self.expressions.maybe(ensure.message),
                text=" ".join(self.source.text[ensure.condition.start : ensure.condition.end].split()),
                needs=tuple(j for j in range(i) if self._is_narrowed(ensure, first_types[j])),
            )
            for i, ensure in enumerate(ensures)
        )

    def _first_types(self, condition: ast.Expr) -> dict[str, Type]:
        """The paths of a condition with the type each has where it is first read."""
        found: dict[str, Type] = {}
        for path, node in _paths(condition):
            found.setdefault(path, self.expressions.type_of(node))
        return found

    def _is_narrowed(self, ensure: ast.Ensure, earlier: dict[str, Type]) -> bool:
        parts = [ensure.condition] + ([ensure.message] if ensure.message is not None else [])
        return any(
            path in earlier and self.expressions.type_of(node) != earlier[path]
            for part in parts
            for path, node in _paths(part)
        )


def _paths(expr: ast.Expr) -> Iterator[tuple[str, ast.Expr]]:
    """Yield each path of names, fields and constant indexes in an expression, prefixes too, as they are written."""
    for node in _expressions(expr):
        path = _path(node)
        if path:
            yield path, node


def _path(node: ast.Expr) -> str:
    match node:
        case ast.Name(name=name):
            return name
        case ast.Attribute(value=value, name=name):
            base = _path(value)
            return f"{base}.{name.name}" if base else ""
        case ast.Index(value=value, index=ast.Literal(value=key) | ast.Text(value=key)):
            base = _path(value)
            return f"{base}[{key!r}]" if base else ""
    return ""


def _expressions(node: ast.Node) -> Iterator[ast.Expr]:
    """Yield every expression of a tree, in the order of the source."""
    pending: list[object] = [node]
    while pending:
        at = pending.pop()
        if isinstance(at, tuple) and not isinstance(at, ast.Node):
            pending.extend(reversed(at))
        elif isinstance(at, ast.Node):
            yield at  # type: ignore[misc]
            pending.extend(getattr(at, field) for field in reversed(type(at)._fields[2:]))

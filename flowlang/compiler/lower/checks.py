"""`ensure` as plan data: conditions, messages, and which earlier conditions each one stands on.

Semantics types an `ensure` under the earlier ones. One that reads a path with a narrower type than an earlier
condition saw was narrowed by that condition: it is not evaluated when that one was false, and all others are reported
together.
"""

from __future__ import annotations

from flowlang.plan.nodes import Check
from flowlang.syntax import ast
from flowlang.types.members import member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        seen: list[dict[str, Type]] = []
        found = []
        for ensure in ensures:
            seen.append(self._first_types(ensure))
            found.append(
                Check(
                    condition=self.expressions.lower(ensure.condition),
                    message=self.expressions.maybe(ensure.message),
                    text=" ".join(self.source.text[ensure.condition.start : ensure.condition.end].split()),
                    needs=self._needs(ensure, seen),
                )
            )
        return tuple(found)

    def _first_types(self, ensure: ast.Ensure) -> dict[str, Type]:
        """The paths of a condition with the type each has where it is first read: as known before the condition."""
        found: dict[str, Type] = {}
        for path, node in _paths(ensure.condition):
            found.setdefault(path, self.expressions.type_of(node))
        return found

    def _needs(self, ensure: ast.Ensure, seen: list[dict[str, Type]]) -> tuple[int, ...]:
        """The earlier conditions between which and the next to read a path its type changed."""
        parts = [ensure.condition] + ([ensure.message] if ensure.message is not None else [])
        read = list(_paths(*parts))
        bases = {id(node.value) for _, node in read if isinstance(node, ast.Attribute | ast.Index)}
        needed: set[int] = set()
        for path, node in read:
            if isinstance(node, ast.Attribute):
                of, key = self.expressions.type_of(node.value), node.name.name
                needed |= _changes(seen, _path(node.value), of, lambda of, key=key: member(of, key))  # type: ignore[misc]
            elif id(node) not in bases:
                needed |= _changes(seen, path, self.expressions.type_of(node), lambda of: of)
        return tuple(sorted(needed))


def _changes(seen: list[dict[str, Type]], path: str, now: Type, part: Callable[[Type], object]) -> set[int]:
    """The earlier conditions after which the type of a path, or the part of it that is read, is another one."""
    observed = [(i, types[path]) for i, types in enumerate(seen[:-1]) if path in types]
    following = [of for _, of in observed[1:]] + [now]
    return {i for (i, before), after in zip(observed, following, strict=False) if part(before) != part(after)}


def _paths(*expressions: ast.Expr) -> Iterator[tuple[str, ast.Expr]]:
    """Yield each path of names, fields and constant indexes in expressions, prefixes too, as they are written."""
    for expr in expressions:
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

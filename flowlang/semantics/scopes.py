"""Scopes: what a name means where it stands.

A scope is made per body, comprehension and declaration; no scope shadows an enclosing one, only siblings may repeat a
name. Types and presence are filled in when the declaration has been inferred, and scopes are walked so that it has
been before it is used.
"""

from __future__ import annotations

from flowlang.semantics.presence import TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.semantics.facts import Symbol
    from flowlang.semantics.presence import Formula
    from flowlang.syntax import ast
    from flowlang.types.model import Type


class Binding:
    """A name with what is found out about it.

    `type` is that of a value that is there; null until inferred. `presence`: the condition under which it is.
    `value`: what a let stands for. `skips`: the `when` that may leave it out, for messages. `path`: what narrowing
    calls it: its name, or the path that a let is another name for.
    """

    __slots__ = ("path", "presence", "skips", "symbol", "type", "value")

    def __init__(self, symbol: Symbol, type: Type | None = None) -> None:
        self.symbol = symbol
        self.type = type
        self.presence: Formula = TRUE
        self.skips: ast.When | None = None
        self.value: ast.Expr | None = None
        self.path: tuple[object, ...] = (symbol.name,)


class Scope:
    """Names declared together, inside those of `parent`."""

    __slots__ = ("names", "parent")

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent
        self.names: dict[str, Binding] = {}

    def find(self, name: str) -> Binding | None:
        """What a name means here, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def visible(self) -> Iterator[str]:
        """Every name that means something here."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.parent

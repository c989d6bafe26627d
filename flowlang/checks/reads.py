"""What an expression reads: the names in it, and whether it changes from one round of a loop to the next."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look


def names_in(node: ast.Expr) -> Iterator[ast.Name]:
    """Every name that an expression holds, those of callees too."""
    pending: list[object] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name):
            yield part
        elif isinstance(part, tuple):
            pending.extend(part)


def varies_with(node: ast.Expr, loop: ast.For | ast.Repeat, look: Look) -> bool:
    """Whether an expression reads a name that the loop declares: its item, or a step or `let` in its body."""
    for name in names_in(node):
        symbol = look.facts.symbols.get(id(name))
        if symbol is None:
            return True  # a mistake, or a name of a comprehension: leave it alone
        if (
            symbol.file == look.file.path
            and symbol.node is not None
            and symbol.kind in ("step", "let", "loop", "round", "error")
        ):
            declared = symbol.node.start
            if loop.start <= declared < loop.end or symbol.node is loop:
                return True
    return False

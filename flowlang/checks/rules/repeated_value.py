"""A value that stands twice in a list in which each counts once."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("catch", "accept=[", "on=[", " in [")


def check(node: ast.File | ast.Catch | ast.Call | ast.Compare, look: Look) -> Iterator[Diagnostic]:
    """Each kind of failure in `on` and of a `catch`, status of `accept` and literal behind `in` that the list has
    already.
    """
    if isinstance(node, ast.File):
        for given in given_in(look, "retry"):
            yield from _repeated(given.written.get("on"), look)
    elif isinstance(node, ast.Catch):
        yield from _found(node.kinds, look)
    elif isinstance(node, ast.Compare):
        for link in node.rest:
            if link.operator in ("in", "not in"):
                yield from _repeated(link.operand, look)
    else:
        fact = look.facts.calls.get(id(node))
        for param, value in () if fact is None else fact.arguments:
            if param.name == "accept":
                yield from _repeated(value, look)


def _repeated(value: ast.Node | None, look: Look) -> Iterator[Diagnostic]:
    if isinstance(value, ast.List):
        yield from _found(value.items, look)


def _found(items: tuple[ast.Node, ...], look: Look) -> Iterator[Diagnostic]:
    seen: dict[object, ast.Node] = {}
    before = None
    for item in items:
        value = _value(item)
        first = item if value is None else seen.setdefault(value, item)
        if first is not item and before is not None:
            edit = Edit(Span(look.file.path, before.end, item.end), "")
            fixes = () if "#" in look.file.source.text[before.end : item.start] else (Fix("leave it out", (edit,)),)
            yield look.found(
                "this stands in the list already",
                item,
                "leave it out",
                (look.related("the first is here", first),),
                fixes,
            )
        before = item


def _value(item: ast.Node) -> object:
    """What makes an item the same as another; null where that is not known."""
    if isinstance(item, ast.Ident):
        return item.name
    if isinstance(item, (ast.Literal, ast.Text)) and item.value is not None:
        return type(item.value), item.value
    return None

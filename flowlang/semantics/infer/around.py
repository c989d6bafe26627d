"""What stands around a node, found by walking the file: for findings only, where time does not matter."""

from __future__ import annotations

from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Inner(Record):
    """A name declared inside a block, a loop or a handler, and the statement or comprehension that it stays in."""

    __slots__ = ()

    name: ast.Ident
    kind: str  # 'step', 'loop', 'round' or 'error'
    holder: ast.Node


def path_to(root: ast.Node, node: ast.Node) -> list[ast.Node]:
    """The nodes from a root down to a node of its tree, both included; empty if it is not there."""
    if root is node:
        return [root]
    for part in _parts(root):
        if part.start <= node.start and node.end <= part.end:
            found = path_to(part, node)
            if found:
                return [root, *found]
    return []


def named_so(tree: ast.File, node: ast.Name) -> Iterator[int]:
    """The ids of the lets and steps in the item around a use that have its name: one of them was meant."""
    pending: list[Any] = [tree.item_at(node.start)]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Let, ast.Step)) and part.name.name == node.name:
            yield id(part)
        if isinstance(part, tuple):
            pending.extend(part)


def inner_name(tree: ast.File, node: ast.Name) -> Inner | None:
    """The declaration of a name that ends before a use of it, in the same item: what the use was meant to see."""
    item = next((each for each in tree.items if each.start <= node.start and node.end <= each.end), None)
    if item is None:
        return None
    found: Inner | None = None
    for each in _inner(item, None):
        if each.name.name == node.name and each.name.start < node.start:
            found = each
    return found


def inner_step(tree: ast.File, name: ast.Ident) -> ast.Ident | None:
    """The name of the step of a block, in the item around a name, that is called so."""
    item = tree.item_at(name.start)
    found = [] if item is None else [each for each in _inner(item, None) if each.kind == "step"]
    return next((each.name for each in found if each.name.name == name.name), None)


def unnamed_catch(tree: ast.File, node: ast.Name) -> ast.Catch | None:
    """The handler around a use that gives the error it catches no name."""
    around = [each for each in path_to(tree, node) if isinstance(each, ast.Catch)]
    return around[-1] if around and around[-1].binding is None else None


def _inner(node: ast.Node, statement: ast.Node | None) -> Iterator[Inner]:
    for part in _parts(node):
        match part:
            case ast.For(names=names):
                yield from (Inner(name, "loop", statement or part) for name in names)
            case ast.Comprehension(names=names):
                yield from (Inner(name, "loop", part) for name in names)
            case ast.Repeat(name=name):
                yield Inner(name, "round", statement or part)
            case ast.Catch(binding=ast.Ident() as name):
                yield Inner(name, "error", part)
            case ast.Step() | ast.Let() if statement is not None:
                yield Inner(part.name, "step", statement)
        yield from _inner(part, part if isinstance(part, (ast.Step, ast.Do)) else statement)


def _fields(node: Any) -> tuple[object, ...]:
    """A node as the tuple that it is."""
    return tuple(node)


def given_by_environment(tree: ast.File, node: ast.Node) -> str:
    """What to say of what reads the environment in a default of the configuration; '' anywhere else."""
    fields = [each for each in path_to(tree, node)[1:3] if isinstance(each, ast.Field)]
    is_of_config = isinstance(tree.item_at(node.start), ast.Config)
    return (
        f"leave the default out: the environment gives the value, as `FLOW_{fields[0].name.name.upper()}`"
        if is_of_config and fields
        else ""
    )


def is_broken(node: ast.Node) -> bool:
    """Whether something in a node did not parse."""
    return isinstance(node, ast.BrokenExpr) or any(map(is_broken, _parts(node)))


def _parts(node: ast.Node) -> Iterator[ast.Node]:
    """The nodes right inside a node, in source order."""
    for part in _fields(node):
        if isinstance(part, ast.Node):
            yield part
        elif isinstance(part, tuple):
            for each in part:
                if isinstance(each, ast.Node):
                    yield each

"""What is declared by a name that is no expression of its own, such as one in a text: for findings only."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.assign import field_of
from flowlang.types.model import RecordOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.types.model import Type


def type_of_path(look: Look, near: ast.Node, path: str) -> Type | None:
    """The type of a name and the fields behind it, as they are declared in the item around a node; null if unknown."""
    name, *fields = path.split(".")
    if name == "config" and fields:
        found = _of_config(look, fields.pop(0))
    else:
        found = _of_name(look, look.whole.tree.item_at(near.start), name)
    for each in fields:
        field = field_of(found, each) if isinstance(found, RecordOf) else None
        found = field.type if field is not None else None
    return found


def _of_config(look: Look, name: str) -> Type | None:
    blocks = [each for each in look.whole.tree.items if isinstance(each, ast.Config)]
    typed = [each.type for block in blocks for each in block.fields if each.name.name == name]
    return look.facts.type_exprs.get(id(typed[0])) if typed else None


def _of_name(look: Look, item: ast.Node | None, name: str) -> Type | None:
    """Of a parameter, a step or a `let`; nothing if several are called so."""
    found: list[Type | None] = []
    pending: list[object] = [item]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Param, ast.Step, ast.Let)) and part.name.name == name:
            of = look.facts.type_exprs.get(id(part.type)) if part.type is not None else None
            value = getattr(part, "value", None)
            found.append(of or look.facts.types.get(id(value)))
        if isinstance(part, tuple):
            pending.extend(part)
    return found[0] if len(found) == 1 else None

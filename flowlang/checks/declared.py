"""What is declared by a name that is no expression of its own, such as one in a text: for findings only."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.assign import field_of, is_optional
from flowlang.types.join import optional
from flowlang.types.model import RecordOf
from flowlang.types.narrow import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.types.model import Type


def type_of_path(look: Look, near: ast.Node, path: str) -> Type | None:
    """The type of a name and the fields behind it, as they are declared in the item around a node; null if unknown.

    Optional if what it goes through is: then the path gives no value, whatever stands at its end.
    """
    name, *fields = path.split(".")
    if name == "config" and fields:
        found = _of_config(look, fields.pop(0))
    else:
        found = _of_name(look, look.whole.tree.item_at(near.start), name)
    may_be_none = False
    for each in fields:
        may_be_none = may_be_none or (found is not None and is_optional(found))
        record = without_none(found) if found is not None else None
        field = field_of(record, each) if isinstance(record, RecordOf) else None
        found = field.type if field is not None else None
    return optional(found) if found is not None and may_be_none else found


def _of_config(look: Look, name: str) -> Type | None:
    blocks = [each for each in look.whole.tree.items if isinstance(each, ast.Config)]
    typed = [each.type for block in blocks for each in block.fields if each.name.name == name]
    return look.facts.type_exprs.get(id(typed[0])) if typed else None


def may_not_run(look: Look, near: ast.Node, name: str) -> bool:
    """Whether a name in the item around a node is that of a step with `when`."""
    return any(_has_when(each) for each in _declaring(look.whole.tree.item_at(near.start), name))


def _of_name(look: Look, item: ast.Node | None, name: str) -> Type | None:
    """Of a parameter, a step or a `let`; nothing if several are called so. A step with `when` may have no value."""
    found = _declaring(item, name)
    if len(found) != 1:
        return None
    (part,) = found
    of = look.facts.type_exprs.get(id(part.type)) if part.type is not None else None
    of = of or look.facts.types.get(id(getattr(part, "value", None)))
    return optional(of) if of is not None and _has_when(part) else of


def _declaring(item: ast.Node | None, name: str) -> list[ast.Param | ast.Step | ast.Let]:
    found: list[ast.Param | ast.Step | ast.Let] = []
    pending: list[object] = [item]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Param, ast.Step, ast.Let)) and part.name.name == name:
            found.append(part)
        if isinstance(part, tuple):
            pending.extend(part)
    return found


def _has_when(part: ast.Node) -> bool:
    return isinstance(part, ast.Step) and any(isinstance(each, ast.When) for each in part.clauses)

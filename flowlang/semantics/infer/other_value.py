"""Whether `none` may be the other value of an `if` without `else`: the parser offers it, types decide.

Where a type is declared for the value, none is offered if that admits it. Where none is, it is offered to who takes the
risk, for what refers to the value may not admit it; but only where nothing is done with the value there. In a hole of a
text `''` is offered instead, which no url begins with.
"""

from __future__ import annotations

from flowlang.semantics.infer.around import path_to
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.assign import assignable
from flowlang.types.model import NONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_HOLDING: Final = (ast.List, ast.Map, ast.Entry, ast.Conditional)
_TAKING: Final = (ast.Let, ast.Step, ast.Yield, ast.Return)


def note_other_value(c: Inference, node: ast.Conditional, lack: ast.BrokenExpr, target: Type | None) -> None:
    """Note of a conditional without `else` whether none may be its other value, where some type is wanted or any is."""
    if target is None or target is POISON:
        answer = _where_any_is_wanted(node, path_to(c.file.tree, node)[:-1])
    else:
        answer = "safe" if assignable(NONE, target).ok else "no"
    known = c.facts.other_values.get(id(lack))
    if known is None or known[2] != "no":
        c.facts.other_values[id(lack)] = c.file.path, lack, answer


def refuse_other_value(c: Inference, hole: ast.BrokenExpr) -> None:
    """Note that nothing may not be the other value in a hole."""
    c.facts.other_values[id(hole)] = c.file.path, hole, "no"


def _where_any_is_wanted(node: ast.Node, path: list[ast.Node]) -> str:
    for around in reversed(path):
        if isinstance(around, _TAKING):
            return "unsafe"
        if not isinstance(around, _HOLDING) or (isinstance(around, ast.Conditional) and around.condition is node):
            return "no"
        node = around
    return "no"

"""A `case` that names no literal: values as other languages part them, and what the subject can never be."""

from __future__ import annotations

from flowlang.diagnostics import Fix
from flowlang.diagnostics.model import Edit
from flowlang.semantics.infer.narrowing import literal_of
from flowlang.semantics.infer.operations import overlap
from flowlang.semantics.report import POISON
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_CONDITION = "a `case` has no condition, it names values: conditions are `if c { … } else if d { … } else { … }`"


def check_case_expression(c: Inference, node: ast.Match, value: ast.Expr, subject: Type, found: Type) -> None:
    """Report `case 'a' or 'b'`, which is always `'a'`, and a value that the subject can never be."""
    if POISON in (subject, found):
        return
    alternatives = _alternatives(value)
    if alternatives:
        first, second = (c.text(each) for each in (alternatives[0], alternatives[-1]))
        message = f"`{c.text(value)}` is {first}, and never {second}"
        _report(c, value, message, alternatives)
    elif not overlap(subject, found):
        values = value.items if isinstance(value, ast.List) else ()
        never = c.text(value) if values else show(found)
        _report(c, value, f"`{c.text(node.subject)}` is {show(subject)} and never {never}", values)


def _alternatives(value: ast.Expr) -> tuple[ast.Expr, ...]:
    """The literals that `or` joins; none if anything else is among them."""
    if not isinstance(value, ast.Logic) or value.operator != "or" or literal_of(value.right) is None:
        return ()
    first = (value.left,) if literal_of(value.left) is not None else _alternatives(value.left)
    return (*first, value.right) if first else ()


def _report(c: Inference, value: ast.Expr, message: str, values: tuple[ast.Expr, ...]) -> None:
    help = _CONDITION
    fixes: tuple[Fix, ...] = ()
    if values:
        written = ", ".join(c.file.source.text[each.start : each.end] for each in values)
        help = f"several values of a `case` are parted with commas: `case {written}`"
        fixes = (Fix(f"write `{written}`", (Edit(Span(c.file.path, value.start, value.end), written),), safe=False),)
    c.reporter.report("impossible-case", message, value, help, fixes=fixes)

"""What was meant by a name given to a filter as text: a field of the items, or a test that is a sign elsewhere. For
findings only.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.by_name import item_of
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.members import Member, Refusal, attribute
from flowlang.types.model import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.infer.engine import Inference

_TESTS: Final = {"==": "eq", "===": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_FIELD_TESTS: Final = {"select": "selectattr", "reject": "rejectattr"}


def explained(
    c: Inference, node: ast.Expr, given: dict[str, ast.Expr], value: ast.Text, found: Diagnostic
) -> Diagnostic:
    """The finding that there is no such filter or test, with what to write instead if a field or a sign tells that."""
    name = value.value
    if name in _TESTS:
        ours = f"'{_TESTS[name]}'"
        fix = Fix(f"write `{ours}`", (Edit(c.reporter.span(value), ours),))
        return found.replace(help=f"write `{ours}`", fixes=(fix,))
    item = item_of(c, given)
    is_known = not isinstance(item, Any)
    is_field = isinstance(attribute(item, name), Member) and name.isidentifier()
    if not is_known:  # then a name that is close is more likely
        is_field = is_field and (len(name) < 3 or not found.help.startswith("did you mean"))
    if not is_field or not isinstance(node, ast.Filter):
        return found.replace(fixes=()) if found.help.startswith("write `") else found
    ours, edit = _by_field(c, node, value)
    what = f"`{name}` is a field of the items: " if is_known else "for a field of the items "
    return found.replace(help=f"{what}write `{ours}`", fixes=(edit,))


def _by_field(c: Inference, node: ast.Filter, value: ast.Text) -> tuple[str, Fix]:
    """The filter that asks the field, as it is written, and the fix."""
    called = node.name.name
    if called in _FIELD_TESTS:
        other = _FIELD_TESTS[called]
        fix = Fix(f"write `{other}`", (Edit(c.reporter.span(node.name), other),), safe=False)
        return f"{other}('{value.value}')", fix
    edit = Edit(Span(c.file.path, value.start, value.start), "attribute=")
    return f"{called}(attribute='{value.value}')", Fix("write `attribute=`", (edit,), safe=False)


def misspelt(c: Inference, given: dict[str, ast.Expr], value: ast.Expr) -> str:
    """The fields that a misspelt one may be: the help."""
    if not isinstance(value, ast.Text):
        return ""
    answer = attribute(item_of(c, given), value.value)
    return c.reporter.near(value.value, answer.known) if isinstance(answer, Refusal) else ""

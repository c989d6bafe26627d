"""A text where a condition is meant."""

from __future__ import annotations

from flowlang.checks.conditions import parts
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


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each text that is a condition, or a part of one, and each `x == 'a' or 'b'`."""
    seen: set[int] = set()
    for node in look.facts.conditions.get(look.file.path, ()):
        if type(node) in _LOOKED_AT:
            for part in parts(node):
                if isinstance(part, (ast.Text, ast.Template)):
                    seen.add(id(part))
                    yield _found(part, node if isinstance(node, ast.Logic) else None, look)
    for each in look.facts.called.get(look.file.path, ()):
        if type(each) is not ast.Logic or not isinstance(each.left, ast.Compare):
            continue
        if isinstance(each.right, ast.Text) and id(each.right) not in seen:
            yield _found(each.right, each, look)


_LOOKED_AT = frozenset((ast.Text, ast.Template, ast.Logic, ast.Unary))


def _found(part: ast.Text | ast.Template, logic: ast.Logic | None, look: Look) -> Diagnostic:
    message = (
        "this text is always true" if not isinstance(part, ast.Text) or part.value else "this text is always false"
    )
    left = logic.left if logic is not None and logic.right is part else None
    if isinstance(left, ast.Compare) and len(left.rest) == 1 and left.rest[0].operator in ("==", "!="):
        text, link = look.file.source.text, left.rest[0]
        subject = text[left.first.start : left.first.end]
        values = f"[{text[link.operand.start : link.operand.end]}, {text[part.start : part.end]}]"
        written = f"{subject} {'in' if link.operator == '==' else 'not in'} {values}"
        fixes: tuple[Fix, ...] = ()
        if logic is not None:
            edit = Edit(Span(look.file.path, logic.start, logic.end), written)
            fixes = (Fix("compare with both", (edit,), safe=False),)
        return look.found(message, part, f"to compare with both write `{written}`", fixes=fixes)
    if isinstance(part, ast.Template) and len(part.parts) == 1 and not isinstance(part.parts[0], ast.TemplateText):
        inner = look.file.source.text[part.parts[0].start : part.parts[0].end]
        edit = Edit(Span(look.file.path, part.start, part.end), inner)
        return look.found(
            "a template is text, and any text but the empty one is true",
            part,
            f"write the bare expression: `{inner}`",
            fixes=(Fix("write the bare expression", (edit,), safe=False),),
        )
    return look.found(message, part, "a condition is a bool: compare with the text, or write `true`")

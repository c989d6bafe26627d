"""What the text of a value begins with, as far as it is written out: in place, or by a name that stands for one text or
for one of a few.
"""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.model import ANY, LiteralOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look


def beginning(look: Look, node: ast.Expr | ast.TemplateText) -> tuple[str, bool]:
    """The text, and whether it is all of it; of a name for one of a few texts, the first of these."""
    if isinstance(node, (ast.Text, ast.TemplateText)):
        return node.value, True
    if isinstance(node, ast.Template):
        return _joined(look, node.parts)
    if isinstance(node, ast.Binary) and node.operator in ("~", "+"):
        return _joined(look, (node.left, node.right))
    of = look.facts.types.get(id(node), ANY)
    known = [m.value for m in members(of) if isinstance(m, LiteralOf) and isinstance(m.value, str)]
    return (known[0], True) if known and len(known) == len(members(of)) else ("", False)


def _joined(look: Look, parts: tuple[ast.Expr | ast.TemplateText, ...]) -> tuple[str, bool]:
    text = ""
    for part in parts:
        more, is_whole = beginning(look, part)
        text += more
        if not is_whole:
            return text, False
    return text, True

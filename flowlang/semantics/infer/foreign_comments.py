"""Comments as other languages write them that are an operation to the parser: `a // hello`, and `-- 3` on a line of its
own. What stands before them is whole.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.chains import PURE, chain_head
from flowlang.semantics.suggest import closest
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.braces import begins_line
from flowlang.syntax.foreign_comments import HELP
from flowlang.syntax.sayings import line_is_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference


def before_comment(c: Inference, node: ast.Binary) -> ast.Expr | None:
    """Report the comment that an operation is to who wrote it; gives what stands before it, none if it is none.

    Lines of comment that follow one another are one mistake.
    """
    whole: ast.Expr = node
    said: ast.Expr = node
    signs: list[tuple[int, int]] = []
    while isinstance(whole, ast.Binary):
        sign = _sign(c, whole)
        if sign is None:
            break
        signs.insert(0, sign)
        said = whole.right
        whole = whole.left
    if not signs:
        return None
    text = c.file.source.text
    are_lines = all(begins_line(text, at) for at, _ in signs)
    fix = Fix("write `#`", tuple([Edit(Span(c.file.path, *each), "#") for each in signs]), are_lines)
    if isinstance(said, ast.Name):
        c.reporter.report("unknown-name", f"nothing here is called `{said.name}`", said, HELP, fixes=(fix,))
    else:
        message = f"`{text[slice(*signs[0])]}` begins no comment"
        c.reporter.report("wrong-operand", message, Span(c.file.path, *signs[0]), HELP, fixes=(fix,))
    head = chain_head(whole)
    if head is not None and c.pure_place is PURE:
        c.head = id(head)
    return whole


def _sign(c: Inference, node: ast.Binary) -> tuple[int, int] | None:
    """Where the sign of a comment stands between the operands; none if it is an operator."""
    text = c.file.source.text
    between = text[node.left.end : node.right.start]
    if "#" in between:
        return None
    at = node.left.end + len(between) - len(between.lstrip(" \t\r\n)"))
    end = at + len(node.operator)
    right, is_first = node.right, begins_line(text, at)
    if node.operator == "-":
        if not isinstance(right, ast.Unary) or right.operator != "-" or right.start != end:
            return None
        return (at, end + 1) if is_first or _is_word(c, right.operand, is_first) else None
    if node.operator not in ("//", "%") or (node.operator == "%" and not is_first):
        return None
    return (at, end) if _is_word(c, right, is_first) else None


def _is_word(c: Inference, said: ast.Expr, is_first: bool) -> bool:
    """Whether a name that ends its line means nothing; behind code it is not close to one either."""
    if not isinstance(said, ast.Name) or c.scope.find(said.name) is not None:
        return False
    text = c.file.source.text
    if not line_is_over(text, said.end) or text[said.end : said.end + 80].lstrip(" \t").startswith("#"):
        return False
    return is_first or not closest(said.name, c.visible_names())

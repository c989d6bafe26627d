"""A filter or operator that binds otherwise than it looks."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.operators import kind_of
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(node: ast.Binary | ast.Conditional | ast.Unary | ast.Compare, look: Look) -> Iterator[Diagnostic]:
    """Each `a + b | f` that means `a + (b | f)`, though `(a + b) | f` would do too, and what is alike."""
    if look.is_broken(node):
        return
    match node:
        case ast.Binary(operator="**"):
            yield from _power(node, look)
        case ast.Binary(right=ast.Filter() as right):
            if not _is_wrapped(node.left, right, look) and _could_be_both(node.left, right, look):
                yield _found(node, right, f"only `{_text(look, _inner(right))}`", look)
        case ast.Conditional(otherwise=ast.Filter() as right):
            if isinstance(_inner(right), _LITERALS) and not _is_wrapped(node.condition, right, look):
                yield _found(node, right, "only what stands behind `else`", look)
        case ast.Unary(operator="not", operand=ast.Compare() | ast.Test() as operand):
            yield from _negated(node, operand, look)
        case ast.Compare(rest=rest) if len(rest) > 1:
            words = {link.operator for link in rest}
            if not (words <= {"<", "<="} or words <= {">", ">="} or words == {"=="}):
                links = " and ".join(f"`… {link.operator} …`" for link in rest)
                message = f"this chain means {links} of neighbours"
                yield look.found(message, node, "join two comparisons with `and`, or set parentheses")


_LITERALS = (ast.Literal, ast.Text, ast.Template, ast.List, ast.Map, ast.Duration)


def _power(node: ast.Binary, look: Look) -> Iterator[Diagnostic]:
    """`-2 ** 2` is 4 and `2 ** 3 ** 2` is 64, as in Jinja2; elsewhere they are -4 and 512."""
    left, text = node.left, look.file.source.text
    between = text[left.end : node.right.start]
    if ")" in between.partition("**")[0]:
        return
    if isinstance(left, ast.Unary) or (isinstance(left, ast.Binary) and left.operator == "**"):
        edits = (
            Edit(Span(look.file.path, left.start, left.start), "("),
            Edit(Span(look.file.path, left.end, left.end), ")"),
        )
        written = text[left.start : left.end]
        message = f"`**` takes `({written})` here: the sign binds tighter, and chains run from the left"
        fix = Fix("set the parentheses that it has", edits)
        yield look.found(message, node, f"write `({written}) ** …`, or set the parentheses that you mean", fixes=(fix,))


def _negated(node: ast.Unary, operand: ast.Compare | ast.Test, look: Look) -> Iterator[Diagnostic]:
    """`not a == b`, `not a in b` and `not a is none` without parentheses."""
    text = look.file.source.text
    if "(" in text[node.start : operand.start]:
        return
    if isinstance(operand, ast.Test):
        if operand.negated:
            return
        at = text.find("is", operand.value.end, operand.name.start)
        edit, written = Edit(Span(look.file.path, at, at + 2), "is not"), f"is not {operand.name.name}"
    else:
        link = operand.rest[0]
        opposite = _OPPOSITE.get(link.operator)
        if len(operand.rest) > 1 or opposite is None:
            return
        at = text.find(link.operator, operand.first.end, link.operand.start)
        edit, written = Edit(Span(look.file.path, at, at + len(link.operator)), opposite), opposite
    if at < 0:
        return
    edits = (Edit(Span(look.file.path, node.start, operand.start), ""), edit)
    message = "`not` negates the whole comparison here, not its left side"
    yield look.found(message, node, f"write it with `{written}`", fixes=(Fix(f"write `{written}`", edits),))


_OPPOSITE = {"==": "!=", "!=": "==", "in": "not in"}


def _found(node: ast.Expr, right: ast.Filter, what: str, look: Look) -> Diagnostic:
    edits = (
        Edit(Span(look.file.path, right.start, right.start), "("),
        Edit(Span(look.file.path, right.end, right.end), ")"),
    )
    return look.found(
        f"`| {right.name.name}` takes {what}: a filter binds tighter than what stands before",
        node,
        f"write `({_text(look, right)})`, or set the parentheses that you mean",
        fixes=(Fix("set the parentheses that it has", edits),),
    )


def _inner(node: ast.Filter) -> ast.Expr:
    value: ast.Expr = node
    while isinstance(value, ast.Filter):
        value = value.value
    return value


def _is_wrapped(left: ast.Expr, right: ast.Expr, look: Look) -> bool:
    """Whether a parenthesis stands before the right side."""
    return "(" in look.file.source.text[left.end : right.start]


def _could_be_both(left: ast.Expr, right: ast.Filter, look: Look) -> bool:
    """Whether the filter would take the whole as well: its value is of the kind that stands on the left."""
    first: ast.Expr = right
    while isinstance(first, ast.Filter):
        if first.name.name in ("default", "d"):
            return False
        first = first.value
    if isinstance(left, _LITERALS) or isinstance(first, _LITERALS):
        return False
    types = look.facts.types
    a, b = types.get(id(left)), types.get(id(first))
    if a is None or b is None:
        return False
    kinds = {kind_of(a), kind_of(b)}
    return len(kinds) == 1 or kinds == {"int", "float"}


def _text(look: Look, node: ast.Node) -> str:
    written = " ".join(look.file.source.text[node.start : node.end].split())
    return written if len(written) <= 40 else written[:37] + "…"

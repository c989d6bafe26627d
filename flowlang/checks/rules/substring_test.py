"""`in` with a text that was meant as a list."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.model import LiteralOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = (" in ",)


def check(node: ast.Compare, look: Look) -> Iterator[Diagnostic]:
    """Each `x in 'a, b'`, each `x in ('a')`, and each `in` between a text and one of a few known ones."""
    left = node.first
    for link in node.rest:
        right = link.operand
        if link.operator in ("in", "not in"):
            if isinstance(right, ast.Text) and not isinstance(left, ast.Text):
                words = _words(right, left, look)
                if words:
                    listed = "[" + ", ".join(f"'{word}'" for word in words) + "]"
                    edit = Edit(Span(look.file.path, *_with_parentheses(right, look)), listed)
                    yield look.found(
                        "`in` looks for a part of this text, not for one of several values",
                        right,
                        f"write a list: `{listed}`",
                        fixes=(Fix("write a list", (edit,), safe=False),),
                    )
            elif isinstance(left, ast.Text) and _is_enumerated(right, look):
                yield look.found(
                    "`in` looks for a part of the text, and the text is one of a few known ones",
                    node,
                    "compare with `==`, or with a list: `x in ['a', 'b']`",
                )
        left = right


def _words(right: ast.Text, left: ast.Expr, look: Look) -> list[str]:
    """The values that a text was meant to list; empty if it was not."""
    value = right.value.strip()
    is_list = value[:1] + value[-1:] in ("[]", "()", "{}") and len(value) > 2
    value = value[1:-1] if is_list else value
    for separator in (",", "|", ";"):
        if separator in value or is_list:
            words = [word.strip().strip("\"'") for word in value.split(separator)]
            is_clear = all(words) and not any("'" in word or "\\" in word or "\n" in word for word in words)
            return words if is_clear and (is_list or len(words) > 1) else []
    if "'" in value or "\\" in value or "\n" in value or not value:
        return []
    words = value.split()
    is_row = len(words) > 1 and value == value.lower() and value[-1] not in ".!?"
    if is_row or look.file.source.text[: right.start].endswith("(") or _is_enumerated(left, look):
        return words
    return []


def _with_parentheses(right: ast.Text, look: Look) -> tuple[int, int]:
    text = look.file.source.text
    if text[right.start - 1] == "(" and text[right.end : right.end + 1] == ")":
        return right.start - 1, right.end + 1
    return right.start, right.end


def _is_enumerated(node: ast.Expr, look: Look) -> bool:
    """Whether a value is one of a few literal texts."""
    of = look.facts.types.get(id(node))
    return of is not None and all(isinstance(m, LiteralOf) and m.kind == "string" for m in members(of))

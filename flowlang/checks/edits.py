"""Edits of annotations: one taken out, one of its arguments taken out, set or added. Comments stay where they are."""

from __future__ import annotations

from flowlang.diagnostics import Edit
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.syntax import ast


def without(look: Look, node: ast.Annotation) -> tuple[Edit, ...]:
    """Take an annotation out, with its line if it has one to itself."""
    text = look.file.source.text
    start, end = node.start, node.end
    if "#" in text[start:end]:
        return ()
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t\r":
        end += 1
    if (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n":
        return (Edit(Span(look.file.path, start, end + 1), ""),)
    return (Edit(Span(look.file.path, node.start, end), ""),)


def without_argument(look: Look, node: ast.Annotation, value: ast.Expr) -> tuple[Edit, ...]:
    """Take an argument out, with its comma, or with the parentheses if it is alone."""
    found = [i for i, each in enumerate(node.arguments) if each.value is value]
    if not found:
        return ()
    i, last = found[0], len(node.arguments) - 1
    if any(each.name is None for each in node.arguments[i + 1 :]):
        return ()  # the position of what follows would change
    if not last:
        start, end = node.name.end, node.end
    elif i:
        start, end = node.arguments[i - 1].end, node.arguments[i].end
    else:
        start, end = node.arguments[0].start, node.arguments[1].start
    if "#" in look.file.source.text[start:end]:
        return ()
    return (Edit(Span(look.file.path, start, end), ""),)


def with_argument(look: Look, node: ast.Annotation, name: str, text: str) -> tuple[Edit, ...]:
    """Give an argument a value, whether it has one or not."""
    for each in node.arguments:
        if each.name is not None and each.name.name == name:
            return (Edit(Span(look.file.path, each.value.start, each.value.end), text),)
    if not node.arguments:
        return (Edit(Span(look.file.path, node.name.end, node.end), f"({name}={text})"),)
    at = node.arguments[-1].end
    return (Edit(Span(look.file.path, at, at), f", {name}={text}"),)


def before(look: Look, node: ast.Node, line: str) -> tuple[Edit, ...]:
    """Add a line before the one that a node begins."""
    text = look.file.source.text
    start = text.rfind("\n", 0, node.start) + 1
    indent = text[start : node.start]
    if indent.strip():
        return ()
    return (Edit(Span(look.file.path, start, start), f"{indent}{line}\n"),)

"""Taking a node out of the text: with its line if it has one to itself, never with a comment or a doc."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.syntax import ast


def removal(look: Look, node: ast.Node, title: str, safe: bool = True) -> tuple[Fix, ...]:
    """The fix that takes a statement, an item or a field out; none if a comment would go with it."""
    text = look.file.source.text
    start, end = node.start, node.end
    doc: str = getattr(node, "doc", "")
    if "#" in text[start:end] or doc:
        return ()
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t\r":
        end += 1
    begins, ends = start == 0 or text[start - 1] == "\n", text[end : end + 1] in ("\n", "")
    if begins and ends:
        end = min(end + 1, len(text))
    elif text[end : end + 1] == ",":
        start, end = node.start, end + 1
        while text[end : end + 1] == " ":
            end += 1
    elif begins or not ends:
        start = node.start
    else:
        end = node.end
    return (Fix(title, (Edit(Span(look.file.path, start, end), ""),), safe),)

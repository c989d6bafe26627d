"""The fix of a suppression that hides nothing: without the rule, or without the comment if it names no other."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.source import Source


def without_rule(source: Source, comment: Span, number: int, count: int) -> Fix:
    """Take one of the names in a suppression out, with the comment if it is the only one."""
    if count == 1:
        return Fix("remove the `ignore`", (Edit(_whole(source, comment), ""),))
    names = _names(source.text, comment)
    start, end = names[number]
    if number < count - 1:
        end = names[number + 1][0]
    else:
        start = names[number - 1][1]
    name = source.text[slice(*names[number])]
    return Fix(f"remove `{name}`", (Edit(Span(comment.file, start, end), ""),))


def _names(text: str, comment: Span) -> list[tuple[int, int]]:
    """The places of the names in the brackets of a suppression."""
    start = text.index("[", comment.start) + 1
    places = []
    for part in text[start : _bracket_end(text, comment)].split(","):
        name = part.strip()
        if name:
            begin = start + part.index(name)
            places.append((begin, begin + len(name)))
        start += len(part) + 1
    return places


def _bracket_end(text: str, comment: Span) -> int:
    found = text.find("]", comment.start, comment.end)
    return found if found >= 0 else comment.end


def _whole(source: Source, comment: Span) -> Span:
    """A suppression up to a comment behind it, else with the blanks before it, or with a line that has nothing else."""
    text, start, end = source.text, comment.start, comment.end
    another = text.find("#", _bracket_end(text, comment), end)
    if another >= 0:
        return Span(comment.file, start, another)
    line = source.position(start).line
    begin = source.starts[line - 1]
    if not text[begin:start].strip():
        return Span(comment.file, begin, source.starts[line] if line < len(source.starts) else len(text))
    return Span(comment.file, begin + len(text[begin:start].rstrip()), end)

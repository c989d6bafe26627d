"""The canonical spelling, as `flowlang fmt` writes it: from the text alone, without waiting for a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.workspace import Unreadable
from flowlang.formatter import Unfaithful, format_source
from flowlang.lsp.edits import Hunk, applied, edit_of, edits_between, hunks
from flowlang.lsp.features import Feature, Refused
from flowlang.lsp.places import path_of
from flowlang.source import Source

if TYPE_CHECKING:
    from flowlang.lsp.project import Project


def formatting(project: Project, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that format a file; none at all where it has syntax errors."""
    source = _source(project, params.text_document.uri)
    formatted = _formatted(source)
    return None if formatted is None else edits_between(source, formatted)


def range_formatting(project: Project, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    """Those of the edits that format a file which touch some lines, and what they cannot be made without."""
    source = _source(project, params.text_document.uri)
    formatted = _formatted(source)
    if formatted is None:
        return None
    first, last = params.range.start.line, params.range.end.line
    if params.range.end.character == 0 and last > first:
        last -= 1  # a selection of whole lines ends at the beginning of the next
    found = hunks(source.text, formatted)
    touched = [number for number, each in enumerate(found) if _touches(source, each, first, last)]
    if not touched:
        return []
    return [edit_of(source, each) for each in _whole(source, formatted, found, touched[0], touched[-1] + 1)]


def _touches(source: Source, hunk: Hunk, first: int, last: int) -> bool:
    begin = source.position(hunk.start).line - 1
    end = source.position(max(hunk.start, hunk.end - 1)).line - 1
    return begin <= last and first <= end


def _whole(source: Source, formatted: str, found: list[Hunk], start: int, end: int) -> list[Hunk]:
    """Some hunks with as many around them as it takes to lose nothing: what moves goes and comes."""
    step = 0
    while start > 0 or end < len(found):
        below, above = max(0, start - step), min(len(found), end + step)
        for first, last in dict.fromkeys(((below, end), (start, above), (below, above))):
            if _says_all(source, formatted, found[first:last]):
                return found[first:last]
        start, end, step = below, above, max(1, step * 2)
    return found


def _says_all(source: Source, formatted: str, some: list[Hunk]) -> bool:
    """Whether after some hunks the rest of formatting gives what all of it would have: then nothing is lost."""
    try:
        return _formatted(Source(source.path, applied(source.text, some))) == formatted
    except Refused:
        return False


def _source(project: Project, uri: str) -> Source:
    path = path_of(uri)
    try:
        return Source(path, project.read(path))
    except Unreadable as error:
        raise Refused(f"`{path}` {error}") from error


def _formatted(source: Source) -> str | None:
    """The canonical spelling; none of a text with syntax errors."""
    try:
        formatted = format_source(source)
    except Unfaithful as error:
        raise Refused(
            f"left as it is: formatting would change what it means. This is a bug in flowlang: {error}"
        ) from error
    return formatted if isinstance(formatted, str) else None


FEATURES = (
    Feature(types.TEXT_DOCUMENT_FORMATTING, formatting, at_once=True),
    Feature(types.TEXT_DOCUMENT_RANGE_FORMATTING, range_formatting, at_once=True),
)

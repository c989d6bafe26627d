"""The canonical spelling, as `flowlang fmt` writes it: from the text alone, without waiting for a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.workspace import Unreadable
from flowlang.formatter import Unfaithful, format_source
from flowlang.lsp.edits import edits_between
from flowlang.lsp.features import Feature, Refused
from flowlang.lsp.places import path_of
from flowlang.source import Source

if TYPE_CHECKING:
    from flowlang.lsp.project import Project


def formatting(project: Project, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """The edits that format a file; none at all where it has syntax errors."""
    path = path_of(params.text_document.uri)
    try:
        source = Source(path, project.read(path))
        formatted = format_source(source)
    except Unreadable as error:
        raise Refused(f"`{path}` {error}") from error
    except Unfaithful as error:
        raise Refused(
            f"left as it is: formatting would change what it means. This is a bug in flowlang: {error}"
        ) from error
    return edits_between(source, formatted) if isinstance(formatted, str) else None


def range_formatting(project: Project, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    """Those of the edits that format a file which touch some lines."""
    first, last = params.range.start.line, params.range.end.line
    document = types.DocumentFormattingParams(text_document=params.text_document, options=params.options)
    found = formatting(project, document)
    return found and [each for each in found if each.range.start.line <= last and first <= each.range.end.line]


FEATURES = (
    Feature(types.TEXT_DOCUMENT_FORMATTING, formatting, at_once=True),
    Feature(types.TEXT_DOCUMENT_RANGE_FORMATTING, range_formatting, at_once=True),
)

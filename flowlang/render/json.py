"""Findings for machines: a contract.

Lines and columns count from 1, offsets are code points from 0, `end` is exclusive.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source, Span


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings as one JSON document; `files` is how many files were checked."""
    document = {"diagnostics": [to_json(found, sources) for found in diagnostics], "files": files}
    return json.dumps(document, indent=2) + "\n"


def to_json(found: Diagnostic, sources: Mapping[str, Source]) -> dict[str, object]:
    """Convert one finding to a JSON object."""
    return {
        "rule": found.rule,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        **_place(found.span, sources),
        "related": [{"message": r.message, **_place(r.span, sources)} for r in found.related],
        "fixes": [
            {
                "title": fix.title,
                "safe": fix.safe,
                "edits": [{**_place(edit.span, sources), "text": edit.text} for edit in fix.edits],
            }
            for fix in found.fixes
        ],
    }


def _place(span: Span, sources: Mapping[str, Source]) -> dict[str, object]:
    source = sources.get(span.file)
    return {"file": span.file, "start": _position(span.start, source), "end": _position(span.end, source)}


def _position(offset: int, source: Source | None) -> dict[str, int]:
    """A place in a file that could not be read is its beginning."""
    if source is None:
        return {"line": 1, "column": 1, "offset": offset}
    at = source.position(offset)
    return {"line": at.line, "column": at.column, "offset": offset}

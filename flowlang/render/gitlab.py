"""Findings as GitLab's code quality report."""

from __future__ import annotations

import json

from flowlang.render.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source

LEVELS: Final = {"error": "major", "warning": "minor", "info": "info"}


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings as one JSON list."""
    marks = fingerprints(diagnostics, sources)
    issues = [_issue(found, mark, sources) for found, mark in zip(diagnostics, marks, strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(found: Diagnostic, mark: str, sources: Mapping[str, Source]) -> dict[str, object]:
    source = sources.get(found.span.file)
    lines = {"begin": 1, "end": 1}
    if source is not None:
        last = max(found.span.start, found.span.end - 1)
        lines = {"begin": source.position(found.span.start).line, "end": source.position(last).line}
    return {
        "type": "issue",
        "check_name": found.rule,
        "description": found.message,
        "severity": LEVELS[found.severity],
        "fingerprint": mark,
        "location": {"path": found.span.file, "lines": lines},
    }

"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.

`::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`: `%`, line ends, and in properties `:` and `,`, are
percent-encoded. Columns are told only where a finding lies in one line.
"""

from __future__ import annotations

from flowlang.render.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source

LEVELS: Final = {"error": "error", "warning": "warning", "info": "notice"}


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings, each on its line."""
    return "".join([_line(found, sources.get(found.span.file)) for found in diagnostics])


def _line(found: Diagnostic, source: Source | None) -> str:
    place: dict[str, object] = {"file": found.span.file, "line": 1, "endLine": 1}
    if source is not None:
        start, end = source.position(found.span.start), source.position(max(found.span.start, found.span.end - 1))
        place |= {"line": start.line, "endLine": end.line}
        if start.line == end.line:
            place |= {"col": start.column, "endColumn": end.column + 1}
    place["title"] = f"flowlang ({found.rule})"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
    message = "\n".join([visible(found.message), *(f"help: {visible(line)}" for line in found.help.splitlines())])
    return f"::{LEVELS[found.severity]} {properties}::{_escape(message)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")

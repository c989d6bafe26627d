"""Findings one a line, as compilers print them: `file:line:column: severity[rule] message`."""

from __future__ import annotations

from flowlang.render.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> str:
    """Render findings, each on its line."""
    return "".join([_line(found, sources.get(found.span.file)) for found in diagnostics])


def _line(found: Diagnostic, source: Source | None) -> str:
    place = visible(found.span.file)
    if source is not None:
        at = source.position(found.span.start)
        place = f"{place}:{at.line}:{at.column}"
    return f"{place}: {found.severity}[{found.rule}] {visible(found.message)}\n"

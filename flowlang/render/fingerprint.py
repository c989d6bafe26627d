"""Marks by which a finding is known again when lines have moved: for SARIF and GitLab.

Made of the rule, the file, the message and the text at the place, counted where they repeat; never of a line number.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source


def fingerprints(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> list[str]:
    """One for each finding, in order, no two alike."""
    from flowlang.bundled import digest

    seen: dict[str, int] = {}
    marks = []
    for found in diagnostics:
        source = sources.get(found.span.file)
        text = "" if source is None else source.line(source.position(found.span.start).line).strip()
        parts = (found.span.file, found.rule, found.message, text)
        mark = digest(*(part.encode("utf-8", "surrogatepass") for part in parts))
        seen[mark] = count = seen.get(mark, 0) + 1
        marks.append(mark if count == 1 else digest(mark.encode(), b"%d" % count))
    return marks

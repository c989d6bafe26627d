"""Findings for people: a sentence, the source lines with the place underlined, related places, help.

Nothing of a source reaches the terminal raw; colour only when asked for. Long lines show the part around the finding,
findings over several lines their first and last line.
"""

from __future__ import annotations

from flowlang.render.visible import columns, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source, Span

BEFORE: Final = 60  # characters of a long line shown before the finding
SHOWN: Final = 140  # characters of a line shown at all
UNSAFE: Final = "needs --unsafe-fixes"
PLACES: Final = 12  # related places shown
COLOURS: Final = {"error": "1;31", "warning": "1;33", "info": "1;36", "frame": "34", "help": "1;32", "bold": "1"}


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], color: bool = False) -> str:
    """Render findings one after another, a blank line between them; empty without findings."""
    blocks = ["\n".join(_Page(sources, color).finding(found)) for found in diagnostics]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def summary(diagnostics: Iterable[Diagnostic], files: int) -> str:
    """Count what was found: `2 errors, 1 warning in 3 files`."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for found in diagnostics:
        counts[found.severity] += 1
    words = [plural(n, {"info": "note"}.get(severity, severity)) for severity, n in counts.items() if n]
    return f"{', '.join(words) or 'nothing found'} in {plural(files, 'file')}"


def fixable(diagnostics: Iterable[Diagnostic], files: Collection[str]) -> str:
    """Count what `check` can mend in some files: `2 with --fix, 1 more with --fix --unsafe-fixes`; empty where that is
    nothing.
    """
    from flowlang.diagnostics.fixing import fix_in

    found = [each for each in diagnostics if fix_in(files, each, unsafe=True)]
    safe = sum(fix_in(files, each, unsafe=False) is not None for each in found)
    more = len(found) - safe
    parts = [f"{safe} with --fix"] * bool(safe)
    parts += [f"{more}{' more' if safe else ''} with --fix --unsafe-fixes"] * bool(more)
    return f"can be fixed: {', '.join(parts)}" if parts else ""


def plural(count: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


class _Page:
    """The lines of one finding; the gutter is as wide as its longest line number."""

    def __init__(self, sources: Mapping[str, Source], color: bool) -> None:
        self.sources = sources
        self.color = color
        self.gutter = 1

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{COLOURS[style]}m{text}\x1b[0m" if self.color and text else text

    def frame(self, number: str, text: str) -> str:
        bar = self.paint(f"{number:>{self.gutter}} |", "frame")
        return f"{bar} {text}" if text else bar

    def finding(self, found: Diagnostic) -> list[str]:
        related = found.related[:PLACES]
        places = [found.span, *(r.span for r in related)]
        self.gutter = max(len(str(self._last_line(span))) for span in places)
        head = self.paint(f"{found.severity}[{found.rule}]", found.severity)
        lines = [f"{head}{self.paint(': ' + visible(found.message), 'bold')}"]
        lines += self._excerpt(found.span, "-->", "^", found.severity, "")
        for place in related:
            lines += self._excerpt(place.span, ":::", "-", "frame", place.message)
        if len(found.related) > PLACES:
            lines.append(self._note("note", f"and {plural(len(found.related) - PLACES, 'more place')}"))
        lines += [self._note("help", line) for line in found.help.splitlines()]
        lines += [self._note("fix", fix.title if fix.safe else f"{fix.title} ({UNSAFE})") for fix in found.fixes]
        return lines

    def _note(self, kind: str, text: str) -> str:
        return f"{' ' * self.gutter} {self.paint('=', 'frame')} {self.paint(kind + ':', 'help')} {visible(text)}"

    def _last_line(self, span: Span) -> int:
        source = self.sources.get(span.file)
        return 1 if source is None else source.position(max(span.start, span.end - 1)).line

    def _excerpt(self, span: Span, arrow: str, mark: str, style: str, message: str) -> list[str]:
        source = self.sources.get(span.file)
        lead = " " * self.gutter + self.paint(arrow, "frame")
        if source is None:
            return [f"{lead} {visible(span.file)}" + (f": {visible(message)}" if message else "")]
        first = source.position(span.start)
        last = source.position(max(span.start, span.end - 1))
        lines = [f"{lead} {visible(span.file)}:{first.line}:{first.column}", self.frame("", "")]
        text = source.line(first.line)
        if first.line == last.line:
            return lines + self._line(first.line, text, first.column, last.column, mark, style, message)
        lines += self._line(first.line, text, first.column, len(text), mark, style, "")
        if last.line > first.line + 1:
            lines.append(self.paint(f"{'...':>{self.gutter}}", "frame"))
        text = source.line(last.line)
        begin = len(text) - len(text.lstrip()) + 1
        return lines + self._line(last.line, text, min(begin, last.column), last.column, mark, style, message)

    def _line(self, number: int, text: str, first: int, last: int, mark: str, style: str, message: str) -> list[str]:
        """A source line and its underline; columns from 1, both inclusive."""
        cut = max(0, first - 1 - BEFORE) if len(text) > SHOWN else 0
        part = text[cut : cut + SHOWN]
        shown, widths = columns(part)
        start = first - 1 - cut
        before = sum(widths[:start])
        under = max(1, sum(widths[start : last - cut]))
        head, tail = "…" if cut else "", "…" if cut + SHOWN < len(text) else ""
        line = self.frame(str(number), (head + "".join(shown) + tail).rstrip())
        note = f" {visible(message)}" if message else ""
        return [line, self.frame("", " " * (len(head) + before) + self.paint(mark * under + note, style))]

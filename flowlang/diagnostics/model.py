"""What a finding is: a rule's name, a severity, a sentence, a place; help, related places and fixes beside it.

Messages stand alone and never tell the remedy; `help` does. A span is never empty and lies inside its file (the end of
the file is shown by its last character).
"""

from __future__ import annotations

from flowlang.record import Record
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    Severity = Literal["error", "warning", "info"]

SEVERITIES: Final = ("error", "warning", "info")


class Related(Record):
    """Another place that explains the finding: what requires it, where a value comes from, a hop of a cycle."""

    __slots__ = ()

    message: str
    span: Span


class Edit(Record):
    """Replace the text of a span."""

    __slots__ = ()

    span: Span
    text: str


class Fix(Record):
    """Edits that remove the finding; `safe` when they cannot change what the flow does."""

    __slots__ = ()

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Diagnostic(Record):
    """One finding."""

    __slots__ = ()

    rule: str
    severity: Severity
    message: str
    span: Span
    help: str = ""
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()


def sort_key(found: Diagnostic) -> tuple[str, int, int, str, str, int]:
    """Order of findings everywhere: file, place, rule, message; of one template, the call that renders it."""
    asked = found.related[-1].span.start if found.related else 0
    return (found.span.file, found.span.start, found.span.end, found.rule, found.message, asked)

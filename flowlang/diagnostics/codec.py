"""Findings back from JSON; to JSON they go by themselves, for records are tuples underneath."""

from __future__ import annotations

from flowlang.diagnostics.model import Diagnostic, Edit, Fix, Related
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def from_json(row: Any) -> Diagnostic:
    """Read one finding that `json.dumps` has written."""
    rule, severity, message, span, help, related, fixes = row
    return Diagnostic(
        rule,
        severity,
        message,
        Span(*span),
        help,
        tuple(Related(words, Span(*place)) for words, place in related),
        tuple(Fix(title, _edits(edits), safe) for title, edits, safe in fixes),
    )


def _edits(edits: Any) -> tuple[Edit, ...]:
    return tuple(Edit(Span(*span), text) for span, text in edits)

"""Findings as editors show them: the same rule, severity, sentence and place as `flowlang check` prints."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang import bundled
from flowlang.lsp.places import uri_of

if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic, Related
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.source import Span

SOURCE: Final = "flowlang"
_SEVERITIES: Final = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_UNNECESSARY: Final = frozenset(("unused-", "unreachable-", "useless-", "redundant-"))


def all_of(project: Project, snapshot: Snapshot) -> list[types.Diagnostic]:
    """The findings of a file, as far as they are known."""
    return [shown(snapshot, each) for each in project.uses.judged(snapshot)]


def of_imported(project: Project, snapshot: Snapshot) -> dict[str, list[types.Diagnostic]]:
    """The errors of each file that a file imports, at however many removes, and that is not open."""
    found = project.errors_beside(snapshot)
    return {path: [shown(snapshot, each) for each in errors] for path, errors in found.items()}


def shown(snapshot: Snapshot, found: Diagnostic) -> types.Diagnostic:
    """A finding of a file or one that it imports. Its places are those of the text, not of the tree."""
    return types.Diagnostic(
        range=_location(snapshot, found.span).range,
        severity=_SEVERITIES[found.severity],
        code=found.rule,
        code_description=_page(found.rule),
        source=SOURCE,
        message=f"{found.message}\n\n{found.help}" if found.help else found.message,
        related_information=[_related(snapshot, each) for each in found.related] or None,
        tags=[types.DiagnosticTag.Unnecessary] if is_about_the_unneeded(found.rule) else None,
    )


@cache
def _page(rule: str) -> types.CodeDescription | None:
    """Where the page of a rule is installed; none where that is in an archive."""
    path = bundled.path(f"docs/rules/{rule}.md")
    return None if path is None else types.CodeDescription(href=uri_of(path))


def is_about_the_unneeded(rule: str) -> bool:
    """Whether editors should show the place as greyed out."""
    return rule.startswith(tuple(_UNNECESSARY))


def _related(snapshot: Snapshot, related: Related) -> types.DiagnosticRelatedInformation:
    return types.DiagnosticRelatedInformation(location=_location(snapshot, related.span), message=related.message)


def _location(snapshot: Snapshot, place: Span) -> types.Location:
    if place.file != snapshot.path:
        return snapshot.location(place)
    return types.Location(uri=snapshot.uri, range=snapshot.text_range(place.start, place.end))

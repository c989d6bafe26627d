"""Findings for clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp import findings
from flowlang.lsp.features import Feature
from flowlang.lsp.places import uri_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot


def diagnostic(
    project: Project, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport | Generator[None, None, types.DocumentDiagnosticReport]:
    """The findings of one file, and beside them the errors of those that it imports."""
    snapshot = project.snapshot(params.text_document.uri)
    return _report(project, snapshot) if project.uses.is_settled(snapshot) else _settled(project, snapshot.uri)


def _settled(project: Project, uri: str) -> Generator[None, None, types.DocumentDiagnosticReport]:
    yield from project.uses.settle(project.snapshot(uri).path)
    return _report(project, project.snapshot(uri))


def _report(project: Project, snapshot: Snapshot) -> types.DocumentDiagnosticReport:
    related = {
        uri_of(path): types.FullDocumentDiagnosticReport(items=found)
        for path, found in _beside(project, snapshot).items()
    }
    return types.RelatedFullDocumentDiagnosticReport(
        items=findings.all_of(project, snapshot), related_documents=related or None
    )


def _beside(project: Project, snapshot: Snapshot) -> dict[str, list[types.Diagnostic]]:
    """What is found in imported files; nothing in those that no open file imports any more."""
    found = findings.of_imported(project, snapshot)
    told = project.related.setdefault(snapshot.path, set())
    told.update(found)
    gone = [path for path in told if path not in project.open and not _is_imported(project, path)]
    return {**{path: [] for path in gone}, **found}


def _is_imported(project: Project, path: str) -> bool:
    return any(path in project.look(other).program.files for other in project.dependents(path))


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        diagnostic,
        types.DiagnosticOptions(identifier="flowlang", inter_file_dependencies=True, workspace_diagnostics=False),
    ),
)

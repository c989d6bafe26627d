"""Findings for clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp import findings
from flowlang.lsp.features import Feature

if TYPE_CHECKING:
    from flowlang.lsp.project import Project


def diagnostic(project: Project, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The findings of one file."""
    snapshot = project.snapshot(params.text_document.uri)
    return types.RelatedFullDocumentDiagnosticReport(items=findings.all_of(snapshot))


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        diagnostic,
        types.DiagnosticOptions(identifier="flowlang", inter_file_dependencies=True, workspace_diagnostics=False),
    ),
)

"""Answers as a client can take them: plain texts where it shows no Markdown, edits with the versions of the texts that
they are for, findings of other files only where it takes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

_FENCE: Final = re.compile(r"^```\w*\n?", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\((?:\w+:|[./#])[^)\s]*\)")
"""A link, and no `list[string](min_length=1)`."""


def fitted(answer: Any, client: types.ClientCapabilities, versions: Mapping[str, int]) -> Any:
    """An answer as the client can take it. `versions`: those of the open texts when it was asked, by address."""
    document = client.text_document
    if _takes_versions(client):
        for each in answer if isinstance(answer, list) else (answer,):
            _give_versions(each if isinstance(each, types.WorkspaceEdit) else getattr(each, "edit", None), versions)
    if isinstance(answer, types.RelatedFullDocumentDiagnosticReport):
        if not takes_related(client):
            answer.related_documents = None
    elif isinstance(answer, types.Hover):
        hover = document.hover if document is not None else None
        if not _shows_markdown(hover.content_format if hover is not None else None):
            _make_plain((answer,), "contents")
    elif isinstance(answer, types.CompletionList):
        completion = document.completion if document is not None else None
        item = completion.completion_item if completion is not None else None
        if not _shows_markdown(item.documentation_format if item is not None else None):
            _make_plain(answer.items, "documentation")
    elif isinstance(answer, types.SignatureHelp):
        signing = document.signature_help if document is not None else None
        information = signing.signature_information if signing is not None else None
        if not _shows_markdown(information.documentation_format if information is not None else None):
            _make_plain(answer.signatures, "documentation")
            for signature in answer.signatures:
                _make_plain(signature.parameters or (), "documentation")
    return answer


def takes_related(client: types.ClientCapabilities) -> bool:
    """Whether who asks for the findings of a file takes those of others along."""
    asking = client.text_document.diagnostic if client.text_document is not None else None
    return asking is not None and bool(asking.related_document_support)


def _takes_versions(client: types.ClientCapabilities) -> bool:
    edit = client.workspace.workspace_edit if client.workspace is not None else None
    return edit is not None and bool(edit.document_changes)


def _give_versions(edit: Any, versions: Mapping[str, int]) -> None:
    """Say which version of each text an edit is for: one that has changed since is not edited in the wrong places."""
    if isinstance(edit, types.WorkspaceEdit) and edit.changes is not None:
        edit.document_changes = [
            types.TextDocumentEdit(
                text_document=types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=versions.get(uri)),
                edits=list(edits),
            )
            for uri, edits in edit.changes.items()
        ]
        edit.changes = None


def _shows_markdown(formats: Sequence[types.MarkupKind] | None) -> bool:
    return types.MarkupKind.Markdown in (formats or ())


def _make_plain(parts: Iterable[object], name: str) -> None:
    for part in parts:
        markup = getattr(part, name)
        if isinstance(markup, types.MarkupContent):
            text = _LINK.sub(r"\1", _FENCE.sub("", markup.value)).strip()
            # A documentation may be a mere text; that of a hover would again be Markdown.
            content = types.MarkupContent(kind=types.MarkupKind.PlainText, value=text)
            setattr(part, name, content if name == "contents" else text)

"""Answers for clients that show no Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

_FENCE: Final = re.compile(r"^```\w*\n?", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^]\n]+)\]\([^)\s]+\)")


def fitted(answer: Any, client: types.ClientCapabilities) -> Any:
    """An answer as the client can show it."""
    document = client.text_document
    if isinstance(answer, types.Hover):
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

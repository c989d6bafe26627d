"""The protocol as pygls speaks it, with the texts kept by our own project.

pygls would split texts at every character that Python's `splitlines` knows, the protocol at line ends only; our
`Source` is right, and the only converter. Positions are UTF-16, which every client must understand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from flowlang.lsp import places
from flowlang.lsp.places import path_of
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Generator

    from flowlang.lsp.server import Server


class Protocol(LanguageServerProtocol):
    """Keeps the open texts, and tells the server of changes."""

    _server: Server

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Answer a request that cannot be read, which would else be waited for for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                problem = JsonRpcInvalidParams(f"the parameters of {data['method']} are not what they should be")
                self._send_response(data["id"], error=problem.to_response_error())
            raise error

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Agree on UTF-16 before anything else."""
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = None
        return (yield from super().lsp_initialize(params))

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a text over from the disk."""
        document = params.text_document
        if document.language_id != "flow" and not document.uri.endswith(".flow"):
            return  # an editor may tell of its settings files too
        self._server.project.put(document.uri, document.version, document.text)
        self._server.changed(document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Make the changes to a text, one after another."""
        uri = params.text_document.uri
        known = self._server.project.open.get(path_of(uri))
        if known is None and not uri.endswith(".flow"):
            return
        text = "" if known is None else known.text
        for change in params.content_changes:
            text = changed(text, change)
        self._server.project.put(uri, params.text_document.version, text)
        self._server.changed(uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Give a text back to the disk."""
        self._server.closed(params.text_document.uri)


def changed(text: str, change: types.TextDocumentContentChangeEvent) -> str:
    """A text after one change: of a part of it, or all."""
    if not isinstance(change, types.TextDocumentContentChangePartial):
        return change.text
    source = Source("", text)
    start = places.offset(source, change.range.start)
    end = max(start, places.offset(source, change.range.end))
    return text[:start] + change.text + text[end:]

"""The protocol as pygls speaks it, with the texts kept by our own project.

pygls would split texts at every character that Python's `splitlines` knows, the protocol at line ends only; our
`Source` is right, and the only converter. Positions are UTF-16, which every client must understand.
"""

from __future__ import annotations

import json
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

    has_begun = False
    _source = Source("", "")
    """The text that was changed last."""

    def receive(self, content: bytes) -> None:
        """Do what a message asks for; whatever is wrong with it is logged."""
        try:
            data = json.loads(content)
            if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
                raise ValueError("it is no object of JSON-RPC 2.0")
            self.handle_message(self.structure_message(data))
        except (ValueError, RecursionError) as error:
            self._server.report_server_error(ValueError(f"a message is not understood: {error}"), JsonRpcException)
        except Exception as error:
            self._server.report_server_error(error, JsonRpcException)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Answer a request that cannot be read, which would else be waited for for ever."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            problem = f"the parameters of {data.get('method')} are not what they should be"
            if "method" in data and isinstance(data.get("id"), int | str):
                self._refuse(data["id"], JsonRpcInvalidParams.CODE, problem)
            raise JsonRpcInvalidParams(problem) from error

    def handle_message(self, message: Any) -> None:
        """Nothing is done before the handshake or after the shutdown; whoever asks is told so."""
        method, number = getattr(message, "method", None), getattr(message, "id", None)
        if method is None or method == types.EXIT:
            super().handle_message(message)
        elif self._shutdown:
            self._refuse(number, types.ErrorCodes.InvalidRequest, "the server has shut down")
        elif self.has_begun and method == types.INITIALIZE:
            self._refuse(number, types.ErrorCodes.InvalidRequest, "the server is initialized already")
        elif not self.has_begun and method != types.INITIALIZE:
            self._refuse(number, types.ErrorCodes.ServerNotInitialized, "the server is not initialized")
        else:
            super().handle_message(message)

    def _refuse(self, number: Any, code: int, reason: str) -> None:
        if number is not None:
            self._send_response(number, error=JsonRpcException(reason, code).to_response_error())

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Agree on UTF-16 before anything else."""
        self.has_begun = True
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = None
        if params.root_uri is not None and not places.is_uri(params.root_uri):
            params.root_uri = None
        params.workspace_folders = [each for each in params.workspace_folders or () if places.is_uri(each.uri)]
        return (yield from super().lsp_initialize(params))

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Take a text over from the disk."""
        document = params.text_document
        if document.language_id != "flow" and not document.uri.endswith(".flow"):
            return  # an editor may tell of its settings files too
        self._server.settle(document.uri)
        self._server.project.put(document.uri, document.version, taken(document.text))
        self._server.changed(document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Make the changes to a text, one after another. Parts of a text that nobody has told cannot be changed."""
        uri = params.text_document.uri
        known = self._server.project.open.get(path_of(uri))
        if known is None:
            return
        source = self._source if self._source.text is known.text else Source("", known.text)
        for change in params.content_changes:
            source = changed(source, change)
        self._source = source
        self._server.project.put(uri, params.text_document.version, source.text)
        self._server.changed(uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Give a text back to the disk."""
        uri = params.text_document.uri
        known = self._server.project.open.get(path_of(uri))
        if known is not None and uri in known.uris:
            self._server.closed(uri)


def taken(text: str) -> str:
    """A text as it is kept, place by place that of the editor: without a byte order mark, which is no part of a text,
    and with pairs whose halves came one after the other joined.
    """
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    return text if places.is_whole(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def changed(source: Source, change: types.TextDocumentContentChangeEvent) -> Source:
    """A text after one change: of a part of it, or all."""
    if not isinstance(change, types.TextDocumentContentChangePartial):
        return Source("", taken(change.text))
    ends = (change.range.start, change.range.end)
    if not source.text.isascii() and any(places.is_within_pair(source, place) for place in ends):
        source = Source("", places.halved(source.text))
    start, end = (places.offset(source, place) for place in ends)
    made = source.edited(start, max(start, end), change.text)
    text = taken(made.text)
    return made if text is made.text else Source("", text)

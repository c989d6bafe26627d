"""The server with the capabilities of real clients, by pytest-lsp; run by `test_editors`."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

URI = "file:///tmp/%F0%9F%98%80/a.flow"
TEXT = 'flow f(a: int) -> string {\n  let b = "😀 {{ a }} {{ nope }}"\n  return b\n}\n'
PROFILES = ["visual_studio_code", "neovim", "emacs"]


@pytest_lsp.fixture(
    params=PROFILES,
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "flowlang", "lsp"],
        server_env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    ),
)
async def client(request, lsp_client: LanguageClient) -> AsyncIterator[None]:  # type: ignore[no-untyped-def]
    """A session with one of the profiles."""

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(_: types.RegistrationParams) -> None:
        """It watches no files."""

    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=client_capabilities(request.param), root_uri="file:///tmp")
    )
    yield
    await lsp_client.shutdown_session()


def opened(client: LanguageClient) -> types.TextDocumentIdentifier:
    document = types.TextDocumentItem(uri=URI, language_id="flow", version=1, text=TEXT)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    return types.TextDocumentIdentifier(uri=URI)


async def test_findings(client: LanguageClient) -> None:
    """Told or asked for, as the client can."""
    document = opened(client)
    can_ask = client.capabilities.text_document is not None and client.capabilities.text_document.diagnostic
    if can_ask:
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(text_document=document))
        found = list(report.items)
    else:
        await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = list(client.diagnostics[URI])
    assert [each.code for each in found] == ["unknown-name"]
    assert found[0].range.start == types.Position(line=1, character=25)


async def test_rename_behind_an_emoji(client: LanguageClient) -> None:
    """In a text that parses, with a mistake of another kind in it."""
    document = opened(client)
    edit = await client.text_document_rename_async(
        types.RenameParams(text_document=document, position=types.Position(line=1, character=17), new_name="whole")
    )
    assert edit is not None
    assert edit.changes is not None
    places = [(each.range.start.line, each.range.start.character) for each in edit.changes[URI]]
    assert sorted(places) == [(0, 7), (1, 17)]

"""The server with the capabilities of real clients, by pytest-lsp; run by `test_editors`."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

# A project of its own: what others have in a folder for all may stand in the way of a renaming.
FOLDER = TemporaryDirectory(suffix="😀")
ROOT = Path(FOLDER.name).as_uri()
TEXT = 'flow f(a: int) -> string {\n  let b = "😀 {{ a }} {{ nope }}"\n  return b\n}\n'
AT_A = types.Position(line=1, character=17)
PROFILES = ["visual_studio_code", "neovim", "emacs"]


@pytest_lsp.fixture(
    params=PROFILES,
    scope="module",
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "flowlang", "lsp"],
        server_env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    ),
)
async def client(request, lsp_client: LanguageClient) -> AsyncIterator[None]:  # type: ignore[no-untyped-def]
    """A session with one of the profiles, for all tests: a server takes a second to start."""

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(_: types.RegistrationParams) -> None:
        """It watches no files."""

    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=client_capabilities(request.param), root_uri=ROOT)
    )
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def uri(request: pytest.FixtureRequest, client: LanguageClient) -> Iterator[str]:
    """Of a file of the test's own."""
    uri = f"{ROOT}/{request.node.originalname}.flow"
    yield uri
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))


def opened(client: LanguageClient, uri: str, text: str = TEXT) -> types.TextDocumentIdentifier:
    document = types.TextDocumentItem(uri=uri, language_id="flow", version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=document))
    return types.TextDocumentIdentifier(uri=uri)


async def test_findings(client: LanguageClient, uri: str) -> None:
    """Told or asked for, as the client can."""
    document = opened(client, uri)
    can_ask = client.capabilities.text_document is not None and client.capabilities.text_document.diagnostic
    if can_ask:
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(text_document=document))
        found = list(report.items)
    else:
        while uri not in client.diagnostics:
            await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = list(client.diagnostics[uri])
    assert [each.code for each in found] == ["unknown-name"]
    assert found[0].range.start == types.Position(line=1, character=25)


async def test_rename_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """In a text that parses, with a mistake of another kind in it."""
    document = opened(client, uri)
    edit = await client.text_document_rename_async(
        types.RenameParams(text_document=document, position=types.Position(line=1, character=17), new_name="whole")
    )
    assert edit is not None
    versioned = [each for each in edit.document_changes or () if isinstance(each, types.TextDocumentEdit)]
    edits = [each for document_edit in versioned for each in document_edit.edits] or (edit.changes or {})[uri]
    places = [(each.range.start.line, each.range.start.character) for each in edits]
    assert sorted(places) == [(0, 7), (1, 17)]


async def test_hover_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """The name of a parameter within a text."""
    document = opened(client, uri)
    hover = await client.text_document_hover_async(types.HoverParams(text_document=document, position=AT_A))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert "a: int" in hover.contents.value
    assert hover.range == types.Range(start=AT_A, end=types.Position(line=1, character=18))


async def test_completion_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """A filter within a text; what is inserted is what the client can insert."""
    document = opened(client, uri, TEXT.replace(" nope ", " a | "))
    found = await client.text_document_completion_async(
        types.CompletionParams(text_document=document, position=types.Position(line=1, character=29))
    )
    items = found.items if isinstance(found, types.CompletionList) else found
    assert items is not None
    assert "abs" in [each.label for each in items]


async def test_formatting_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """Only what is not as it should be is written anew."""
    document = opened(client, uri)
    everything = types.Range(start=types.Position(line=1, character=0), end=types.Position(line=2, character=0))
    change = types.TextDocumentContentChangePartial(range=everything, text='  let  b =  "😀 {{ a }}" ~  "é"\n')
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=2), content_changes=[change]
        )
    )
    edits = await client.text_document_formatting_async(
        types.DocumentFormattingParams(
            text_document=document, options=types.FormattingOptions(tab_size=2, insert_spaces=True)
        )
    )
    assert edits
    assert {each.range.start.line for each in edits} <= {1}


async def test_semantic_tokens_symbols_lenses_and_folds(client: LanguageClient, uri: str) -> None:
    """Every profile may ask."""
    document = opened(client, uri)
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(text_document=document))
    assert tokens is not None
    assert len(tokens.data) % 5 == 0
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=document))
    assert symbols is not None
    assert [each.name for each in symbols] == ["f"]
    assert await client.text_document_code_lens_async(types.CodeLensParams(text_document=document))
    assert await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=document))


async def test_a_definition_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """One place, or a list of them."""
    document = opened(client, uri)
    found = await client.text_document_definition_async(types.DefinitionParams(text_document=document, position=AT_A))
    assert found
    first = found[0] if isinstance(found, list) else found
    place = first.target_selection_range if isinstance(first, types.LocationLink) else first.range
    assert place.start == types.Position(line=0, character=7)


async def test_a_quick_fix_behind_an_emoji(client: LanguageClient, uri: str) -> None:
    """A misspelt name."""
    document = opened(
        client, uri, TEXT.replace("nope", "aa").replace("(a:", "(amount: int, a:").replace(" a ", " amuont ")
    )
    place = types.Position(line=1, character=18)
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=document,
            range=types.Range(start=place, end=place),
            context=types.CodeActionContext(diagnostics=[]),
        )
    )
    assert actions
    assert any(each.title.startswith("Write `amount`") for each in actions)

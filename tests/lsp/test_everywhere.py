"""Every request is answered at every place of a text, whole or broken, in some other text's places too."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import strategies as st
from lsprotocol import types

from flowlang.lsp.features import Refused
from tests.depth import law
from tests.laws.test_incremental import edited
from tests.lsp.asking import ANSWERS, Asked, _Params

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "examples").rglob("*.flow"))
AT_A_PLACE = [
    types.TEXT_DOCUMENT_HOVER,
    types.TEXT_DOCUMENT_DEFINITION,
    types.TEXT_DOCUMENT_TYPE_DEFINITION,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,
    types.TEXT_DOCUMENT_COMPLETION,
    types.TEXT_DOCUMENT_SIGNATURE_HELP,
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY,
    types.TEXT_DOCUMENT_PREPARE_RENAME,
]
OF_A_FILE = [
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
    types.TEXT_DOCUMENT_FOLDING_RANGE,
    types.TEXT_DOCUMENT_CODE_LENS,
    types.TEXT_DOCUMENT_DOCUMENT_LINK,
    types.TEXT_DOCUMENT_FORMATTING,
    types.TEXT_DOCUMENT_DIAGNOSTIC,
]


def ask_all(asked: Asked, methods: list[str], **more: object) -> None:
    for method in methods:
        try:
            asked.ask(method, **more)
        except Refused:
            assert method in (types.TEXT_DOCUMENT_PREPARE_RENAME, types.TEXT_DOCUMENT_FORMATTING)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_at_many_places(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    chance = random.Random(path.name)
    asked = Asked(text)
    for _ in range(40):
        asked.position = types.Position(chance.randrange(text.count("\n") + 3), chance.randrange(90))
        ask_all(asked, AT_A_PLACE)
    ask_all(asked, OF_A_FILE)


@law(st.integers(0, 2**32), usual=10, soak=300)
def test_after_edits_the_answers_are_those_of_a_fresh_start(seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in chance.sample(FILES, 2)]
    asked = Asked(texts[0])
    text = texts[0]
    for version in range(2, 7):
        text = edited(text, texts, chance)
        asked.project.put(asked.uri, version, text)
        fresh = Asked(text)
        asked.project.folders = fresh.project.folders = []  # what other files declare is found out a little at a time
        asked.position = fresh.position = types.Position(chance.randrange(text.count("\n") + 2), chance.randrange(60))
        for method in (*OF_A_FILE, *AT_A_PLACE):
            assert _answer(asked, method) == _answer(fresh, method), (seed, version, method, asked.position)


def _answer(asked: Asked, method: str) -> object:
    try:
        return asked.ask(method)
    except Refused as refused:
        return str(refused)


@pytest.mark.parametrize("text", ["", "\n", "\r\n", "😀", "\ufeffflow f() -> int {\n  return 1\n}\n", "\u2028", "\x00"])
def test_odd_texts(text: str) -> None:
    asked = Asked(text)
    for asked.position in (types.Position(0, 0), types.Position(0, 1), types.Position(5, 5)):
        ask_all(asked, AT_A_PLACE)
    ask_all(asked, OF_A_FILE)


def test_a_file_that_is_not_there() -> None:
    asked = Asked("")
    asked.document = types.TextDocumentIdentifier(uri="file:///nowhere/at/all.flow")
    ask_all(asked, AT_A_PLACE)
    ask_all(asked, OF_A_FILE)


def test_every_request_is_in_a_list_here() -> None:
    elsewhere = {
        types.TEXT_DOCUMENT_REFERENCES,
        types.TEXT_DOCUMENT_RENAME,
        types.WORKSPACE_SYMBOL,
        types.CALL_HIERARCHY_INCOMING_CALLS,
        types.CALL_HIERARCHY_OUTGOING_CALLS,
        types.TEXT_DOCUMENT_RANGE_FORMATTING,
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.TEXT_DOCUMENT_INLAY_HINT,
        types.TEXT_DOCUMENT_SELECTION_RANGE,
        "flowlang/graph",
    }
    assert set(ANSWERS) == {*AT_A_PLACE, *OF_A_FILE, *elsewhere}
    assert _Params

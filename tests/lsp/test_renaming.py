"""A rename makes every word that means a thing mean it still, and no other; or it is refused with the reason."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.compiler.workspace import LARGEST
from flowlang.lsp.features import Refused
from flowlang.lsp.features.renaming import RENAMED
from flowlang.lsp.meaning import words
from tests.lsp.asking import MARK, Asked
from tests.lsp.client import PULL, Client

ROOT = Path(__file__).resolve().parents[2]
CLEAN = sorted([*ROOT.glob("tests/corpus/clean/*.flow"), *ROOT.glob("examples/**/*.flow")])
CONTEXT = types.ReferenceContext(include_declaration=True)


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_fresh_name_is_never_wrong(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    text = path.read_text(encoding="utf-8")
    snapshot = Asked(text).project.snapshot("file://" + os.path.abspath("a.flow"))
    targets = {
        word.target.key: snapshot.to_text(word.start)
        for word in words(snapshot)
        if word.target.kind in RENAMED and not word.target.is_library and word.target.name != "config"
    }
    chance = random.Random(path.stem)
    places = sorted(targets.values())
    for place in chance.sample(places, min(3, len(places))):
        asked = Asked(text[:place] + MARK + text[place:])
        name = "is_fresh_zz" if text[place:].startswith("is_") else "fresh_zz"
        told = outcome(asked, name)
        assert any(word in told for word in (name, "keeps its name", "has no field")), (text[place : place + 30], told)


CONFIGURED = "config {\n  api: url\n}\n\nflow f() -> url {\n  return config.api\n}\n"


def outcome(asked: Asked, new: str) -> str:
    """The text after a rename, or why there is none."""
    try:
        return asked.renamed(new)["a.flow"]
    except Refused as refusal:
        return str(refusal)


@pytest.mark.parametrize(
    ("text", "new", "reason"),
    [
        (
            'function ‸f(a: string) -> string = a\n\nlet x = "x" | f | upper\n',
            "upper",
            "`upper` hides the built-in function",
        ),
        (
            "type ‸T { a: int }\n\nflow f(t: T) -> int {\n  return t.a\n}\n",
            "string",
            "`string` is a type of the language",
        ),
        ("type ‸T { a: int }\n\nflow f(t: T) -> int {\n  return t.a\n}\n", "url", "`url` is a type of the language"),
        ("type ‸T = int\n\nflow f(x: T) -> T {\n  return x\n}\n", "float", "`float` is a type of the language"),
        ("function is_‸big(n: int) -> bool = n > 3\n\nlet b = 4 is big\n", "large", "begins with `is_`"),
        (
            "action send(te‸xt: string) -> string = python('mod:fn')\n",
            "body",
            "`text` keeps its name: the Python function `mod:fn` has a parameter of that name",
        ),
        (
            "function fit(n: int) -> int = python('mod:fn')\n\nlet one = fit(‸n=1)\n",
            "m",
            "`n` keeps its name: the Python function `mod:fn`",
        ),
        (
            CONFIGURED.replace("api: url", "ap‸i: url"),
            "base",
            "`api` keeps its name: it is set from outside, as FLOW_API",
        ),
        (CONFIGURED.replace("config.api", "config.ap‸i"), "base", "`api` keeps its name"),
    ],
)
def test_a_name_that_means_something_is_refused(text: str, new: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        Asked(text).renamed(new)


TRIGGERED = """\
flow on_lead(lead‸_id: string) -> string {
  on event('lead.qualified') with { lead_id: event.data.id, 'n': 1 }
  return lead_id
}
"""


def test_the_inputs_of_a_trigger_are_uses_of_parameters() -> None:
    text = TRIGGERED.replace("string)", "string, n: int = 2)")
    asked = Asked(text)
    assert len(asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=CONTEXT)) == 3
    assert asked.renamed("key")["a.flow"].count("key") == 3
    from_there = Asked(text.replace("‸", "").replace("with { lead", "with { le‸ad"))
    assert from_there.renamed("key") == asked.renamed("key")
    assert "'count': 1" in Asked(text.replace("‸", "").replace("'n'", "'‸n'")).renamed("count")["a.flow"]


def test_a_test_is_a_use_of_its_function() -> None:
    text = (
        "function is_‸big(n: int) -> bool = n > 3\n\nlet a = is_big(n=1)\n\nlet b = 4 is big\n\nlet c = 4 is not big\n"
    )
    asked = Asked(text)
    assert len(asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=CONTEXT)) == 4
    wanted = text.replace("‸", "").replace("big", "large")
    assert asked.renamed("is_large")["a.flow"] == wanted
    at_the_test = Asked(text.replace("‸", "").replace("4 is big", "4 is ‸big"))
    assert at_the_test.renamed("large")["a.flow"] == wanted
    assert at_the_test.ask(types.TEXT_DOCUMENT_PREPARE_RENAME).placeholder == "big"


def test_the_names_of_imports_in_types_filters_and_tests() -> None:
    lib = "type T { a: int }\n\nfunction f(n: int) -> int = n\n\nfunction is_big(n: int) -> bool = n > 3\n"
    text = (
        'import "lib.flow" as ‸lib\n\nlet x = 1 | lib.f\n\nlet y = 1 is lib.big\n\n'
        "flow g(ts: list[lib.T]) -> lib.T? {\n  return ts | first\n}\n"
    )
    asked = Asked(text, {"lib.flow": lib})
    assert len(asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=CONTEXT)) == 5
    plain = text.replace("‸", "")
    wanted = plain.replace("as lib", "as other").replace("lib.f\n", "other.f\n").replace("lib.big", "other.big")
    wanted = wanted.replace("lib.T", "other.T")
    assert asked.renamed("other") == {"a.flow": wanted}
    there = Asked(plain.replace("[lib.T", "[l‸ib.T"), {"lib.flow": lib})
    assert there.renamed("other") == {"a.flow": wanted}
    type_ = Asked(plain.replace("[lib.T", "[lib.‸T"), {"lib.flow": lib})
    assert type_.renamed("Thing") == {
        "a.flow": plain.replace("lib.T", "lib.Thing"), "lib.flow": lib.replace("type T", "type Thing")
    }  # fmt: skip


# ---- which files are seen

LIB, USER = "function ‸one() -> int = 1\n", 'import "lib/b.flow" as b\n\nlet x = b.one()\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b.flow").write_text(LIB.replace(MARK, ""))
    (tmp_path / "a.flow").write_text(USER)
    return tmp_path


@pytest.mark.parametrize("root", ["lib", ".", None])
def test_files_above_the_folder_of_the_editor_are_seen(tree: Path, root: str | None) -> None:
    lib, user = (tree / "lib" / "b.flow").as_uri(), (tree / "a.flow").as_uri()
    with Client(tree, start=False) as client:
        client.start(PULL, rootUri=None if root is None else (tree / root).as_uri())
        for uri, text, line, character in ((lib, LIB.replace(MARK, ""), 0, 9), (user, USER, 2, 10)):
            client.open(uri, text)
            where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
            edit = client.ask("textDocument/rename", {**where, "newName": "uno"})
            assert set(edit["changes"]) == {lib, user}
            found = client.ask("textDocument/references", {**where, "context": {"includeDeclaration": True}})
            assert {each["uri"] for each in found} == {lib, user}


def test_a_file_with_two_names_is_not_renamed_in(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    (tree / "c.flow").symlink_to(tree / "lib" / "b.flow")
    with pytest.raises(Refused, match=r"`c.flow` is a link to a file that has another name too"):
        renamed_in_lib(tree)


def test_a_file_that_becomes_unreadable_is_seen_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    project = Asked("").project
    before = project.stamp("lib/b.flow")
    (tree / "lib" / "b.flow").chmod(0)
    assert project.stamp("lib/b.flow") != before


def test_a_folder_that_cannot_be_read_is_a_reason(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    (tree / "aaa").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("aaa"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(Refused, match=r"the folder \./aaa cannot be read: Permission denied: not every use"):
        renamed_in_lib(tree)


def test_a_file_that_cannot_be_read_is_a_reason(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    (tree / "odd.flow").write_bytes(b"\xff")  # somebody else's: it refers to nothing
    renamed_in_lib(tree)
    (tree / "large.flow").write_bytes(b" " * (LARGEST + 1))
    with pytest.raises(Refused, match=r"`large.flow` has 16 MiB.*: not every use"):
        renamed_in_lib(tree)


def renamed_in_lib(tree: Path) -> None:
    asked = Asked(LIB)
    asked.uri = (tree / "lib" / "b.flow").as_uri()
    asked.document = types.TextDocumentIdentifier(uri=asked.uri)
    asked.project.put(asked.uri, 1, asked.text)
    asked.ask(types.TEXT_DOCUMENT_RENAME, new_name="uno")


# ---- beside other requests


@pytest.fixture
def many(tmp_path: Path) -> Path:
    (tmp_path / "lib.flow").write_text("function one() -> int = 1\n")
    for number in range(100):
        flows = "".join(f"\nflow f{n}() -> int {{\n  return b.one()\n}}\n" for n in range(30))
        (tmp_path / f"user{number}.flow").write_text(f'import "lib.flow" as b\n{flows}')
    return tmp_path


def test_others_get_in_between_and_a_cancelled_request_ends(many: Path) -> None:
    with Client(many, PULL) as client:
        client.open("lib.flow", (many / "lib.flow").read_text())
        where = {"textDocument": {"uri": client.uri("lib.flow")}, "position": {"line": 0, "character": 10}}
        slow = client.post("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        assert client.ask("textDocument/hover", where) is not None
        client.tell("$/cancelRequest", {"id": slow})
        assert client.answer_to(slow)["error"]["code"] == -32800
        slow = client.post("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        client.change("lib.flow", "function one() -> int = 2\n")
        assert client.answer_to(slow)["error"]["code"] == -32801
        assert len(client.ask("textDocument/references", {**where, "context": {"includeDeclaration": True}})) == 3001


def test_edits_say_which_version_they_are_for(tmp_path: Path) -> None:
    capabilities = {**PULL, "workspace": {"workspaceEdit": {"documentChanges": True}}}
    with Client(tmp_path, capabilities) as client:
        client.open("a.flow", "function one() -> int = 1\n")
        client.change("a.flow", "function one() -> int = 1\n\nlet x = one()\n")
        where = {"textDocument": {"uri": client.uri("a.flow")}, "position": {"line": 0, "character": 10}}
        edit = client.ask("textDocument/rename", {**where, "newName": "uno"})
        assert "changes" not in edit
        (change,) = edit["documentChanges"]
        assert change["textDocument"] == {"uri": client.uri("a.flow"), "version": 2}
        assert len(change["edits"]) == 2

"""What editors rely on besides answers: whose findings are told when, by which settings, under which names."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from flowlang.lsp.places import path_of
from flowlang.lsp.server import Server
from tests.lsp.client import BAD, GOOD, PULL, WAIT, Client, rules

IMPORTING = 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n'
ONE, TWO = "function one() -> int = 1\n", "function two() -> int = 1\n"


def about(client: Client, path: Path) -> list[Any]:
    """What was published about a file until now."""
    told = client.told_of("textDocument/publishDiagnostics")
    return [each["diagnostics"] for each in told if each["uri"] == path.as_uri()]


def watched(client: Client, path: Path, kind: int = 2) -> None:
    client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": kind}]})


def refreshes(client: Client) -> int:
    client.settle()
    time.sleep(0.3)
    client.settle()
    return sum(each["method"] == "workspace/diagnostic/refresh" for each in client.told)


# ---- versions


def test_only_the_newest_version_is_told_last(pushing: Client) -> None:
    pushing.open("a.flow", BAD)
    for number in range(100):
        pushing.change("a.flow", f"# {number}\n" * (number % 7) + (BAD if number % 2 else GOOD))
    assert pushing.pushed("a.flow")[0]["range"]["start"]["line"] == 99 % 7 + 1
    told = [each for each in pushing.told_of("textDocument/publishDiagnostics") if "version" in each]
    versions = [each["version"] for each in told]
    assert versions == sorted(versions)
    assert versions[-1] == 101


def test_a_text_that_is_opened_again_is_the_new_one(pushing: Client) -> None:
    for text in (BAD, GOOD) * 5:
        pushing.open("a.flow", text)
        pushing.close("a.flow")
    pushing.open("a.flow", BAD)
    deadline = time.monotonic() + WAIT
    while rules(about(pushing, pushing.root / "a.flow")[-1]) != ["unknown-name"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    pushing.settle()
    assert rules(about(pushing, pushing.root / "a.flow")[-1]) == ["unknown-name"]


def test_a_text_that_was_never_opened_cannot_be_changed(pulling: Client) -> None:
    (pulling.root / "a.flow").write_text(BAD, encoding="utf-8")
    pulling.versions["a.flow"] = 1
    nothing = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    pulling.change("a.flow", {"range": nothing, "text": "# "})
    pulling.change("a.flow", GOOD)
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]
    assert about(pulling, pulling.root / "a.flow") == []


@pytest.mark.parametrize("versions", [[7, 3, 3], [2, 2, 2], [0, -1, -5], [10**9, 1, 2]])
def test_versions_in_any_order(pushing: Client, versions: list[int]) -> None:
    """What came last counts; the numbers are the editor's affair."""
    pushing.open("a.flow", GOOD)
    for number, text in zip(versions, (BAD, GOOD, BAD), strict=True):
        pushing.versions["a.flow"] = number - 1
        pushing.change("a.flow", text)
    while rules(pushing.pushed("a.flow")) != ["unknown-name"]:
        pass
    pushing.settle()
    assert rules(about(pushing, pushing.root / "a.flow")[-1]) == ["unknown-name"]


# ---- places


def test_a_byte_order_mark_is_no_part_of_the_text(pulling: Client) -> None:
    pulling.open("a.flow", "\ufeff" + GOOD)
    assert pulling.pulled("a.flow") == []
    pulling.open("b.flow", "\ufeff# 😀\r\n\r" + BAD.replace("\n", "\r\n"))
    (found,) = pulling.pulled("b.flow")
    assert found["range"]["start"] == {"line": 3, "character": 17}


def test_halves_of_pairs_count_one(pulling: Client) -> None:
    """An editor may send the halves of an emoji one after the other."""

    def typed(at: int, text: str, until: int | None = None) -> None:
        place = {"start": {"line": 1, "character": at}, "end": {"line": 1, "character": until or at}}
        pulling.change("a.flow", {"range": place, "text": text})

    pulling.open("a.flow", BAD.replace("😀", "\ud83d"))
    assert pulling.pulled("a.flow")[0]["range"]["start"] == {"line": 1, "character": 16}
    typed(12, "\ude00")
    assert pulling.pulled("a.flow")[0]["range"]["start"] == {"line": 1, "character": 17}
    typed(17, "a", 21)
    assert pulling.pulled("a.flow") == []
    typed(12, "", 13)  # the second half of the emoji: it is not there alone, nor is the first
    typed(17, "nope", 18)
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]


def test_only_line_ends_end_lines(pulling: Client) -> None:
    pulling.open("a.flow", "# \u2028 \u2029 \x85 \x0b \x0c \x1c 😀\r# \r\n" + BAD)
    (found,) = pulling.pulled("a.flow")
    assert found["range"]["start"] == {"line": 3, "character": 17}
    place = {"start": {"line": 3, "character": 17}, "end": {"line": 3, "character": 21}}
    pulling.change("a.flow", {"range": place, "text": "a"})
    assert pulling.pulled("a.flow") == []


# ---- imports


def test_a_chain_of_imports(pushing: Client) -> None:
    pushing.open("lib.flow", ONE)
    pushing.open("middle.flow", 'import "lib.flow" as lib\n\nfunction one() -> int = lib.one()\n')
    pushing.open("a.flow", IMPORTING.replace("lib.flow", "middle.flow"))
    assert pushing.pushed("a.flow") == []
    pushing.change("lib.flow", ONE.replace("-> int = 1", '-> string = "😀"'))
    assert rules(pushing.pushed("middle.flow")) == ["type-mismatch"]
    pushing.change("lib.flow", ONE)
    assert pushing.pushed("middle.flow") == []


@pytest.mark.parametrize("kind", ["changed", "deleted", "moved"])
def test_imports_on_the_disk_for_who_asks(pulling: Client, kind: str) -> None:
    lib = pulling.root / "lib.flow"
    lib.write_text(ONE, encoding="utf-8")
    pulling.open("a.flow", IMPORTING)
    assert pulling.pulled("a.flow") == []
    if kind == "changed":
        lib.write_text(TWO, encoding="utf-8")
    elif kind == "deleted":
        lib.unlink()
    else:
        lib.rename(pulling.root / "other.flow")
    watched(pulling, lib, {"changed": 2, "deleted": 3, "moved": 3}[kind])
    assert refreshes(pulling) == 1
    assert rules(pulling.pulled("a.flow")) == ["unknown-function" if kind == "changed" else "unreadable-file"]


def test_no_word_of_the_disk_is_needed(pulling: Client) -> None:
    lib = pulling.root / "lib.flow"
    lib.write_text(ONE, encoding="utf-8")
    pulling.open("a.flow", IMPORTING)
    assert pulling.pulled("a.flow") == []
    lib.write_text(TWO + "# 😀\n", encoding="utf-8")
    assert rules(pulling.pulled("a.flow")) == ["unknown-function"]


def test_many_changes_are_one_refresh(pulling: Client) -> None:
    pulling.open("lib.flow", ONE)
    pulling.open("a.flow", IMPORTING)
    pulling.pulled("a.flow")
    for number in range(50):
        pulling.change("lib.flow", f"function one() -> int = {number}\n")
    assert 1 <= refreshes(pulling) <= 3


# ---- settings

IMPORTED = f"import http\n\n{GOOD}"


@pytest.mark.parametrize("capabilities", [{}, PULL], ids=["told", "asking"])
def test_half_typed_settings_are_told_once(tmp_path: Path, capabilities: dict[str, Any]) -> None:
    file = tmp_path / "flowlang.toml"
    with Client(tmp_path, capabilities) as client:

        def found(name: str) -> list[str]:
            client.open(name, IMPORTED)
            return rules(client.pulled(name) if capabilities else client.pushed(name))

        file.write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
        assert found("a.flow") == []
        file.write_text('# 😀\n[check]\nselect = "😀" ignore = ["unused-import"]\n', encoding="utf-8")
        watched(client, file)
        for name in ("a.flow", "new.flow", "a.flow"):
            assert found(name) == []
        ((problem,),) = about(client, file)
        assert problem["severity"] == 1
        assert problem["range"]["start"] == {"line": 2, "character": 14}
        file.write_text('[check]\n# 😀\nignore = ["no-such"]\n', encoding="utf-8")
        watched(client, file)
        assert found("a.flow") == []
        assert about(client, file)[-1][0]["range"]["start"] == {"line": 2, "character": 11}
        file.write_text("[check]\n", encoding="utf-8")
        watched(client, file)
        assert found("a.flow") == ["unused-import"]
        assert [len(each) for each in about(client, file)] == [1, 1, 0]


def test_settings_that_go_take_their_problem_along(pulling: Client) -> None:
    file = pulling.root / "flowlang.toml"
    file.write_text("[check]\nignore = [\n", encoding="utf-8")
    pulling.open("a.flow", GOOD)
    pulling.pulled("a.flow")
    file.unlink()
    watched(pulling, file, 3)
    pulling.pulled("a.flow")
    assert [len(each) for each in about(pulling, file)] == [1, 0]


def test_settings_that_break_are_told_without_a_word_of_them(pushing: Client) -> None:
    """One problem after the other, and that there is none; the findings of the open flow stay."""
    file = pushing.root / "flowlang.toml"
    file.write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
    pushing.open("a.flow", IMPORTED)
    assert pushing.pushed("a.flow") == []
    for text, lines in (('[check]\nignore = ["unu\n', [1]), ("[checkk]\n", [0]), ("[check]\nignore = [\n", [2])):
        file.write_text(text, encoding="utf-8")
        assert [each["range"]["start"]["line"] for each in pushing.pushed("flowlang.toml")] == lines
    file.write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
    assert pushing.pushed("flowlang.toml") == []
    assert [len(each) for each in about(pushing, file)] == [1, 1, 1, 0]
    assert about(pushing, pushing.root / "a.flow") == [[]]


def test_tables_for_runs_that_are_wrong_are_told(pushing: Client) -> None:
    """As a check and a run do, of which neither begins."""
    file = pushing.root / "flowlang.toml"
    file.write_text("[limits]\nunit = 5\n", encoding="utf-8")
    pushing.open("a.flow", GOOD)
    (problem,) = pushing.pushed("flowlang.toml")
    assert problem["range"]["start"] == {"line": 1, "character": 0}
    assert "there is no limit 'unit'" in problem["message"]
    file.write_text("[http]\ndeny_private = 1\n", encoding="utf-8")
    (problem,) = pushing.pushed("flowlang.toml")
    assert problem["message"] == "deny_private is true or false"
    file.write_text("[http]\ndeny_private = true\n", encoding="utf-8")
    assert pushing.pushed("flowlang.toml") == []
    file.write_text("[limits]\nunits = 'few'\n[checkk]\n", encoding="utf-8")
    (problem,) = pushing.pushed("flowlang.toml")
    assert "checkk" in problem["message"]
    file.unlink()
    assert pushing.pushed("flowlang.toml") == []


def test_a_problem_of_settings_that_moves_is_told_at_its_new_place(pushing: Client) -> None:
    """What stands at the end of the file is said in the same words wherever that is."""
    file = pushing.root / "flowlang.toml"
    pushing.open("a.flow", GOOD)
    for text, line in (("[check]\nignore = [\n", 2), ("[check]\n# 😀\nignore = [\n", 3)):
        file.write_text(text, encoding="utf-8")
        (problem,) = pushing.pushed("flowlang.toml")
        assert problem["range"]["start"] == {"line": line, "character": 0}


def test_an_open_settings_file_is_no_flow(pushing: Client) -> None:
    file = pushing.root / "flowlang.toml"
    file.write_text("[check]\nignore = [\n", encoding="utf-8")
    pushing.open("a.flow", GOOD)
    assert pushing.pushed("a.flow") == []
    document = {"uri": file.as_uri(), "languageId": "toml", "version": 1, "text": "[check]\n"}
    pushing.tell("textDocument/didOpen", {"textDocument": document})
    pushing.tell("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
    assert [len(each) for each in about(pushing, file)] == [1]


def test_what_changes_on_the_disk_is_told_without_a_word_of_it(pushing: Client) -> None:
    lib = pushing.root / "lib.flow"
    lib.write_text(ONE, encoding="utf-8")
    pushing.open("a.flow", IMPORTING)
    assert pushing.pushed("a.flow") == []
    lib.write_text(ONE.replace("-> int = 1", '-> string = "😀"'), encoding="utf-8")
    assert rules(pushing.pushed("a.flow")) == ["type-mismatch"]
    lib.write_text(ONE, encoding="utf-8")
    pushing.tell("textDocument/didSave", {"textDocument": {"uri": pushing.uri("a.flow")}})
    assert pushing.pushed("a.flow") == []


def test_settings_are_seen_without_a_word_of_them(pulling: Client) -> None:
    pulling.open("a.flow", IMPORTED)
    assert rules(pulling.pulled("a.flow")) == ["unused-import"]
    (pulling.root / "flowlang.toml").write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
    time.sleep(1.2)
    assert pulling.pulled("a.flow") == []


def test_values_of_settings_are_told_at_the_declarations_they_do_not_fit(pulling: Client) -> None:
    file = pulling.root / "flowlang.toml"
    file.write_text("[config]\nrounds = 'many'\n", encoding="utf-8")
    text = "config { rounds: int }\nflow f() -> int {\n  return config.rounds\n}\n"
    pulling.open("a.flow", text)
    (found,) = pulling.pulled("a.flow")
    given = "which flowlang.toml gives something else: expected an int, got text 'many'"
    assert found["message"] == f"`config.rounds` is int, {given}"
    assert found["range"]["start"] == {"line": 0, "character": 9}
    pulling.change("a.flow", "let base = 1\n" + text.replace("config.rounds", "config.rounds + base"))
    assert [each["range"]["start"]["line"] for each in pulling.pulled("a.flow")] == [1]
    file.write_text("[config]\nrounds = 3\n", encoding="utf-8")
    watched(pulling, file)
    assert pulling.pulled("a.flow") == []


def test_settings_of_two_folders_do_not_take_turns(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name / ".git").mkdir(parents=True)
    broken = tmp_path / "a" / "flowlang.toml"
    broken.write_text("[check\n", encoding="utf-8")
    (tmp_path / "b" / "flowlang.toml").write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
    with Client(tmp_path) as client:
        for _ in range(3):
            client.open("a/a.flow", IMPORTED)
            assert rules(client.pushed("a/a.flow")) == ["unused-import"]
            client.open("b/b.flow", IMPORTED)
            assert client.pushed("b/b.flow") == []
        assert [len(each) for each in about(client, broken)] == [1]


@pytest.mark.parametrize("settings", [None, {}, [], {"flowlang": {"path": "x"}}, 3])
def test_whatever_an_editor_configures(pulling: Client, settings: Any) -> None:
    pulling.tell("workspace/didChangeConfiguration", {"settings": settings})
    pulling.open("a.flow", BAD)
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]


# ---- folders and names


def renamed(client: Client, uri: str, character: int) -> dict[str, int]:
    position = {"line": 0, "character": character}
    edit = client.ask("textDocument/rename", {"textDocument": {"uri": uri}, "position": position, "newName": "uno"})
    return {uri: len(edits) for uri, edits in edit["changes"].items()}


def write(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "lib.flow").write_text(ONE, encoding="utf-8")
    (folder / "a.flow").write_text(IMPORTING, encoding="utf-8")


def test_files_of_every_folder_are_known(tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / name)
        (tmp_path / name / ".git").mkdir()
    folders = [{"uri": (tmp_path / name).as_uri(), "name": name} for name in "abc"]
    with Client(tmp_path / "a", start=False) as client:
        client.start(PULL, workspaceFolders=folders[:2])

        def declaring() -> list[str]:
            found = client.ask("workspace/symbol", {"query": "one"})
            return sorted(each["location"]["uri"].split("/")[-2] for each in found)

        assert declaring() == ["a", "b"]
        event = {"added": folders[2:], "removed": folders[1:2]}
        client.tell("workspace/didChangeWorkspaceFolders", {"event": event})
        assert declaring() == ["a", "c"]
        for name in "abc":  # the project of a file is seen, whichever folders the editor has
            lib = tmp_path / name / "lib.flow"
            client.open(lib.as_uri(), ONE)
            assert len(renamed(client, lib.as_uri(), 9)) == 2


def test_a_folder_under_another_name(tmp_path: Path) -> None:
    """An editor that was started in a link calls all files by it, and wants answers to do the same."""
    write(tmp_path / "real 😀")
    link = tmp_path / "link %3A é"
    link.symlink_to(tmp_path / "real 😀")
    with Client(link, PULL) as client:
        client.open("lib.flow", ONE)
        lib, user = (link / "lib.flow").as_uri(), (link / "a.flow").as_uri()
        assert renamed(client, lib, 9) == {lib: 1, user: 1}


def test_files_outside_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "outside é")
    (tmp_path / "root").mkdir()
    with Client(tmp_path / "root", PULL) as client:
        uri = (tmp_path / "outside é" / "a.flow").as_uri()
        client.open(uri, IMPORTING)
        assert client.pulled(uri) == []
        client.change(uri, IMPORTING.replace("one", "two"))
        assert rules(client.pulled(uri)) == ["unknown-function"]


@pytest.mark.parametrize(
    "root", ["untitled:x", "vscode-vfs://github/a/b", "file:///no/such", "", "file://%zz", "file://[", "\x00"]
)
def test_roots_that_are_no_folders(tmp_path: Path, root: str) -> None:
    with Client(tmp_path, start=False) as client:
        client.start(PULL, rootUri=root, workspaceFolders=[{"uri": root, "name": "x"}] * 2)
        client.open("a.flow", BAD)
        assert rules(client.pulled("a.flow")) == ["unknown-name"]


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file://", "untitled:/a/b.flow", "notebook:/a/b#x", "buffer:1"])
@pytest.mark.parametrize("capabilities", [{}, PULL], ids=["told", "asking"])
def test_a_text_without_a_file(tmp_path: Path, uri: str, capabilities: dict[str, Any]) -> None:
    """Without any folder. Answers call it what the editor calls it."""
    with Client(tmp_path, start=False, cwd=tmp_path) as client:
        client.start(capabilities, rootUri=None, processId=None)
        client.open(uri, BAD.replace("b = ", "b =  "))
        assert rules(client.pulled(uri) if capabilities else client.pushed(uri)) == ["unknown-name"]
        place = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 9}}
        assert client.ask("textDocument/definition", place)["uri"] == uri
        edit = client.ask("textDocument/rename", {**place, "newName": "c"})
        assert [(name, len(edits)) for name, edits in edit["changes"].items()] == [(uri, 2)]
        options = {"tabSize": 2, "insertSpaces": True}
        assert client.ask("textDocument/formatting", {"textDocument": {"uri": uri}, "options": options})
        client.change(uri, GOOD)
        assert (client.pulled(uri) if capabilities else client.pushed(uri)) == []


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file://", "buffer:1"])
def test_a_text_without_a_file_imports_what_is_beside_the_server(tmp_path: Path, uri: str) -> None:
    (tmp_path / "lib.flow").write_text(ONE, encoding="utf-8")
    with Client(tmp_path, start=False, cwd=tmp_path) as client:
        client.start(PULL, rootUri=None)
        client.open(uri, IMPORTING)
        assert client.pulled(uri) == []
        place = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 14}}
        assert client.ask("textDocument/definition", place)["uri"] == client.uri("lib.flow")


def alone(client: Client, file: Path) -> Client:
    """A client that has told no folder and opened one file."""
    client.start(PULL, rootUri=None)
    client.open(file.as_uri(), file.read_text(encoding="utf-8"))
    return client


MARKS = {".git": "", "flowlang.toml": "", "pyproject.toml": "[tool.flowlang.check]\nstrict = false\n"}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("name", ["lib.flow", "below/lib.flow"])
@pytest.mark.parametrize("started", ["/", "elsewhere"])
def test_a_file_tells_its_project(tmp_path: Path, mark: str, name: str, started: str) -> None:
    """Wherever the server was started, in which nothing is looked for."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "other.flow").write_text(ONE, encoding="utf-8")
    root = tmp_path / "project"
    file = root / name
    write(file.parent)
    (root / mark).write_text(MARKS[mark], encoding="utf-8")
    with Client(root, start=False, cwd=tmp_path / started) as client:
        alone(client, file)
        found = client.ask("workspace/symbol", {"query": "one"})
        assert [each["location"]["uri"] for each in found] == [file.as_uri()]
        assert renamed(client, file.as_uri(), 9) == {file.as_uri(): 1, (file.parent / "a.flow").as_uri(): 1}


@pytest.mark.parametrize("started", ["", "elsewhere", "home", "/"])
def test_a_file_of_no_project_is_looked_for_among_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    """Where the server was started only if that is above the file, and neither above a home nor one."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    write(home / "flows" / "shared")
    for name in ("home", "elsewhere"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "other.flow").write_text(ONE, encoding="utf-8")
    folder = home / "flows"
    with Client(folder, start=False, cwd=folder if not started else tmp_path / started) as client:
        alone(client, folder / "shared" / "a.flow")
        found = client.ask("workspace/symbol", {"query": ""})
        files = sorted({each["location"]["uri"] for each in found})
        assert files == [(folder / "shared" / name).as_uri() for name in ("a.flow", "lib.flow")]


@pytest.mark.parametrize("capabilities", [{}, PULL], ids=["told", "asking"])
def test_a_file_of_a_second_project(tmp_path: Path, capabilities: dict[str, Any]) -> None:
    """Its settings, its root, and its files, which say what is used; nobody told a folder."""
    first, second = tmp_path / "first é", tmp_path / "second é"
    library = f"import http\n\ntype Used {{ a: int }}\ntype Spare {{ a: int }}\n{ONE}flow h() {{\n}}\n"
    for root, settings in ((first, ""), (second, '[check]\nignore = ["unused-import"]\n')):
        (root / "below").mkdir(parents=True)
        (root / "flowlang.toml").write_text(settings, encoding="utf-8")
        (root / "lib.flow").write_text(library, "utf-8")
        using = 'import "../lib.flow" as lib\n\nflow g(a: lib.Used) -> int {\n  return a.a + lib.one()  # 😀\n}\n'
        (root / "below" / "a.flow").write_text(using, "utf-8")
    with Client(first, start=False, cwd=tmp_path) as client:
        client.start(capabilities, rootUri=None)

        def opens(file: Path, wanted: list[str]) -> None:
            client.open(file.as_uri(), file.read_text(encoding="utf-8"))
            if capabilities:
                assert rules(client.pulled(file.as_uri())) == wanted
            else:
                while rules(client.pushed(file.as_uri())) != wanted:
                    pass

        opens(first / "lib.flow", ["unused-import", "unused-type"])
        opens(second / "lib.flow", ["unused-type"])
        uri = (second / "lib.flow").as_uri()
        found = client.ask("workspace/symbol", {"query": "one"})
        assert sorted(each["location"]["uri"] for each in found) == sorted([(first / "lib.flow").as_uri(), uri])
        place = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 6}}
        uses = client.ask("textDocument/references", {**place, "context": {"includeDeclaration": False}})
        assert [each["uri"] for each in uses] == [(second / "below" / "a.flow").as_uri()]
        opens(second / "below" / "a.flow", [])
        place = {
            "textDocument": {"uri": (second / "below" / "a.flow").as_uri()},
            "position": {"line": 2, "character": 17},
        }
        assert client.ask("textDocument/definition", place)["uri"] == uri


def test_the_library_is_no_project_of_its_reader(tmp_path: Path) -> None:
    """Nor is what stands around it, such as all of a checkout."""
    write(tmp_path / "root")
    (tmp_path / "root" / "flowlang.toml").touch()
    with Client(tmp_path / "root", start=False, cwd=tmp_path) as client:
        alone(client, tmp_path / "root" / "lib.flow")
        client.open("m.flow", "import http\n\nflow f() {\n  do http.get('https://a.test/😀')\n}\n")
        place = {"textDocument": {"uri": client.uri("m.flow")}, "position": {"line": 3, "character": 11}}
        library = client.ask("textDocument/definition", place)["uri"]
        client.open(library, Path(unquote(urlsplit(library).path)).read_text(encoding="utf-8"))
        client.close(library)
        assert client.ask("workspace/symbol", {"query": "submit_lead"}) in ([], None)


def test_nothing_is_looked_for_before_a_file_is_opened(tmp_path: Path) -> None:
    write(tmp_path / "a")
    with Client(tmp_path, start=False, cwd=tmp_path) as client:
        client.start(PULL, rootUri=None)
        assert client.ask("workspace/symbol", {"query": "one"}) in ([], None)


def test_a_name_that_is_no_text(pulling: Client) -> None:
    name = os.fsencode(pulling.root) + b"/a\xff.flow"
    with open(name, "wb") as file:
        file.write(BAD.encode())
    uri = pulling.root.as_uri() + "/a%FF.flow"
    assert rules(pulling.pulled(uri)) == ["unknown-name"]
    assert json.dumps(pulling.pulled(uri))


# ---- what a client can show


@pytest.mark.parametrize("formats", [["markdown"], ["plaintext"], None])
def test_markdown_for_those_who_show_it(tmp_path: Path, formats: list[str] | None) -> None:
    said = {"contentFormat": formats, "signatureInformation": {"documentationFormat": formats}}
    completion = {"completionItem": {"documentationFormat": formats}}
    document = {"hover": said, "completion": completion, "signatureHelp": said} if formats else {}
    with Client(tmp_path, {"textDocument": document}) as client:
        client.open("a.flow", 'flow f(n: int) -> any {\n  return "😀 {{ n | abs }}" ~ round(n)\n}\n')
        here = {"textDocument": {"uri": client.uri("a.flow")}, "position": {"line": 1, "character": 21}}
        hover = client.ask("textDocument/hover", here)["contents"]
        offers = client.ask("textDocument/completion", here)["items"]
        offered = [each["documentation"] for each in offers if "documentation" in each]
        here["position"]["character"] = 36
        signature = client.ask("textDocument/signatureHelp", here)["signatures"][0]["documentation"]
    assert hover["kind"] == ("markdown" if formats == ["markdown"] else "plaintext")
    assert ("```" in hover["value"]) is (formats == ["markdown"])
    assert offered
    for each in (*offered, signature):
        assert isinstance(each, dict if formats == ["markdown"] else str)


def test_an_edit_does_not_wait_for_those_that_import_it(pushing: Client) -> None:
    """However many they are, and however long their check takes: what was typed comes first."""
    users = [f"user{number}.flow" for number in range(8)]
    slow = IMPORTING + "".join(f"\nflow g{number}() -> int {{\n  return lib.one()\n}}\n" for number in range(150))
    for name, text in [("lib.flow", ONE), *((name, slow) for name in users)]:
        pushing.open(name, text)
    for name in users:
        assert rules(pushing.pushed(name)) == []
    pushing.settle()
    pushing.told.clear()
    pushing.change("lib.flow", TWO)
    pushing.change("lib.flow", ONE + "let b = nope\n")
    pushing.settle()
    told = pushing.told_of("textDocument/publishDiagnostics")
    own = [number for number, each in enumerate(told) if each["uri"].endswith("lib.flow")]
    assert own
    assert rules(told[own[-1]]["diagnostics"])[-1] == "unknown-name"
    assert sum(not each["uri"].endswith("lib.flow") for each in told[: own[-1]]) <= 1


def test_a_text_under_two_addresses_is_open_until_both_are_closed(tmp_path: Path, pushing: Client) -> None:
    path = pushing.root / "a b.flow"
    one, other = path.as_uri(), path.as_uri().replace("%20", " ")
    for uri in (one, other):
        pushing.open(uri, GOOD)
    pushing.tell("textDocument/didClose", {"textDocument": {"uri": other}})
    document = {"uri": one, "version": 7}
    pushing.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": BAD}]})
    pushing.settle()
    told = [each for each in pushing.told_of("textDocument/publishDiagnostics") if each.get("version") == 7]
    assert [(each["uri"], rules(each["diagnostics"])) for each in told] == [(one, ["unknown-name"])]


def test_a_change_that_a_look_has_seen_already_is_not_told_twice(server: Server, tmp_path: Path) -> None:
    """One that comes between the begin of a look and its reading of the text, as one thread can in another's midst."""
    uri = (tmp_path / "a.flow").as_uri()
    path = path_of(uri)
    for version, text in ((7, BAD), (7, BAD), (8, GOOD)):
        server.project.put(uri, version, text)
        seen = server._look_at_change(path) if version == 8 else server._look(path)
        assert seen is not None
        assert seen.own.version == version
        assert server._look_at_change(path) is None
    assert server._look(path) is not None, "what it hangs on may have changed"


def test_the_first_folder_goes_too(tmp_path: Path) -> None:
    for name in "ab":
        write(tmp_path / name)
    folders = [{"uri": (tmp_path / name).as_uri() + "/", "name": name} for name in "ab"]
    with Client(tmp_path / "a", start=False) as client:
        client.start(PULL, workspaceFolders=folders)
        assert len(client.ask("workspace/symbol", {"query": "one"})) == 2
        client.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": folders}})
        assert not client.ask("workspace/symbol", {"query": "one"})


def test_a_finding_leads_to_the_page_of_its_rule(pulling: Client) -> None:
    pulling.open("a.flow", BAD)
    (found,) = pulling.pulled("a.flow")
    page = Path(unquote(urlsplit(found["codeDescription"]["href"]).path))
    assert page.read_text(encoding="utf-8").startswith("# unknown-name")


def test_constraints_are_no_links(tmp_path: Path) -> None:
    with Client(tmp_path, PULL) as client:
        client.open("a.flow", "flow f(tags: list[string](min_length=1)) -> int {\n  return tags | length\n}\n")
        place = {"textDocument": {"uri": client.uri("a.flow")}, "position": {"line": 1, "character": 10}}
        assert "list[string](min_length=1)" in json.dumps(client.ask("textDocument/hover", place))

"""Errors of files that nobody has opened: told or answered beside the findings of the files that import them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowlang.lsp.places import path_of
from flowlang.lsp.server import Server
from tests.lsp.client import PULL, Client, rules

USER = 'import "lib/bad.flow" as bad\n\nflow f() -> int {\n  return bad.add(n=1)\n}\n'
ALONE = "flow f() -> int {\n  return 1\n}\n"
BAD = "import http\n\n# 😀\nfunction add(n: int) -> int = n + nope\n"
RELATED = {"textDocument": {"diagnostic": {"relatedDocumentSupport": True}}}


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    lib = tmp_path / "lib" / "bad.flow"
    lib.parent.mkdir()
    lib.write_text(BAD, encoding="utf-8")
    return lib


def told(client: Client, path: Path) -> list[Any]:
    """The rules that were told of a file, each time."""
    client.settle()
    found = client.told_of("textDocument/publishDiagnostics")
    return [rules(each["diagnostics"]) for each in found if each["uri"] == path.as_uri()]


def test_errors_of_an_imported_file_are_told_once(tmp_path: Path, lib: Path) -> None:
    with Client(tmp_path) as client:
        client.open("c.flow", USER)
        assert client.pushed("c.flow") == []
        assert told(client, lib) == [["unknown-name"]]
        (message,) = [each["params"] for each in client.told if each["params"].get("uri") == lib.as_uri()]
        assert message["diagnostics"][0]["range"]["start"] == {"line": 3, "character": 34}
        client.change("c.flow", USER + "# more\n")
        assert client.pushed("c.flow") == []
        assert told(client, lib) == [["unknown-name"]]


def test_they_go_with_the_import_and_with_the_importer(tmp_path: Path, lib: Path) -> None:
    with Client(tmp_path) as client:
        for name in ("c.flow", "d.flow"):
            client.open(name, USER)
            client.pushed(name)
        client.change("c.flow", ALONE)
        client.pushed("c.flow")
        assert told(client, lib) == [["unknown-name"]]
        client.close("d.flow")
        assert told(client, lib) == [["unknown-name"], []]
        client.change("c.flow", USER)
        client.pushed("c.flow")
        client.change("c.flow", ALONE)
        client.pushed("c.flow")
        assert told(client, lib) == [["unknown-name"], [], ["unknown-name"], []]


def test_an_opened_file_tells_of_itself(tmp_path: Path, lib: Path) -> None:
    with Client(tmp_path) as client:
        client.open("c.flow", USER)
        client.pushed("c.flow")
        client.open("lib/bad.flow", BAD)
        assert rules(client.pushed("lib/bad.flow")) == ["unused-import", "unknown-name"]
        client.close("lib/bad.flow")
        assert told(client, lib) == [["unknown-name"], ["unused-import", "unknown-name"], [], ["unknown-name"]]


def test_a_change_on_the_disk_is_told(tmp_path: Path, lib: Path) -> None:
    with Client(tmp_path) as client:
        client.open("c.flow", USER)
        client.pushed("c.flow")
        lib.write_text("function add(n: int) -> int = n\n", encoding="utf-8")
        client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": lib.as_uri(), "type": 2}]})
        client.pushed("c.flow")
        assert told(client, lib) == [["unknown-name"], []]


def test_a_look_from_before_a_file_was_closed_takes_nothing_back(server: Server, tmp_path: Path, lib: Path) -> None:
    """Another one follows, for whoever imports the file."""
    (tmp_path / "c.flow").write_text(USER, encoding="utf-8")
    told_ = list[Any]()
    server.text_document_publish_diagnostics = told_.append  # type: ignore[method-assign]
    uri, path = (tmp_path / "c.flow").as_uri(), path_of((tmp_path / "c.flow").as_uri())
    server.project.put(uri, 1, USER)

    def look(path: str) -> Any:
        """One from when it was open, which comes back when it is closed."""
        server.project.put(lib.as_uri(), 1, BAD)
        seen = server._look(path)
        server.project.close(lib.as_uri())
        server._beside.close(path_of(lib.as_uri()))
        server._tell_beside()
        return seen

    async def work() -> None:
        for each in (server._look, look, server._look):
            await server._tell(path, each)

    asyncio.run(work())
    assert [(each.uri, len(each.diagnostics)) for each in told_ if each.uri != uri] == [(lib.as_uri(), 1)] * 2


def test_who_asks_is_answered_beside(tmp_path: Path, lib: Path) -> None:
    def related(client: Client) -> Any:
        report = client.ask("textDocument/diagnostic", {"textDocument": {"uri": client.uri("c.flow")}})
        found = report.get("relatedDocuments") or {}
        return {uri: rules(each["items"]) for uri, each in found.items()}

    with Client(tmp_path, RELATED) as client:
        client.open("c.flow", USER)
        assert related(client) == {lib.as_uri(): ["unknown-name"]}
        client.change("c.flow", ALONE)
        assert related(client) == {lib.as_uri(): []}
        client.change("c.flow", USER)
        client.open("lib/bad.flow", BAD)
        assert related(client) == {}
        assert told(client, lib) == []
    with Client(tmp_path, PULL) as client:
        client.open("c.flow", USER)
        assert related(client) == {}


def test_who_asks_of_one_file_at_a_time_is_told(tmp_path: Path, lib: Path) -> None:
    """What it will not ask for, and only until it may."""
    with Client(tmp_path, PULL) as client:
        client.open("c.flow", USER)
        for _ in range(2):
            assert client.pulled("c.flow") == []
            assert told(client, lib) == [["unknown-name"]]
        client.open("lib/bad.flow", BAD)
        assert told(client, lib) == [["unknown-name"], []]
        assert rules(client.pulled("lib/bad.flow")) == ["unused-import", "unknown-name"]
        client.pulled("c.flow")
        client.close("lib/bad.flow")
        client.pulled("c.flow")
        assert told(client, lib) == [["unknown-name"], [], ["unknown-name"]]
        client.close("c.flow")
        assert told(client, lib) == [["unknown-name"], [], ["unknown-name"], []]
        assert told(client, tmp_path / "c.flow") == []


def test_who_asks_of_a_file_that_is_not_open_is_not_told_of_it(tmp_path: Path, lib: Path) -> None:
    with Client(tmp_path, PULL) as client:
        client.open("c.flow", USER)
        client.pulled("c.flow")
        assert rules(client.pulled("lib/bad.flow")) == ["unused-import", "unknown-name"]
        client.change("c.flow", USER + "# more\n")
        client.pulled("c.flow")
        assert told(client, lib) == [["unknown-name"], []]

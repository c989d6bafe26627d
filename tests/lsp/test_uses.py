"""What is called unused in an editor is what `flowlang check` of the whole project calls so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from flowlang.lsp import index
from flowlang.lsp.features.pulling import diagnostic
from flowlang.lsp.project import Project
from tests.lsp.asking import finished, project_of
from tests.lsp.client import PULL, WAIT, Client, rules

LIB = """\
type Used = string
type Unused = string
let most = 3
service crm {
  base_url = "https://crm.example"
}
function is_big(n: int) -> bool = n > 100

flow own(a: int) -> int {
  return a
}
"""
USER = """\
import "lib.flow" as lib

# not lib.Unused
flow f(a: lib.Used, n: int) -> any {
  step page = lib.crm.get("/{{ a }}").json
  let big = n is lib.is_big
  return [page, big, lib.most, "lib.Unused"]
}
"""


def asked(project: Project, name: str) -> list[Any]:
    document = types.TextDocumentIdentifier(uri="file://" + os.path.abspath(name))
    return [each.message for each in finished(diagnostic(project, types.DocumentDiagnosticParams(document))).items]


def opened(folder: Path, **texts: str) -> Project:
    project = project_of(folder)
    for name, text in texts.items():
        (folder / f"{name}.flow").write_text(text, encoding="utf-8")
    return project


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_another_file_uses_is_not_unused(tmp_path: Path) -> None:
    project = opened(tmp_path, lib=LIB, user=USER)
    project.put((tmp_path / "lib.flow").as_uri(), 1, LIB)
    assert asked(project, "lib.flow") == [
        "nothing in this file uses the type `Unused`\n\nremove it, unless another file uses it"
    ]
    (tmp_path / "user.flow").unlink()
    project.index._until = 0.0
    finished(project.uses.renew())
    assert len(asked(project, "lib.flow")) == 5


def test_what_an_open_file_uses_counts_as_it_is_typed(tmp_path: Path) -> None:
    project = opened(tmp_path, lib=LIB, user=USER)
    for name, text in (("lib", LIB), ("user", USER)):
        project.put((tmp_path / f"{name}.flow").as_uri(), 1, text)
    assert len(asked(project, "lib.flow")) == 1
    project.put((tmp_path / "user.flow").as_uri(), 2, USER.replace("lib.Used", "lib.Unused"))
    assert finished(project.uses.renew()) == ["lib.flow"]
    assert "`Used`" in asked(project, "lib.flow")[0]
    assert finished(project.uses.renew()) == []


def test_what_a_closed_file_uses_on_the_disk_counts_again(tmp_path: Path) -> None:
    project = opened(tmp_path, lib=LIB, user=USER)
    user = (tmp_path / "user.flow").as_uri()
    project.put((tmp_path / "lib.flow").as_uri(), 1, LIB)
    project.put(user, 1, USER.replace("lib.Used", "string"))
    assert len(asked(project, "lib.flow")) == 2
    project.close(user)
    assert finished(project.uses.renew()) == ["lib.flow"]
    assert len(asked(project, "lib.flow")) == 1


def test_a_key_costs_no_look_at_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = opened(tmp_path, lib=LIB, user=USER, **{f"other{n}": USER for n in range(20)})
    uri = (tmp_path / "lib.flow").as_uri()
    project.put(uri, 1, LIB)
    asked(project, "lib.flow")
    read: list[str] = []
    monkeypatch.setattr(index, "read_file", read.append)
    monkeypatch.setattr(Project, "on_disk", lambda self: read.append("."))
    for number in range(5):
        project.put(uri, number + 2, LIB.replace("Unused", f"Unused{'x' * number}"))
        assert len(asked(project, "lib.flow")) == 1
    assert read == []


def test_a_client_that_is_told_is_told_when_it_is_known(tmp_path: Path) -> None:
    (tmp_path / "user.flow").write_text(USER, encoding="utf-8")
    with Client(tmp_path) as client:
        client.open("lib.flow", LIB)
        shown = client.pushed("lib.flow")
        while rules(shown) != ["unused-type"]:
            assert shown == []  # nothing that has to be taken back
            shown = client.pushed("lib.flow")
        client.open("user.flow", USER.replace("lib.Used", "lib.Unused"))
        while "`Used`" not in (shown := client.pushed("lib.flow"))[0]["message"]:
            pass


def test_a_client_that_asks_is_told_to_ask_again(tmp_path: Path) -> None:
    with Client(tmp_path, {**PULL, "workspace": {"diagnostics": {"refreshSupport": True}}}) as client:
        client.open("lib.flow", LIB)
        assert len(client.pulled("lib.flow")) == 5
        client.open("user.flow", USER)
        while not any(each["method"] == "workspace/diagnostic/refresh" for each in client.told):
            client.next(WAIT)
        assert rules(client.pulled("lib.flow")) == ["unused-type"]


def test_without_a_project_a_file_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "user.flow").write_text(USER, encoding="utf-8")
    with Client(tmp_path, start=False) as client:
        client.start(PULL, rootUri=None)
        client.open("lib.flow", LIB)
        assert len(client.pulled("lib.flow")) == 5


def test_a_file_alone_tells_of_its_project(tmp_path: Path) -> None:
    """Of the one that it lies directly in too, wherever the server was started."""
    root = tmp_path / "project"
    root.mkdir()
    for name, text in (("flowlang.toml", ""), ("lib.flow", LIB), ("user.flow", USER)):
        (root / name).write_text(text, encoding="utf-8")
    with Client(root, start=False, cwd=tmp_path) as client:
        client.start(PULL, rootUri=None)
        client.open("lib.flow", LIB)
        assert rules(client.pulled("lib.flow")) == ["unused-type"]


def test_what_a_name_is_may_change_while_its_users_stay(tmp_path: Path) -> None:
    lib = "let one = 1\n\nflow own() -> int {\n  return 1\n}\n"
    project = opened(tmp_path, lib=lib, user='import "lib.flow" as lib\n\nflow f() -> any {\n  return lib.one()\n}\n')
    uri = (tmp_path / "lib.flow").as_uri()
    project.put(uri, 1, lib)
    assert asked(project, "lib.flow") == ["nothing in this file uses `one`\n\nremove it, unless another file uses it"]
    project.put(uri, 2, lib.replace("let one", "function one() -> int"))
    assert asked(project, "lib.flow") == []


def test_a_round_over_slow_files_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = opened(tmp_path, lib=LIB, user=USER)
    seconds, read = [0.0], index.read_file

    def slowly(path: str) -> str:
        seconds[0] += 2 * index.FRESH
        return read(path)

    monkeypatch.setattr(index.time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(index, "read_file", slowly)
    monkeypatch.setattr(Project, "stamp_on_disk", lambda self, path: (object(),))
    assert sum(1 for _ in zip(project.index.round(), range(10), strict=False)) == 1

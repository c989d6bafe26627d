"""What is known of files while their texts change on another thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowlang.compiler.incremental import Session
from flowlang.lsp import findings
from flowlang.lsp.project import Project
from tests.lsp.client import BAD, GOOD


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return (tmp_path / "a.flow").as_uri()


def test_a_text_that_changes_while_it_is_checked(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version of what is known is that of the text that was looked at."""
    project = Project()
    project.put(uri, 1, GOOD)
    check = Session.check

    def late(self: Session, *given: Any) -> Any:
        if project.open and next(iter(project.open.values())).version == 1:
            project.put(uri, 2, BAD)
        return check(self, *given)

    monkeypatch.setattr(Session, "check", late)
    first = project.snapshot(uri)
    assert (first.version, first.text) == (1, GOOD)
    second = project.snapshot(uri)
    assert (second.version, second.text) == (2, BAD)
    assert [each.code for each in findings.all_of(project, second)] == ["unknown-name"]


def test_a_text_that_is_closed_while_it_is_checked(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project()
    project.put(uri, 1, GOOD)
    check = Session.check

    def late(self: Session, *given: Any) -> Any:
        project.close(uri)
        return check(self, *given)

    monkeypatch.setattr(Session, "check", late)
    assert project.snapshot(uri).text == GOOD
    assert [each.code for each in findings.all_of(project, project.snapshot(uri))] == ["unreadable-file"]


def test_a_text_that_is_opened_again_while_it_is_checked_as_closed(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of a file on the disk is not taken for that of the text, whose findings would never be told."""
    project = Project()
    check = Session.check

    def late(self: Session, *given: Any) -> Any:
        project.put(uri, 1, BAD)
        return check(self, *given)

    monkeypatch.setattr(Session, "check", late)
    assert [each.code for each in findings.all_of(project, project.snapshot(uri))] == ["unreadable-file"]
    monkeypatch.undo()
    again = project.snapshot(uri)
    assert (again.version, again.text) == (1, BAD)
    assert [each.code for each in findings.all_of(project, again)] == ["unknown-name"]


def test_who_imports_a_file_is_known_while_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, user = (tmp_path / "lib.flow").as_uri(), (tmp_path / "a.flow").as_uri()
    project = Project()
    project.put(lib, 1, "function one() -> int = 1\n")
    project.put(user, 1, 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n')
    assert project.snapshot(user).findings == ()
    path = project.snapshot(lib).path
    seen = []
    check = Session.check

    def late(self: Session, *given: Any) -> Any:
        seen.append(project.dependents(path))
        return check(self, *given)

    monkeypatch.setattr(Session, "check", late)
    project.put(lib, 2, "function one() -> int = 2\n")
    project.snapshot(user)
    assert seen == [[project.snapshot(user).path]]

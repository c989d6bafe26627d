"""The index of what a project's files declare: a little at a time, and never old for long."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowlang.lsp import index
from flowlang.lsp.index import Index
from tests.lsp.asking import finished, project_of


def written(folder: Path, files: int) -> None:
    for number in range(files):
        (folder / f"m{number}.flow").write_text(f"flow ask_{number}() -> int {{\n  return 1\n}}\n", encoding="utf-8")


def test_a_project_is_looked_at_a_little_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, index.AT_LEAST * 3)
    monkeypatch.setattr(index, "SLICE", 0.0)
    monkeypatch.chdir(tmp_path)
    found = Index(project_of(tmp_path))
    first = len(list(found.names()))
    assert not found.is_whole
    assert index.AT_LEAST <= first <= index.AT_LEAST + 1
    while not found.is_whole:
        last = list(found.names())
    assert len(last) == index.AT_LEAST * 3


def test_a_file_that_changed_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FRESH", 0.0)
    written(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    found = Index(project_of(tmp_path))
    assert sorted(each.name for each in found.names()) == ["ask_0", "ask_1"]
    (tmp_path / "m0.flow").write_text("type Renamed = int\n", encoding="utf-8")
    (tmp_path / "m1.flow").unlink()
    assert [(each.name, each.kind) for each in found.names()] == [("Renamed", "type")]


def test_whoever_wants_all_names_lets_others_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, 5)
    monkeypatch.setattr(index, "SLICE", 0.0)
    monkeypatch.chdir(tmp_path)
    work = Index(project_of(tmp_path)).all_names()
    assert sum(1 for _ in work) == 5


def test_all_names_are_those_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    project = project_of(tmp_path)
    assert sorted(each.name for each in finished(project.index.all_names())) == ["ask_0", "ask_1"]
    (tmp_path / "m0.flow").write_text("\n  type Renamed = int\n", encoding="utf-8")
    project.put((tmp_path / "m1.flow").as_uri(), 1, "flow typed(a: \n")
    found = finished(project.index.all_names())
    assert [(each.path, each.name, each.line, each.character) for each in found] == [
        ("m1.flow", "typed", 0, 5),
        ("m0.flow", "Renamed", 1, 7),
    ]
    project.close((tmp_path / "m1.flow").as_uri())
    assert sorted(each.name for each in finished(project.index.all_names())) == ["Renamed", "ask_1"]

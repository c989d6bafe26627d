"""The index of what a project's files declare: a little at a time, and never old for long."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowlang.lsp import index
from flowlang.lsp.index import Index
from tests.lsp.asking import project_of


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

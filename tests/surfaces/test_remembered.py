"""Findings of unchanged files: the same as those of a check from scratch, whatever changes in between."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from flowlang.cli import main
from flowlang.compiler import pipeline
from flowlang.semantics.facts import Program
from tests.surfaces.conftest import CLEAN, WRONG, Command, write
from tests.surfaces.test_check import WARNED

IMPORTING = 'import "lib.flow" as lib\nflow g(n: int) -> int {\n  return lib.base + n\n}\n'


@pytest.fixture
def many(flowlang: Command, here: Path, cache: str) -> Path:
    """A folder that has been checked: files with and without findings, some that import one."""
    write(here, "lib.flow", "let base = 1\n" + CLEAN)
    for n, text in enumerate((CLEAN, WRONG, WARNED, IMPORTING) * 5):
        write(here, f"f{n:02}.flow", text)
    flowlang("check", ".", XDG_CACHE_HOME=cache)
    assert list((here / "cache" / "flowlang").glob("checks-*.json"))
    return here


def both(flowlang: Command, folder: Path, *args: str) -> tuple[object, object]:
    """What a check says with what it remembers, and without."""
    environment = {"XDG_CACHE_HOME": str(folder / "cache")}
    return flowlang("check", *args, ".", **environment), flowlang("check", "--no-cache", *args, ".", **environment)


def test_unchanged_files_are_not_checked_again(
    many: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(many)
    monkeypatch.setenv("XDG_CACHE_HOME", str(many / "cache"))
    checked: list[str] = []
    whole = pipeline.check

    def check(path: str, *rest: Any) -> Program:
        checked.append(path)
        return whole(path, *rest)

    monkeypatch.setattr(pipeline, "check", check)
    main(["check", "."])
    assert checked == []
    (many / "f00.flow").write_text(WRONG)
    main(["check", "."])
    assert checked == ["f00.flow"]
    assert "f00.flow" in capsys.readouterr().out


@pytest.mark.parametrize("format", ["text", "json", "sarif", "junit"])
def test_what_is_remembered_looks_as_ever(flowlang: Command, many: Path, format: str) -> None:
    remembered, fresh = both(flowlang, many, "--format", format)
    assert remembered == fresh


def test_an_import_that_changes_is_noticed(flowlang: Command, many: Path) -> None:
    for text in ("let base = 'x'\n" + CLEAN, "let other = 1\n" + CLEAN):
        write(many, "lib.flow", text)
        remembered, fresh = both(flowlang, many)
        assert remembered == fresh
        assert fresh.out.count("f03.flow") == 1  # type: ignore[attr-defined]
    (many / "lib.flow").unlink()
    remembered, fresh = both(flowlang, many)
    assert remembered == fresh
    write(many, "lib.flow", "let base = 1\n" + CLEAN)
    remembered, fresh = both(flowlang, many)
    assert remembered == fresh
    assert "f03.flow" not in fresh.out  # type: ignore[attr-defined]


def test_settings_count(flowlang: Command, many: Path) -> None:
    for options in (["--strict"], [], ["--ignore", "unknown-name"], ["--select", "untyped-result"]):
        remembered, fresh = both(flowlang, many, *options)
        assert remembered == fresh, options


@pytest.mark.parametrize("damage", [b"", b"x y\n{}", b"\xff"])
def test_a_damaged_cache_costs_time_only(flowlang: Command, many: Path, damage: bytes) -> None:
    (file,) = (many / "cache" / "flowlang").glob("checks-*.json")
    whole = file.read_bytes()
    file.write_bytes(damage)
    remembered, fresh = both(flowlang, many)
    assert remembered == fresh
    assert file.read_bytes() == whole


def test_a_folder_that_moved_is_checked_as_ever(flowlang: Command, many: Path, tmp_path: Path) -> None:
    folder = many / "inner"
    folder.mkdir()
    for path in many.glob("*.flow"):
        shutil.move(path, folder)
    remembered, fresh = both(flowlang, many)
    assert remembered == fresh

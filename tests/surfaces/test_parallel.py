"""Many files on all cores: the same findings in the same order as one after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.cli import main, parallel
from flowlang.cli.checking import Checking
from flowlang.cli.failure import OURS
from flowlang.compiler import pipeline
from tests.surfaces.conftest import CLEAN, WRONG, Command, write
from tests.surfaces.test_check import WARNED

FIXABLE = "flow g(id: string) -> string? {\n  return 'x' if id\n}\n"


@pytest.fixture
def many(here: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files with findings of all kinds, some in a file that others import."""
    monkeypatch.chdir(here)
    texts = (CLEAN, WRONG, WARNED, FIXABLE, 'import "f01.flow" as f\n' + CLEAN, "flow ( ü\n")
    return [write(here, f"f{n:02}.flow", texts[n % len(texts)]) for n in range(40)]


def check(path: str) -> parallel.Result:
    return parallel.Result({}, tuple(Checking([path], None, None).findings()))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_findings_do_not_depend_on_the_number_of_processes(
    many: list[str], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(parallel, "workers", lambda files: count)
    alone = Checking(many, None, None).findings()
    assert len(alone) > 30
    found = parallel.check_many(many, check)
    assert sorted(found) == sorted(many)
    assert sorted({each for path in many for each in found[path].found}, key=alone.index) == alone


@pytest.mark.parametrize("shares", [1, 2, 7])
def test_files_are_checked_once_however_many_shares_there_are(
    many: list[str], monkeypatch: pytest.MonkeyPatch, here: Path, shares: int
) -> None:
    monkeypatch.setattr(parallel, "workers", lambda files: 3)
    monkeypatch.setattr(parallel, "SHARES", shares)
    log = here / "checked"

    def check_and_tell(path: str) -> parallel.Result:
        with open(log, "a") as file:
            file.write(f"{path}\n")
        return parallel.Result({}, ())

    assert sorted(parallel.check_many(many, check_and_tell)) == sorted(many)
    assert sorted(log.read_text().split()) == sorted(many)


def test_a_process_that_dies_costs_nothing(many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def check_or_die(path: str) -> parallel.Result:
        if os.getpid() != here:
            os._exit(9)
        return check(path)

    monkeypatch.setattr(parallel, "workers", lambda files: 3)
    found = parallel.check_many(many, check_or_die)
    assert {each for result in found.values() for each in result.found} == set(Checking(many, None, None).findings())


def test_many_files_look_as_few(flowlang: Command, many: list[str], here: Path) -> None:
    whole = flowlang("check", ".")
    assert whole.code == 1
    assert whole.err.endswith(" in 40 files\ncan be fixed: 13 with --fix\n")
    assert flowlang("check", "--baseline", "none.json", "--write-baseline", ".").code in (0, 1)  # in one process
    (here / "empty.json").write_text('{"findings": []}')
    assert flowlang("check", "--baseline", "empty.json", ".").out == whole.out


def test_how_many() -> None:
    assert parallel.workers(parallel.LEAST - 1) == 1
    assert parallel.workers(10_000) >= 1


@pytest.mark.parametrize("files", [3, 40])
@pytest.mark.parametrize("count", [1, 3])
def test_a_bug_in_one_file_hides_no_findings_of_the_others(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], files: int, count: int
) -> None:
    """Planted: the check of some files fails, whichever process does it. Nothing of it is remembered."""
    monkeypatch.chdir(here)
    monkeypatch.setattr(parallel, "workers", lambda files: count)
    check = pipeline.check

    def planted(path: str, *rest: object) -> object:
        return {}[path] if path in ("f01.flow", "f02.flow") else check(path, *rest)  # type: ignore[arg-type]

    names = [write(here, f"f{n:02}.flow", WRONG) for n in range(files)]
    monkeypatch.setattr(pipeline, "check", planted)
    for _ in range(2):
        code = main(["check", "--format", "concise", "--exit-zero", *names])
        said = capsys.readouterr()
        assert code == 3
        assert said.out.count("unknown-name") == files - 2
        lines = said.err.splitlines()
        assert [line[: line.index(" (")] for line in lines if ".flow: " in line] == [
            f"flowlang: {name}: internal error: KeyError: '{name}'" for name in ("f01.flow", "f02.flow")
        ]
        assert lines[-1] == OURS
    monkeypatch.setattr(pipeline, "check", check)
    assert main(["check", "--format", "concise", *names]) == 1
    assert capsys.readouterr().out.count("unknown-name") == files


@pytest.mark.parametrize("option", ["--fix", "--write-baseline"])
def test_a_file_that_meets_a_bug_is_left_as_it_is(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """Planted: a fix makes a text on which we fail. A baseline that lacked findings would be worth nothing."""
    monkeypatch.chdir(here)
    check = pipeline.check

    def planted(path: str, read: Callable[[str], str], *rest: object) -> object:
        fails = option != "--fix" or read(path) != FIXABLE
        return {}[path] if fails else check(path, read, *rest)  # type: ignore[arg-type]

    name = write(here, "a.flow", FIXABLE)
    monkeypatch.setattr(pipeline, "check", planted)
    assert main(["check", name, option, *(["--baseline", "b.json"] if option != "--fix" else [])]) == 3
    assert "internal error: KeyError" in capsys.readouterr().err
    assert (here / name).read_text() == FIXABLE
    assert not (here / "b.json").exists()

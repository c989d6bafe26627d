"""Many files on all cores: the same findings in the same order as one after another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowlang.cli import parallel
from flowlang.cli.checking import Checking
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

"""`flowlang fmt`: in place, checked, shown, through a pipe; a broken file is left alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.surfaces.conftest import CLEAN, Command, write

MESSY = "flow   double(n:int(ge=0))->int{\n  # twice\n  return n*2\n}\n"
TIDY = "flow double(n: int(ge=0)) -> int {\n  # twice\n  return n * 2\n}\n"
BROKEN = "flow double(n: int -> int {\n  return n*2\n}\n"


def test_in_place(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", MESSY)
    write(here, "b.flow", CLEAN)
    (here / "a.flow").chmod(0o640)
    done = flowlang("fmt", ".")
    assert (done.code, done.out, done.err) == (0, "", "reformatted a.flow\n")
    assert (here / "a.flow").read_text() == TIDY
    assert stat.S_IMODE((here / "a.flow").stat().st_mode) == 0o640
    assert sorted(path.name for path in here.iterdir()) == ["a.flow", "b.flow"]
    assert flowlang("fmt", ".").err == ""


def test_lines_of_windows_stay_such(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(MESSY.replace("\n", "\r\n").encode())
    (here / "b.flow").write_bytes(TIDY.replace("\n", "\r\n").encode())
    assert flowlang("fmt", ".").err == "reformatted a.flow\n"
    assert (here / "a.flow").read_bytes() == (here / "b.flow").read_bytes() == TIDY.replace("\n", "\r\n").encode()


def test_check_changes_nothing(flowlang: Command, here: Path) -> None:
    done = flowlang("fmt", "--check", write(here, "a.flow", MESSY))
    assert (done.code, done.out, done.err) == (1, "", "would reformat a.flow\n")
    assert (here / "a.flow").read_text() == MESSY
    assert flowlang("fmt", "--check", write(here, "b.flow", CLEAN)).code == 0


def test_diff_shows_the_change(flowlang: Command, here: Path) -> None:
    done = flowlang("fmt", "--diff", write(here, "a.flow", MESSY))
    assert done.code == 0
    assert done.out.splitlines()[:2] == ["--- a.flow", "+++ a.flow"]
    assert "-  return n*2\n+  return n * 2\n" in done.out
    assert (here / "a.flow").read_text() == MESSY
    assert flowlang("fmt", "--diff", "--check", "a.flow").code == 1
    assert flowlang("fmt", "--diff", "--check", write(here, "b.flow", CLEAN)).code == 0


def test_stdin(flowlang: Command) -> None:
    done = flowlang("fmt", "-", stdin=MESSY)
    assert (done.code, done.out, done.err) == (0, TIDY, "")
    assert flowlang("fmt", "--check", "-", stdin=MESSY).code == 1
    assert flowlang("fmt", "--check", "-", stdin=TIDY).code == 0


def test_a_broken_file_is_left_alone_and_the_others_go_on(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", BROKEN)
    write(here, "b.flow", MESSY)
    done = flowlang("fmt", "a.flow", "b.flow")
    assert done.code == 1
    assert done.out == ""
    assert "error[" in done.err
    assert (here / "a.flow").read_text() == BROKEN
    assert (here / "b.flow").read_text() == TIDY
    piped = flowlang("fmt", "-", "--stdin-filename", "new.flow", stdin=BROKEN)
    assert (piped.code, piped.out) == (1, "")
    assert "new.flow:1" in piped.err


def test_a_link_stays_a_link(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", MESSY)
    (here / "link.flow").symlink_to("a.flow")
    assert flowlang("fmt", "link.flow").code == 0
    assert (here / "link.flow").is_symlink()
    assert (here / "a.flow").read_text() == TIDY


def test_not_utf8(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(b"# \xff\n")
    done = flowlang("fmt", "a.flow")
    assert done.code == 1
    assert "a.flow is not UTF-8" in done.err
    assert (here / "a.flow").read_bytes() == b"# \xff\n"


@pytest.mark.parametrize("args", [[], ["nowhere.flow"], ["."], ["--check"]])
def test_mistakes_of_the_caller(flowlang: Command, args: list[str]) -> None:
    assert flowlang("fmt", *args).code == 2

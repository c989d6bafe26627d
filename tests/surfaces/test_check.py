"""`flowlang check`: what goes to which stream, every option, every exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.surfaces.conftest import CLEAN, WRONG, Command, write

WARNED = """\
import notify

config {
  hook: secret[url]
}

flow tell(text: string) {
  do notify.slack(text, webhook=config.hook)
  do notify.slack("again", webhook=config.hook)
}
"""


def test_a_clean_file_says_nothing(flowlang: Command, here: Path) -> None:
    done = flowlang("check", write(here, "a.flow", CLEAN))
    assert (done.code, done.out, done.err) == (0, "", "")


def test_findings_go_to_stdout_and_their_number_to_stderr(flowlang: Command, here: Path) -> None:
    done = flowlang("check", write(here, "a.flow", WRONG))
    assert done.code == 1
    assert "error[unknown-name]" in done.out
    assert " --> a.flow:2:10\n" in done.out
    assert "2 |   return m * 2" in done.out
    assert done.err == "\n1 error in 1 file\n"


def test_json_is_a_contract(flowlang: Command, here: Path) -> None:
    done = flowlang("check", "--format", "json", write(here, "a.flow", WRONG), write(here, "b.flow", CLEAN))
    assert done.code == 1
    assert done.err == ""
    document = done.json()
    assert list(document) == ["diagnostics", "files"]
    assert document["files"] == 2
    (found,) = document["diagnostics"]
    assert list(found) == ["rule", "severity", "message", "help", "file", "start", "end", "related", "fixes"]
    assert found["start"] == {"line": 2, "column": 10, "offset": 38}
    assert found["end"] == {"line": 2, "column": 11, "offset": 39}


def test_json_of_a_clean_file(flowlang: Command, here: Path) -> None:
    assert flowlang("check", "--format=json", write(here, "a.flow", CLEAN)).json() == {"diagnostics": [], "files": 1}


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_fail_on(flowlang: Command, here: Path, fail_on: str, code: int) -> None:
    done = flowlang("check", "--fail-on", fail_on, write(here, "a.flow", WARNED))
    assert "warning[unordered-effect]" in done.out
    assert done.code == code


def test_several_files_in_one_order(flowlang: Command, here: Path) -> None:
    for name in ("b.flow", "a.flow", "c.flow"):
        write(here, name, WRONG)
    done = flowlang("check", "c.flow", "b.flow", "a.flow")
    places = [line.split("--> ")[1] for line in done.out.splitlines() if "-->" in line]
    assert places == ["a.flow:2:10", "b.flow:2:10", "c.flow:2:10"]
    assert done.err == "\n3 errors in 3 files\n"
    assert flowlang("check", ".").out == done.out


def test_what_two_files_import_is_reported_once(flowlang: Command, here: Path) -> None:
    write(here, "wrong.flow", WRONG)
    for name in ("a.flow", "b.flow"):
        write(here, name, 'import "wrong.flow" as w\n' + CLEAN)
    found = flowlang("check", "--format", "json", "a.flow", "b.flow", "wrong.flow").json()["diagnostics"]
    assert [each["file"] for each in found if each["rule"] == "unknown-name"] == ["wrong.flow"]


def test_stdin(flowlang: Command, here: Path) -> None:
    assert flowlang("check", "-", stdin=CLEAN).code == 0
    done = flowlang("check", "-", stdin=WRONG)
    assert done.code == 1
    assert "--> <stdin>:2:10" in done.out


def test_stdin_with_a_name_finds_its_imports(flowlang: Command, here: Path) -> None:
    (here / "flows").mkdir()
    write(here / "flows", "other.flow", "let one = 1\n")
    text = 'import "other.flow" as other\n' + WRONG.replace("m * 2", "other.one + n")
    done = flowlang("check", "-", "--stdin-filename", "flows/new.flow", stdin=text)
    assert (done.code, done.out) == (0, "")
    broken = flowlang("check", "-", "--stdin-filename", "flows/new.flow", stdin=WRONG)
    assert "--> flows/new.flow:2:10" in broken.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Missing argument 'PATH...'"),
        (["nowhere.flow"], "no such file or folder: nowhere.flow"),
        (["."], "no .flow files in ."),
        (["--format", "xml", "."], "'xml' is not one of 'text', 'concise', 'json'"),
        (["--fail-on"], "requires an argument"),
        (["--nope", "."], "No such option"),
    ],
)
def test_mistakes_of_the_caller(flowlang: Command, args: list[str], message: str) -> None:
    done = flowlang("check", *args)
    assert done.code == 2
    assert done.out == ""
    assert message in done.err


def test_colour(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WRONG)
    assert "\x1b[" not in flowlang("check", path).out
    assert "\x1b[1;31m" in flowlang("check", path, FORCE_COLOR="1").out
    assert "\x1b[" not in flowlang("check", path, FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b[" not in flowlang("check", path, "--format", "json", FORCE_COLOR="1").out


def test_nothing_is_written_beside_the_files(flowlang: Command, here: Path) -> None:
    flowlang("check", write(here, "a.flow", CLEAN))
    assert [path.name for path in here.iterdir()] == ["a.flow"]


def test_that_an_item_is_not_used_is_said_of_its_file(flowlang: Command, here: Path) -> None:
    path = write(here, "b.flow", "type Thing { n: int }\n\nflow g() -> int {\n  return 1\n}\n")
    (found,) = flowlang("check", "--format=json", path).json()["diagnostics"]
    assert found["message"] == "nothing in this file uses the type `Thing`"
    assert found["help"] == "remove it, unless another file uses it"
    assert found["fixes"] == []


@pytest.mark.parametrize("more", [0, 20])
@pytest.mark.parametrize("paths", [("a.flow",), (".",)])
def test_an_item_that_a_checked_file_uses_is_not_unused(
    flowlang: Command, here: Path, paths: tuple[str, ...], more: int
) -> None:
    for number in range(more):
        write(here, f"x{number}.flow", "flow f() -> int {\n  return 1\n}\n")
    used = "type Thing { n: int }\ntype Other { n: int } # flow: ignore[unused-type] kept\n"
    write(here, "b.flow", f"{used}type Spare {{ n: int }}\n\nflow g() -> int {{\n  return 1\n}}\n")
    write(here, "a.flow", 'import "b.flow" as b\n\nflow f(t: b.Thing) -> int {\n  return t.n\n}\n')
    write(here, "c.flow", 'import "b.flow" as b\n\nflow f(t: b.Other) -> int {\n  return t.n\n}\n')
    found = flowlang("check", "--format=json", *paths).json()["diagnostics"]
    wanted = ["nothing in this file uses the type `Spare`"] if paths == (".",) else []
    assert [each["message"] for each in found] == wanted

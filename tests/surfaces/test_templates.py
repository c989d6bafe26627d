"""Document templates on the command line: where findings lie, what is remembered, what a run is pinned to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.documents.rendering import flow
from tests.surfaces.conftest import CLEAN, Command, write

GOOD, BAD = "Dear {{ who }},\n", "Dear\n{{ whom }},\n"


def test_what_is_remembered_hangs_on_templates(flowlang: Command, here: Path, cache: str) -> None:
    for n in range(20):
        write(here, f"f{n:02}.flow", CLEAN)
    write(here, "a.flow", flow("t.j2", who="string"))
    seen = []
    for text in (GOOD, BAD, None, GOOD):
        if text is None:
            (here / "t.j2").unlink()
            write(here, "u.j2", GOOD)
        else:
            write(here, "t.j2", text)
        done = flowlang("check", "--format", "concise", ".", XDG_CACHE_HOME=cache)
        fresh = flowlang("check", "--format", "concise", "--no-cache", ".", XDG_CACHE_HOME=cache)
        assert done == fresh
        seen.append(done.out.splitlines()[0] if done.code else "")
    assert seen == [
        "",
        "t.j2:2:4: error[unknown-name] nothing here is called `whom`",
        "a.flow:4:22: error[unreadable-file] `t.j2` does not exist",
        "",
    ]


def test_what_may_be_suggested_is_remembered_with_what_is_missing(flowlang: Command, here: Path, cache: str) -> None:
    for n in range(20):
        write(here, f"f{n:02}.flow", CLEAN)
    write(here, "a.flow", flow("mail.j2", who="string"))
    helps = []
    for beside in ("mial.j2", "male.j2"):
        write(here, beside, GOOD)
        done = flowlang("check", ".", XDG_CACHE_HOME=cache)
        helps.append(next(line.strip() for line in done.out.splitlines() if "help" in line))
        (here / beside).unlink()
    assert helps == ["= help: did you mean `mial.j2`?", "= help: did you mean `male.j2`?"]


@pytest.mark.parametrize("format", ["concise", "json", "sarif", "github", "gitlab", "junit", "text"])
def test_every_format_names_the_template(flowlang: Command, here: Path, format: str) -> None:
    write(here, "a.flow", flow("mails/t.j2", who="string"))
    (here / "mails").mkdir()
    write(here, "mails/t.j2", BAD)
    done = flowlang("check", "--format", format, "a.flow")
    assert done.code == 1
    assert "mails/t.j2" in done.out
    if format == "json":
        (found,) = done.json()["diagnostics"]
        assert (found["file"], found["start"]["line"], found["start"]["column"]) == ("mails/t.j2", 2, 4)


def test_fixes_leave_templates_alone(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", flow("t.j2", who="string"))
    write(here, "t.j2", BAD)
    assert flowlang("check", "--unsafe-fixes", "--fix", "a.flow").code == 1
    assert (here / "t.j2").read_text() == BAD


def test_no_fix_is_offered_in_a_template(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", flow("t.j2", who="string"))
    write(here, "t.j2", "{{ whom }}{{ who | uper }}")
    done = flowlang("check", "a.flow")
    assert "did you mean `who`?" in done.out
    assert "= fix:" not in done.out
    assert "can be fixed" not in done.out + done.err


def test_a_baseline_passes_over_a_template(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", flow("t.j2", who="string"))
    write(here, "t.j2", BAD)
    assert flowlang("check", "--baseline", "b.json", "--write-baseline", "a.flow").code == 0
    assert flowlang("check", "--baseline", "b.json", "a.flow").code == 0
    write(here, "t.j2", BAD + "{{ what }}")
    assert flowlang("check", "--baseline", "b.json", "a.flow").code == 1


def test_a_run_goes_on_with_its_template(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", flow("t.j2", who="string"))
    write(here, "t.j2", GOOD)
    run = ("run", "a.flow", "--input", "who=A", "--db", "r.db", "--format", "json")
    assert flowlang(*run, "--run-id", "one").json()["output"] == "Dear A,"
    write(here, "t.j2", "Hi {{ who }}")
    assert flowlang(*run).json()["output"] == "Hi A"
    assert flowlang(*run, "--run-id", "one").code == 2
    (here / "t.j2").unlink()
    done = flowlang("run", "--resume", "one", "--db", "r.db", "--format", "json")
    assert json.loads(done.out)["output"] == "Dear A,"


@pytest.mark.parametrize("files", [3, 20])
def test_a_mistake_in_a_template_is_one_finding(flowlang: Command, here: Path, files: int) -> None:
    for number in range(files):
        write(here, f"{number:02}.flow", flow("t.j2", who="string"))
    write(here, "t.j2", BAD)
    (found,) = flowlang("check", "--format", "json", ".").json()["diagnostics"]
    assert (found["file"], [each["file"] for each in found["related"]]) == ("t.j2", ["00.flow"])

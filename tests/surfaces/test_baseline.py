"""Baselines: what was there is passed over, what is new fails, what has gone is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.surfaces.conftest import WRONG, Command, write
from tests.surfaces.test_check import WARNED

BASED = ("check", "--fail-on", "info", "--baseline", "base.json")


@pytest.fixture
def based(flowlang: Command, here: Path) -> Command:
    """The command line, where a baseline with one finding has been written."""
    write(here, "a.flow", WARNED)
    done = flowlang(*BASED, "--write-baseline", "a.flow")
    assert (done.code, done.out, done.err) == (0, "", "1 finding written to base.json\n")
    return flowlang


def test_a_baseline_has_no_lines_in_it(based: Command, here: Path) -> None:
    document = json.loads((here / "base.json").read_text())
    (entry,) = document["findings"]
    assert list(entry) == ["path", "rule", "message", "within"]
    assert (entry["path"], entry["rule"], entry["within"]) == ("a.flow", "unordered-effect", "flow tell")


def test_known_findings_stay_known_when_lines_move(based: Command, here: Path) -> None:
    write(here, "a.flow", "# new\n\n" + WARNED + "\n\nflow one() -> int {\n  return 1\n}\n")
    done = based(*BASED, "a.flow")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_new_findings_fail(based: Command, here: Path) -> None:
    write(here, "a.flow", WARNED + WRONG)
    done = based(*BASED, "a.flow")
    assert done.code == 1
    assert "unknown-name" in done.out
    assert "unordered-effect" not in done.out


def test_the_same_once_more_is_new(based: Command, here: Path) -> None:
    again = '  do notify.slack("again", webhook=config.hook)\n'
    write(here, "a.flow", WARNED.replace(again, again + again))
    assert based(*BASED, "a.flow").code == 1


def test_the_same_in_another_flow_is_new(based: Command, here: Path) -> None:
    write(here, "a.flow", WARNED + WARNED[WARNED.index("flow tell") :].replace("tell", "tell_more"))
    done = based(*BASED, "--format", "concise", "a.flow")
    assert done.out.startswith("a.flow:13:6: warning[unordered-effect]")


def test_what_has_gone_is_told(based: Command, here: Path) -> None:
    write(here, "a.flow", WARNED.replace('  do notify.slack("again", webhook=config.hook)\n', ""))
    done = based(*BASED, "a.flow")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("flowlang: stale in base.json, found no more")
    assert "  a.flow: unordered-effect in flow tell: " in done.err
    assert based(*BASED, "--write-baseline", "a.flow").err == "0 findings written to base.json\n"
    assert based(*BASED, "a.flow").err == ""


def test_files_that_were_not_looked_at_are_not_stale(based: Command, here: Path) -> None:
    write(here, "b.flow", "let one = 1\n")
    assert based(*BASED, "b.flow").err == ""


def test_writing_keeps_what_was_not_looked_at(based: Command, here: Path) -> None:
    (here / "in").mkdir()
    write(here / "in", "b.flow", WARNED)
    assert based(*BASED, "--write-baseline", "in").err == "2 findings written to base.json\n"
    assert based(*BASED, ".").code == 0
    (here / "a.flow").unlink()
    assert based(*BASED, "--write-baseline", "in").err == "1 finding written to base.json\n"
    write(here, "base.json", "<<<<<<<")
    assert based(*BASED, "--write-baseline", "in").err == "1 finding written to base.json\n"


def test_paths_are_those_below_the_baseline(based: Command, here: Path) -> None:
    (here / "in").mkdir()
    write(here / "in", "b.flow", WARNED)
    based(*BASED, "--write-baseline", "in/b.flow")
    assert json.loads((here / "base.json").read_text())["findings"][-1]["path"] == "in/b.flow"


def test_syntax_errors_are_never_passed_over(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", "flow f( {\n")
    flowlang(*BASED, "--write-baseline", "a.flow")
    assert flowlang(*BASED, "a.flow").code == 1


@pytest.mark.parametrize("content", ["", "[]", '{"findings": [{}]}', '{"findings": 1}', "[" * 100_000])
def test_what_is_no_baseline(flowlang: Command, here: Path, content: str) -> None:
    write(here, "base.json", content)
    done = flowlang(*BASED, write(here, "a.flow", WARNED))
    assert (done.code, done.out) == (2, "")
    assert "base.json is not a baseline" in done.err


def test_a_baseline_that_is_missing(flowlang: Command, here: Path) -> None:
    done = flowlang(*BASED, write(here, "a.flow", WARNED))
    assert done.code == 2
    assert "--write-baseline makes it" in done.err


def test_statistics(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", WARNED)
    write(here, "b.flow", WRONG)
    write(here, "c.flow", WRONG + "flow g(id: string) -> string? {\n  return 'x' if id\n}\n")
    done = flowlang("check", "--statistics", ".")
    assert done.code == 1
    assert done.out.splitlines() == [
        "2  error[unknown-name]",
        "1  error[missing-else] (1 with a fix)",
        "1  warning[unordered-effect]",
    ]


@pytest.mark.parametrize("count", ["Infinity", "-1", "0", "1.5", '"2"', "1e400", "true"])
def test_a_count_that_is_none(flowlang: Command, here: Path, count: str) -> None:
    (here / "a.flow").write_text("", encoding="utf-8")
    row = f'{{"path": "a.flow", "rule": "x", "message": "", "within": "", "count": {count}}}'
    (here / "base.json").write_text(f'{{"version": 1, "findings": [{row}]}}', encoding="utf-8")
    done = flowlang("check", "a.flow", "--baseline", "base.json")
    assert done.code == 2
    assert "base.json is not a baseline" in done.err


def test_what_a_rule_that_is_not_wanted_would_find_is_not_stale(based: Command, here: Path) -> None:
    done = based("check", "--baseline", "base.json", "--ignore", "unordered-effect", "--ignore", "unused-import", ".")
    assert "stale" not in done.err

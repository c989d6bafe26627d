"""Every rule that can be found has a page, and its examples do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlang.checks.registry import CHECKS, LISTED, OPT_IN, STRUCTURE, rules, severity_of
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.semantics.report import ERRORS, WARNINGS
from flowlang.syntax import ast

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT / "docs" / "rules"
SECTIONS = ["What it does", "Why is this bad?", "Example", "Use instead"]
FENCE = re.compile(r"^```(?:flow|jinja) ?(\S*)\n(.*?)^```$", re.M | re.S)
REPORTED = re.compile(r'(?:report|_wrong)\(\s*"([a-z]+(?:-[a-z]+)*)"|rule\b[^=\n]*= "([a-z]+(?:-[a-z]+)+)"')


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == rules()


@pytest.mark.parametrize("rule", rules())
def test_a_page_has_its_sections(rule: str) -> None:
    text = (PAGES / f"{rule}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {rule}\n\nSeverity: {severity_of(rule)}\n")
    assert re.findall(r"^## (.*)$", text, re.M) == SECTIONS


@pytest.mark.parametrize("rule", rules())
def test_the_examples_do_what_they_say(rule: str) -> None:
    text = (PAGES / f"{rule}.md").read_text(encoding="utf-8")
    _, bad, good = re.split(r"^## (?:Example|Use instead)$", text, flags=re.M)
    found = _check(bad)
    assert rule in found, found
    assert len([each for each in found if severity_of(each) == "error"]) == (severity_of(rule) == "error"), found
    assert rule not in _check(good)
    assert all(severity_of(each) != "error" for each in _check(good)), _check(good)


def test_semantics_reports_exactly_the_rules_it_lists() -> None:
    sources = [*(ROOT / "flowlang" / "semantics").rglob("*.py"), ROOT / "flowlang" / "compiler" / "loading.py"]
    used = {
        name for path in sources for pair in REPORTED.findall(path.read_text(encoding="utf-8")) for name in pair if name
    }
    assert used == ERRORS | WARNINGS


def test_no_rule_asks_for_nodes_that_nobody_shows() -> None:
    """What stands below the structure is listed by semantics, or looked for from the file where a word calls for it."""
    assert {kind for rule in CHECKS.values() for kind in rule.nodes} <= STRUCTURE | LISTED | {ast.File}


def test_checks_are_found_by_listing_their_package() -> None:
    files = {path.stem.replace("_", "-") for path in (ROOT / "flowlang" / "checks" / "rules").glob("[a-z]*.py")}
    assert set(CHECKS) == files


def _check(section: str) -> list[str]:
    fences = FENCE.findall(section)
    texts = {name or "example.flow": text for name, text in fences}

    def read(path: str) -> str:
        if path not in texts:
            raise Unreadable("does not exist")
        return texts[path]

    return [found.rule for found in check(next(iter(texts)), read, OPT_IN).diagnostics]

"""No fix takes a comment out: of every rule's example, with one in each gap of what its fixes replace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlang.checks.registry import OPT_IN
from flowlang.compiler.pipeline import check, check_text
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs/rules").glob("*.md"))
WHY = "# kept\n"
GAP = re.compile(r"(?<=\W)|(?<=\w)(?=\W)")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_fix_of_an_example_takes_a_comment_out(path: Path) -> None:
    _, bad = re.split(r"^## Example$", path.read_text(encoding="utf-8"), flags=re.M)
    for text in re.findall(r"^```flow\n(.*?)^```$", bad.partition("## Use instead")[0], flags=re.M | re.S):
        _keeps(text)


def _keeps(text: str) -> None:
    gaps = {
        at
        for found in _found(text)
        for fix in found.fixes
        for edit in fix.edits
        for at in range(edit.span.start + 1, edit.span.end)
        if GAP.match(text, at)
    }
    for at in gaps:
        commented = text[:at] + WHY + text[at:]
        for found in _found(commented):
            for fix in found.fixes:
                assert WHY.strip() in apply(commented, fix.edits), (found.rule, commented)


def _found(text: str) -> tuple[Diagnostic, ...]:
    def read(path: str) -> str:
        if path == "example.flow":
            return text
        raise Unreadable("does not exist")

    return check("example.flow", read, OPT_IN).diagnostics


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("let r = n | default( # why\n 1)", "useless-default"),
        ("let r = id.upper( # why\n)", "not-callable"),
        ("let r = n | # why\n default(1)", "useless-default"),
    ],
)
def test_a_fix_that_would_take_a_comment_out_is_not_offered(line: str, rule: str) -> None:
    text = "flow f(id: string, n: int) -> any {{\n  {}\n  return [r, id, n]\n}}\n"
    (plain,) = check_text(text.format(re.sub("# why\n", "", line))).diagnostics
    assert plain.rule == rule
    assert plain.fixes
    (commented,) = check_text(text.format(line)).diagnostics
    assert commented == plain.replace(span=commented.span, fixes=())

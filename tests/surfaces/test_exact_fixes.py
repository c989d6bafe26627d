"""Fixes, each on one line of a flow: what they make of it, to the character, and that nothing new is found then."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics.fixing import apply, chosen_fix

FLOW = """\
import http
import notify

config {{ api: url, hook: secret[url] }}

flow f(id: string, n: int, xs: list[string], table: map[int], maybe: string?, b: bool) -> any {{
  {line}
  return id
}}
"""
FIXES = [
    ("not-callable", "step r = for k, v in table.items() { yield v }", "step r = for k, v in table { yield v }"),
    ("not-callable", "let r = [v for k, v in table.items()]", "let r = [v for k, v in table]"),
    ("not-callable", "let r = [e.key for e in table.items()]", "let r = [e.key for e in (table | items)]"),
    ("not-callable", "let r = id.upper()", "let r = id | upper"),
]


@pytest.mark.parametrize(("rule", "bad", "good"), FIXES, ids=[bad for _, bad, _ in FIXES])
def test_a_fix_is_exact(rule: str, bad: str, good: str) -> None:
    text = FLOW.format(line=bad)
    found = check_text(text).diagnostics
    (wrong,) = [each for each in found if each.rule == rule]
    fix = chosen_fix(wrong, unsafe=True)
    assert fix is not None
    fixed = apply(text, fix.edits)
    assert fixed == FLOW.format(line=good)
    before = [(each.rule, each.message) for each in found]
    left = [(each.rule, each.message) for each in check_text(fixed).diagnostics if not each.rule.startswith("unused-")]
    assert [each for each in left if each not in before or each[0] == rule] == []

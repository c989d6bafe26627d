"""A line may be as long as a file: no rule looks at it again and again from its start."""

from __future__ import annotations

import time

import pytest

from flowlang.compiler.pipeline import check_text


@pytest.mark.parametrize("hole", ['"{{ ', "'a' \"{{ "])
def test_a_hundred_thousand_holes(hole: str) -> None:
    text = "let a = " + hole * 100_000 + "1\n"
    began = time.process_time()
    assert len(check_text(text, "a.flow").diagnostics) > 0
    assert time.process_time() - began < 8


def test_a_hole_in_single_quotes_is_found_behind_many() -> None:
    text = 'let a = 1\nlet b = "{{ a }}" ~ ' + '"{{ a }} it\'s {{ a }}" ~ ' * 2 + "'{{ a }}'\n"
    found = check_text(text, "a.flow").diagnostics
    assert [each.rule for each in found] == ["hole-in-plain-text"]

"""A line may be as long as a file: no rule looks at it again and again from its start."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.compiler.pipeline import check_text
from tests.counted import growth


class Looked(str):
    """A text that counts the characters which are cut out of it or counted over."""

    __slots__ = ("characters",)

    characters: int

    def __getitem__(self, at: Any) -> str:
        found = super().__getitem__(at)
        self.characters += len(found)
        return found

    def count(self, part: str, start: Any = None, end: Any = None) -> int:
        self.characters += len(range(len(self))[start:end])
        return super().count(part, start, end)


def looked_at(holes: int, hole: str) -> int:
    text = Looked("let a = " + hole * holes + "1\n")
    text.characters = 0
    assert len(check_text(text, "a.flow").diagnostics) > 0
    return text.characters


@pytest.mark.parametrize("hole", ['"{{ ', "'a' \"{{ "])
def test_a_thousand_holes_are_looked_at_no_more_often_each(hole: str) -> None:
    assert 0 < looked_at(2_000, hole) < 2.05 * looked_at(1_000, hole)
    assert growth(lambda holes: check_text("let a = " + hole * holes + "1\n", "a.flow"), 500) < 2.05


def test_a_hole_in_single_quotes_is_found_behind_many() -> None:
    text = 'let a = 1\nlet b = "{{ a }}" ~ ' + '"{{ a }} it\'s {{ a }}" ~ ' * 2 + "'{{ a }}'\n"
    found = check_text(text, "a.flow").diagnostics
    assert [each.rule for each in found] == ["hole-in-plain-text"]

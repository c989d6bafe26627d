"""How a name is spelled that has capitals."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text


@pytest.mark.parametrize(
    ("name", "new"),
    [("LIMIT", "limit"), ("getURL", "get_url"), ("getURLOf", "get_url_of"), ("MyStep", "my_step"), ("a_B2C", "a_b2_c")],
)
def test_the_help_writes_words_apart(name: str, new: str) -> None:
    found = check_text(f"flow f() -> int {{\n  let {name} = 1\n  return {name}\n}}\n", "a.flow").diagnostics
    assert [(each.rule, each.help) for each in found] == [
        ("unusual-name", f"call it `{new}`: names are written in small letters")
    ]

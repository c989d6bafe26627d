"""What is called unused in a file with mistakes."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check
from flowlang.syntax import lookalikes

BROKEN = "flow f() -> int {\n  let a = (\n  return 1\n}\n"


def test_a_text_is_read_through_once_however_many_items_nothing_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    as_seen, read = lookalikes.as_seen, 0

    def counted(text: str) -> str:
        nonlocal read
        read += len(text)
        return as_seen(text)

    monkeypatch.setattr(lookalikes, "as_seen", counted)
    text = "# é\n" + "".join(f"function f_{i}() -> int = {i}\n\n" for i in range(50)) + BROKEN
    found = check("a.flow", lambda _: text).diagnostics
    assert sum(each.rule == "unused-function" for each in found) == 50
    assert read < 3 * len(text)


def test_what_a_broken_statement_spells_is_used() -> None:
    text = f"function one() -> int = 1\n\nfunction o() -> int = 1\n\n{BROKEN.replace('= (', '= (оne(')}"
    found = check("a.flow", lambda _: text).diagnostics
    assert [each.message for each in found if each.rule == "unused-function"] == ["nothing in this file uses `o`"]

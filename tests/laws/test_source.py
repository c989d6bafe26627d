"""A source that was edited has the lines of one that was read anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowlang.source import Source

TEXTS = st.text("a😀\n\r", max_size=12)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), TEXTS), max_size=5))
def test_lines_after_edits(text: str, edits: list[tuple[int, int, str]]) -> None:
    source = Source("a.flow", text)
    for one, other, new in edits:
        start, end = sorted((min(one, len(text)), min(other, len(text))))
        text = text[:start] + new + text[end:]
        assert source.starts
        source = source.edited(start, end, new)
        assert source.text == text
        assert source.starts == Source("a.flow", text).starts


def test_lines_end_where_the_protocol_says() -> None:
    assert Source("a.flow", "a\x0b\u2028b\nc\r\nd\re").starts == [0, 5, 8, 10]
    assert Source("a.flow", "").starts == [0]
    assert Source("a.flow", "a\n\n").starts == [0, 2, 3]

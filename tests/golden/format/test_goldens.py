"""The canonical style by example: each `.flow` file beside what it becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.formatter import format_source
from flowlang.source import Source

FILES = sorted(Path(__file__).parent.glob("*.flow"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_golden(path: Path, golden: Callable[[Path, str], None]) -> None:
    formatted = format_source(Source(path.name, path.read_text()))
    assert isinstance(formatted, str), formatted
    golden(path.with_suffix(".formatted"), formatted)
    assert format_source(Source(path.name, formatted)) == formatted


def test_a_broken_file_is_not_formatted() -> None:
    found = format_source(Source("x.flow", "let a  = )\nlet b =  1\n"))
    assert not isinstance(found, str)
    assert [d.rule for d in found] == ["syntax-error"]

"""What can be folded away is what belongs together, and nothing else."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.asking import Asked


def folds(text: str) -> list[tuple[int, int, str | None]]:
    found = Asked(text).ask(types.TEXT_DOCUMENT_FOLDING_RANGE)
    return [(each.start_line, each.end_line, each.kind and each.kind.value) for each in found]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_imports_that_stand_apart_are_not_folded_over_what_is_between(end: str) -> None:
    text = "# 😀\nimport http\nimport json\n\nflow f() -> int {\n  return 1\n}\n\nimport text\n".replace("\n", end)
    assert folds(text) == [(1, 2, "imports"), (4, 5, None)]


def test_lines_of_a_text_are_no_comments() -> None:
    text = '# 😀\n# two\nflow f(a: int) -> any {\n  return """\n    # {{ a }}\n    # title\n    """\n}\n'
    assert folds(text) == [(0, 1, "comment"), (2, 6, None), (3, 6, None)]


def test_blocks_lists_and_calls() -> None:
    text = (
        "# 😀\nflow f(a: bool) -> any {\n  step s = if a {\n    yield 1\n  } else {\n    yield 2\n  }\n"
        "  return [\n    string(\n      s,\n    ),\n  ]\n}\n"
    )
    assert folds(text) == [(1, 11, None), (2, 3, None), (4, 5, None), (7, 10, None), (8, 9, None)]

"""Nothing tells anybody to install `flowlang` from a package index: the project of that name on PyPI is another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

KINDS = {".md", ".py", ".ts", ".json", ".lua", ".el", ".toml", ".yml", ".yaml", ".sh"}
PLACES = ["*", ".*", "docs/**/*", "editors/**/*", "examples/**/*", "flowlang/**/*"]
MADE = {"node_modules", "dist", ".venv", ".vscode-server"}
# A requirement by its name; behind a slash it is a folder, and where it is before an `@` the folder follows.
NAMED = r"(?<![\w/.-])flowlang(?:\[[\w,-]+\])?(?![\w/[-]|\.\w|\s*@)"
INSTALLS = re.compile(rf"\b(?:pip3?|pipx|uv)\b[^\n`#]*\s(?:install|add)\s[^\n`#]*?{NAMED}|{NAMED}\s*[=~]=\s*\d")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install 'flowlang[lsp]'", True),
        ("pip3 install -q flowlang", True),
        ("such as flowlang==0.1.0", True),
        ("uv add flowlang", True),
        ("pip install '.[lsp]'", False),
        ("pip install '/path/to/flowlang[lsp]'", False),
        ("pip install 'flowlang[lsp] @ file:///path/to/flowlang'", False),
        ("install flowlang with its extra", False),
        ("`pip install x` and `flowlang check`", False),
    ],
)
def test_the_search_finds_such_an_instruction(line: str, found: bool) -> None:
    assert bool(INSTALLS.search(line)) is found


def test_no_instruction_installs_from_an_index(root: Path) -> None:
    files = [
        path
        for pattern in PLACES
        for path in root.glob(pattern)
        if path.suffix in KINDS and not MADE & set(path.relative_to(root).parts) and path.is_file()
    ]
    assert len(files) > 100
    told = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in files
        for match in INSTALLS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert told == []

"""`docs/language/library.md` lists the standard library as its files declare it; `pytest --bless` writes it anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

HEAD = """\
# The standard library

What `import NAME` gives, and what is there without import. An action stands at the head of a `step` or `do`; a function
is called anywhere, also as a filter: `x | f(a)` is `f(x, a)`. Arguments are given by place or by name; a parameter with
`=` may be left out. Annotations and triggers have [a page of their own](annotations.md), error types too
([Errors](errors.md)).
"""
WITHOUT_IMPORT = ("prelude", "tests", "service")
ELSEWHERE = ("annotations", "triggers", "errors")


def page(root: Path) -> str:
    """The page, module by module."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in sorted((root / "stdlib").glob("*.flow"))}
    names = [*(name for name in files if name not in (*WITHOUT_IMPORT, *ELSEWHERE)), *WITHOUT_IMPORT]
    return "\n".join([HEAD, *(line for name in names for line in _module(name, files[name]))])


def _module(name: str, text: str) -> Iterator[str]:
    yield f"## {name} (without import)\n" if name in WITHOUT_IMPORT else f"## import {name}\n"
    lines = text.splitlines()
    yield "\n".join(line.removeprefix("##!").strip() for line in lines if line.startswith("##!")) + "\n"
    declared = "\n".join(line for line in lines if not line.startswith(("##!", "import ")))
    yield f"```flow fragment\n{declared.replace(' = native', '').strip()}\n```\n"


def test_the_page_lists_the_library(root: Path, golden: Callable[[Path, str], None]) -> None:
    golden(root / "docs" / "language" / "library.md", page(root))

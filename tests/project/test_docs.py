"""Every fenced `flow` block of README and docs is a file that the compiler agrees with; every link leads somewhere.

A block without a mark has no findings at all; `flow error:NAME` has findings of that one rule; `flow fragment` shows a
form and is not checked. `jinja NAME` is a document template that the blocks of its page may render.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from flowlang.cli.clicked import command_names
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.formatter import format_source
from flowlang.source import Source

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
)
FENCE = re.compile(r"^```flow([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TEMPLATE = re.compile(r"^```jinja (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`]*`", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"fragment|error:[a-z-]+|")


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its mark, its text, the templates of its page."""

    place: str
    mark: str
    text: str
    templates: tuple[tuple[str, str], ...]

    def read(self, path: str) -> str:
        """The text of the block, or of a template of its page."""
        if path == self.place:
            return self.text
        found = dict(self.templates).get(path.rpartition("/")[2])
        if found is None:
            raise Unreadable("does not exist")
        return found


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    templates = tuple(TEMPLATE.findall(text))
    name = page.relative_to(ROOT)
    return [
        Block(f"{name}:{text.count(chr(10), 0, match.start()) + 1}", match[1].strip(), match[2], templates)
        for match in FENCE.finditer(text)
    ]


RULES = ROOT / "docs" / "rules"
"""Their pages have a bad and a good example each, which the tests of the checker run."""
BLOCKS = [block for page in PAGES if page.parent != RULES for block in blocks_of(page)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_what_its_mark_says(block: Block) -> None:
    assert MARK.fullmatch(block.mark), f"{block.place}: unknown mark {block.mark!r}"
    if block.mark == "fragment":
        return
    found = check(block.place, block.read).diagnostics
    shown = [f"{finding.rule}: {finding.message}" for finding in found]
    if block.mark:
        assert {finding.rule for finding in found} == {block.mark.removeprefix("error:")}, shown
    else:
        assert shown == []


def test_the_reference_has_blocks_to_check() -> None:
    checked = [block for block in BLOCKS if block.mark != "fragment"]
    assert len(checked) > 20
    assert sum(block.mark.startswith("error:") for block in checked) >= 3


def anchors_of(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_whole_without_anything_beside_the_project(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "shared/" not in text
    assert "/work/" not in text
    assert "/tmp/" not in text


def test_the_promise_is_word_for_word_everywhere() -> None:
    promise = (
        "n accepted run is never lost; a journaled step is never executed again; "
        "an unjournaled step may be executed again, with the same idempotency key."
    )
    for name in ("README.md", "ARCHITECTURE.md", "docs/language/semantics.md"):
        words = " ".join((ROOT / name).read_text(encoding="utf-8").replace("\n> ", "\n").split())
        assert promise in words, name


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_in_canonical_style(block: Block) -> None:
    if block.mark != "fragment":
        assert format_source(Source(block.place, block.text)) == block.text


def test_the_help_tells_the_exit_codes_of_the_reference() -> None:
    page = (ROOT / "docs" / "language" / "cli.md").read_text(encoding="utf-8")
    helped = {}
    for name in command_names():
        command = import_module(f"flowlang.cli.commands.{name}").COMMAND
        if "Exit code" in command.help:
            helped[name] = set(re.findall(r"(\d+):", command.help.partition("Exit code")[2]))
    assert sorted(helped) == ["check", "fmt", "run"]
    for name, codes in helped.items():
        (row,) = re.findall(rf"^\| `flowlang {name} [^|]*\|[^|]*\|([^|]*)\|$", page, re.MULTILINE)
        assert codes == set(re.findall(r"\b\d+\b", row)), name

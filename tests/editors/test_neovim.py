"""The plug-in for Neovim as it is shipped, installed as its page says, with the server itself.

Before each position that is asked about stands an emoji.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.editors.compiled import compiler
from tests.editors.installed import is_new, missing, need_neovim, run
from tests.editors.words import ROOT

pytestmark = pytest.mark.slow
DRIVE = Path(__file__).with_name("neovim.lua")
TEXT = """\
# Nothing here is imported.

## 😀 Says it.
@timeout(5s)
flow f(amount: int) -> string {
  let b = "😀 {{ amount }} {{ amuont }}"
  let  ccc = '😀' ~ b
  return ccc
}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project whose environment has the program; the one on PATH is another one."""
    place = tmp_path / "it's 100% #1"
    for folder, script in (
        (place / ".venv" / "bin", f'PYTHONPATH={ROOT} exec {sys.executable} -m flowlang "$@"'),
        (place / "elsewhere", "echo somebody else; exit 9"),
    ):
        folder.mkdir(parents=True)
        (folder / "flowlang").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / "flowlang").chmod(0o755)
    (place / "a.flow").write_text(TEXT, encoding="utf-8")
    return place


def commands(number: int) -> str:
    """A block of indented commands of the page's section about Neovim."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    section = page.partition("## Neovim\n")[2].partition("\n## ")[0]
    return re.findall(r"(?:^    .*\n)+", section, re.MULTILINE)[number]


def install(place: Path, script: str) -> None:
    """Do what the page says, at home."""
    run(ROOT, "bash", "-ec", script, HOME=str(place.parent))


def start(place: Path, program: str, *arguments: str) -> str:
    path = f"{place / 'elsewhere'}:/usr/bin:/bin"
    return run(place, program, "--headless", *arguments, PATH=path, HOME=str(place.parent))


def test_what_a_user_does(place: Path) -> None:
    program = need_neovim()
    install(place, commands(0))
    said = start(place, program, "a.flow", "-c", f"luafile {DRIVE}").splitlines()
    assert "found unknown-name amuont" in said
    assert any(line.startswith("hover ```flow let b: string ```") for line in said)
    assert "renamed   let  ccc = '😀' ~ whole" in said
    assert "formatted   let ccc = '😀' ~ whole" in said
    assert 'fixed   let whole = "😀 {{ amount }} {{ amount }}"' in said
    assert "lenses Run | Show graph | 0 uses in open files" in said
    assert "added Run | Show graph | 0 uses in open files" in said
    assert any(line.startswith('ran "😀😀 5 5"') for line in said)
    assert "graph flowchart TD" in said
    assert "unnamed unknown-name amuont" in said
    assert """unnamed   let bbb = "😀 {{ amount }}"   let ccc = "😀" ~ bbb""" in said
    assert "unnamed Save the flow first: what is run is a file." in said
    assert "named b.flow" in said


@pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
def test_the_parser_colours_and_folds(place: Path) -> None:
    program = need_neovim()
    install(place, commands(0) + commands(1))
    see = "lua print(vim.treesitter.highlighter.active[1] ~= nil, vim.fn.foldlevel(6), vim.fn.foldclosed(6))"
    said = start(place, program, "a.flow", "-c", "lua vim.treesitter.get_parser():parse()", "-c", see, "-c", "qa!")
    assert said.strip() == "true 1 -1"


def test_an_old_one_says_once_why_it_only_colours(place: Path) -> None:
    """Debian 12 has such a one."""
    program = shutil.which("nvim", path="/usr/bin")
    if program is None:
        missing("neovim", "there is no Neovim of Debian's")
    if is_new(program):
        pytest.skip("Debian's Neovim is a new one")
    install(place, commands(0))
    see = ["-c", "edit b.flow | edit! a.flow", "-c", "echo synIDattr(synID(3, 1, 1), 'name')", "-c", "qa!"]
    said = start(place, program, "a.flow", *see)
    assert said.count("needs 0.10 or newer") == 1
    assert "flowDocumentation" in said

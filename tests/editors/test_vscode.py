"""The extension for Visual Studio Code: its manifest fits its files, its code and this package, its colours are sound.

Its own tests run in node (`npm test`): the TextMate grammar in the editor's engine, the search for the program, the
page of the graph. They are run from here where its packages are installed, as by `make editors`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

import flowlang
from tests.editors.installed import missing
from tests.editors.words import EDITORS

FOLDER = EDITORS / "vscode"


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_the_versions_are_those_of_the_package() -> None:
    assert read("package.json")["version"] == flowlang.__version__
    assert read("package-lock.json")["packages"][""]["version"] == flowlang.__version__
    for name in ("package.json", "tree-sitter.json"):
        made = json.loads((EDITORS / "tree-sitter-flow" / name).read_text(encoding="utf-8"))
        assert made.get("version", made.get("metadata", {}).get("version")) == flowlang.__version__


def test_every_file_that_the_manifest_names_is_there() -> None:
    contributes = read("package.json")["contributes"]
    named = [grammar["path"] for grammar in contributes["grammars"]]
    named += [language["configuration"] for language in contributes["languages"]]
    assert [name for name in named if not (FOLDER / name).is_file()] == []


def test_every_command_of_the_manifest_is_registered_and_the_other_way_round() -> None:
    declared = {command["command"] for command in read("package.json")["contributes"]["commands"]}
    code = (FOLDER / "src" / "extension.ts").read_text(encoding="utf-8")
    assert set(re.findall(r"registerCommand\('([\w.]+)'", code)) == declared


def test_every_setting_of_the_manifest_is_read() -> None:
    settings = read("package.json")["contributes"]["configuration"]["properties"]
    # The trace is read by the library of the language client, by the client's name.
    assert set(settings) == {"flowlang.path", "flowlang.trace.server"}
    code = (FOLDER / "src" / "server.ts").read_text(encoding="utf-8")
    assert "getConfiguration('flowlang').get('path'" in code
    assert "new LanguageClient('flowlang'" in code


def test_the_bundled_lock_names_no_place() -> None:
    assert "resolved" not in (FOLDER / "package-lock.json").read_text(encoding="utf-8")


def patterns(node: Any) -> list[str]:
    if isinstance(node, list):
        return [pattern for part in node for pattern in patterns(part)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("match", "begin", "end") if isinstance(node.get(key), str)]
    return own + [pattern for part in node.values() for pattern in patterns(part)]


def test_the_patterns_of_the_grammar_compile_and_its_includes_are_there() -> None:
    grammar = read("flow.tmLanguage.json")
    for pattern in patterns(grammar):
        re.compile(pattern)
    included = set(re.findall(r'"include": "#(\w+)"', json.dumps(grammar)))
    assert included == set(grammar["repository"])


@pytest.mark.parametrize(
    ("line", "indents", "outdents"),
    [
        ("flow f() {", True, False),
        ("  step a = parallel { # why", True, False),
        ("  step a = f(", True, False),
        ("}", False, True),
        ("  ])", False, True),
        ("  step a = { b: 1 }", False, False),
        ('  let a = "{{ x }}"', False, False),
        ("  # if {", False, False),
    ],
)
def test_indentation(line: str, indents: bool, outdents: bool) -> None:
    rules = read("language-configuration.json")["indentationRules"]
    assert bool(re.search(rules["increaseIndentPattern"], line)) is indents
    assert bool(re.search(rules["decreaseIndentPattern"], line)) is outdents


@pytest.mark.slow
def test_its_own_tests_pass() -> None:
    if shutil.which("npm") is None or not (FOLDER / "node_modules" / "esbuild").is_dir():
        missing("node", "its packages are not installed: `make editors` does that")
    done = subprocess.run(["npm", "test"], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_what_is_meant_is_packaged() -> None:
    kept = (FOLDER / ".vscodeignore").read_text(encoding="utf-8").splitlines()
    assert kept[0] == "**"
    made = {"dist/extension.js", "dist/drawing.js", "dist/NOTICES.txt", "LICENSE"}
    listed = {line.removeprefix("!") for line in kept[1:]}
    assert {name for name in listed - made if not (FOLDER / name).is_file()} == set()
    assert made <= listed

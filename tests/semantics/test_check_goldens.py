"""Every `tests/golden/check/**/*.flow`: what is found stands on its line as `# error: [rule] "part of the message"`.

`pytest --bless` writes what is found now behind each line. A file whose name begins with `_` is only imported by
others.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlang.checks.registry import CHECKS, OPT_IN
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import read_file
from flowlang.diagnostics import Diagnostic

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "check"
EXPECTED = re.compile(r'# (error|warning|info): \[([a-z-]+)\] "(.*?)"(?=\s*(?:# (?:error|warning|info): \[|$))')
FILES = sorted(path for path in FOLDER.rglob("*.flow") if not path.name.startswith("_"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_findings_stand_on_their_lines(path: Path, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    if bless:
        _bless(path)
    found = _found(path, _named(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = []
    for number, line in enumerate(lines, 1):
        expected = [match.groups() for match in EXPECTED.finditer(line)]
        here = found.pop(number, [])
        for severity, rule, part in expected:
            hit = next((d for d in here if d.severity == severity and d.rule == rule and part in d.message), None)
            if hit is None:
                problems.append(f"{path.name}:{number} expected {severity}: [{rule}] {part!r}")
            else:
                here.remove(hit)
        problems += [f"{path.name}:{number} found {d.severity}: [{d.rule}] {d.message!r}" for d in here]
    assert not problems, "\n".join(problems)


def _named(path: Path) -> set[str]:
    """The rules that a golden expects somewhere: checks that it does not name are not what it is about."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {match[2] for line in lines for match in EXPECTED.finditer(line)}


def _found(path: Path, named: set[str]) -> dict[int, list[Diagnostic]]:
    program = check(path.name, read_file, OPT_IN)
    found: dict[int, list[Diagnostic]] = {}
    for each in program.diagnostics:
        if each.span.file == path.name and (each.rule not in CHECKS or each.rule in named):
            line = program.files[each.span.file].source.position(each.span.start).line
            found.setdefault(line, []).append(each)
    return found


def _bless(path: Path) -> None:
    named = _named(path)
    bare = [EXPECTED.sub("", line).rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(bare) + "\n", encoding="utf-8")
    for number, here in _found(path, named).items():
        for each in here:
            bare[number - 1] += f'  # {each.severity}: [{each.rule}] "{each.message}"'
    path.write_text("\n".join(bare) + "\n", encoding="utf-8")

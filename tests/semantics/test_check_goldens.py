"""Every `tests/golden/check/**/*.flow`: what is found stands on its line as `# error: [rule] "part of the message"`.

`pytest --bless` writes what is found now behind each line. A file whose name begins with `_` is only imported by
others.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import read_file
from flowlang.diagnostics import Diagnostic

QUIET = "unused-let"  # goldens name values only to type them; those about this rule expect it
FOLDER = Path(__file__).resolve().parent.parent / "golden" / "check"
EXPECTED = re.compile(r'# (error|warning|info): \[([a-z-]+)\] "(.*?)"(?=\s*(?:# (?:error|warning|info): \[|$))')
FILES = sorted(path for path in FOLDER.rglob("*.flow") if not path.name.startswith("_"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_findings_stand_on_their_lines(path: Path, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    if bless:
        _bless(path)
    found = _found(path)
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


def _found(path: Path) -> dict[int, list[Diagnostic]]:
    program = check(path.name, read_file)
    found: dict[int, list[Diagnostic]] = {}
    for each in program.diagnostics:
        if each.rule == QUIET and f"[{QUIET}]" not in program.files[path.name].source.text:
            continue
        if each.span.file == path.name:
            line = program.files[each.span.file].source.position(each.span.start).line
            found.setdefault(line, []).append(each)
    return found


def _bless(path: Path) -> None:
    bare = [EXPECTED.sub("", line).rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(bare) + "\n", encoding="utf-8")
    for number, here in _found(path).items():
        for each in here:
            bare[number - 1] += f'  # {each.severity}: [{each.rule}] "{each.message}"'
    path.write_text("\n".join(bare) + "\n", encoding="utf-8")

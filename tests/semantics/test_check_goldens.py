"""Every `tests/golden/check/**/*.flow`: what is found stands on its line as `# error: [rule] "part of the message"`.

`pytest --bless` writes what is found now behind each line. A file whose name begins with `_` is only imported by
others.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from flowlang.checks.registry import CHECKS, OPT_IN, rules
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import read_file
from flowlang.diagnostics import Diagnostic

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "check"
EXPECTED = re.compile(r'# (error|warning|info): \[([a-z-]+)\] "(.*?)"(?=\s*(?:# (?:error|warning|info): \[|$))')
FILES = sorted(path for path in FOLDER.rglob("*.flow") if not path.name.startswith("_"))
IN_TEMPLATES = {"unsupported-tag"}
"""What is found in document templates only: `tests/documents`."""


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(FOLDER)) for path in FILES])
def test_findings_stand_on_their_lines(path: Path, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    if bless:
        _bless(path)
    found = _found(path, _named(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    problems = []
    for number, line in enumerate(lines, 1):
        met, unexpected = _compared(line, found.pop(number, []))
        for expectation, is_met in met:
            if not is_met:
                severity, rule, part = expectation.groups()
                problems.append(f"{path.name}:{number} expected {severity}: [{rule}] {part!r}")
        problems += [f"{path.name}:{number} found {d.severity}: [{d.rule}] {d.message!r}" for d in unexpected]
    assert not problems, "\n".join(problems)


def test_every_rule_is_expected_at_least_twice() -> None:
    counted = Counter(rule for path in FILES for rule in _expected(path))
    assert [rule for rule in rules() if counted[rule] < 2 and rule not in IN_TEMPLATES] == []


@pytest.mark.parametrize("path", sorted((FOLDER / "rules").glob("[a-z]*.flow")), ids=lambda path: path.stem)
def test_the_golden_of_a_rule_has_a_near_miss(path: Path) -> None:
    assert path.stem in _expected(path)
    assert "# near miss" in path.read_text(encoding="utf-8")


def test_bless_changes_only_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.flow"
    same = """flow f(a: int) -> any {
  let b = a + 'x' # error: [wrong-operand] "`+`"
  return [b, c, q]  # error: [unknown-name] "called `c`" # error: [unknown-name] "called `q`"
}
"""
    path.write_text(same, encoding="utf-8")
    _bless(path)
    assert path.read_text(encoding="utf-8") == same
    path.write_text(same.replace("called `c`", "named `c`").replace("+ 'x'", "+ 1"), encoding="utf-8")
    _bless(path)
    let, returned = path.read_text(encoding="utf-8").splitlines()[1:3]
    assert let == "  let b = a + 1"
    assert returned == (
        '  return [b, c, q]  # error: [unknown-name] "called `q`"  # error: [unknown-name] "nothing here is called `c`"'
    )


def _compared(line: str, found: list[Diagnostic]) -> tuple[list[tuple[re.Match[str], bool]], list[Diagnostic]]:
    """What a line expects, each with whether it was found; and what was found beside that."""
    left, met = list(found), []
    for match in EXPECTED.finditer(line):
        severity, rule, part = match.groups()
        hit = next((d for d in left if d.severity == severity and d.rule == rule and part in d.message), None)
        if hit is not None:
            left.remove(hit)
        met.append((match, hit is not None))
    return met, left


def _named(path: Path) -> set[str]:
    """The rules that a golden expects somewhere: checks that it does not name are not what it is about."""
    return set(_expected(path))


def _expected(path: Path) -> list[str]:
    """The rule of each expectation."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [match[2] for line in lines for match in EXPECTED.finditer(line)]


def _found(path: Path, named: set[str]) -> dict[int, list[Diagnostic]]:
    program = check(path.name, read_file, OPT_IN)
    found: dict[int, list[Diagnostic]] = {}
    for each in program.diagnostics:
        if each.span.file == path.name and (each.rule not in CHECKS or each.rule in named):
            line = program.files[each.span.file].source.position(each.span.start).line
            found.setdefault(line, []).append(each)
    return found


def _bless(path: Path) -> None:
    """Write what is found, on the lines where that is not what is expected; what is met keeps its words."""
    found = _found(path, _named(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        met, unexpected = _compared(line, found.get(number, []))
        if unexpected or not all(is_met for _, is_met in met):
            kept = [match[0].strip() for match, is_met in met if is_met]
            new = [f'# {each.severity}: [{each.rule}] "{each.message}"' for each in unexpected]
            lines[number - 1] = "  ".join([EXPECTED.sub("", line).rstrip(), *kept, *new])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

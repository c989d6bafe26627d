"""A habit of another language that stands in a declaration, a block or a name is one mistake, whatever follows it."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

RESULT = "gate: bool = false) -> {\n  r: string,\n  s: int\n} {\n  return { r: 'x', s: 1 }\n}\n"
LOOP = "import http\nflow f(u: url, xs: list[int]) -> any {\n  @concurrency(2)\n  let rows = for x in xs {\n"
BODY = "import http\nimport events\nflow f(u: url, xs: list[int]) -> any {\n"
# (the text, a part of the help, a part of what the fix makes of it: '' if there is none)
CASES = [
    (f"flow publish(commit, {RESULT}", "a parameter has a type: `commit: string`", ""),
    (f"flow publish(string commit, {RESULT}", "`commit: string`", "publish(commit: string, gate"),
    (f"flow publish(List<string> commit, {RESULT}", "`commit: list[string]`", "publish(commit: list[string], gate"),
    ("flow f() -> { r: List<string> } {\n  return { r: ['x'] }\n}\n", "`list[string]`", "{ r: list[string] } {"),
    (
        "type T {\n  m: Map<string, int>\n  n: int\n}\nflow f(t: T) -> int {\n  return t.n\n}\n",
        "`map[int]`",
        "map[int]\n",
    ),
    ("flow f(m: Map<string, int>) -> any {\n  return m\n}\n", "`map[int]`", "f(m: map[int])"),
    (
        "type T {\n  m: Map<string, List<int>>\n  n: int\n}\nflow f(t: T) -> any {\n  return [t.m, t.n]\n}\n",
        "`map[list[int]]`",
        "m: map[list[int]]\n",
    ),
    (
        "flow f(m: Array<Dict<string, T?>>) -> any {\n  return m\n}\ntype T { n: int }\n",
        "`list[map[T?]]`",
        "(m: list[map[T?]])",
    ),
    ("flow f(List<List<int>> m) -> any {\n  return m\n}\n", "`m: list[list[int]]`", "f(m: list[list[int]])"),
    ("type T {\n  d: duration = 5min\n}\nflow f(t: T) -> any {\n  return t.d\n}\n", "write `5m`", "duration = 5m\n"),
    (
        f"{LOOP}    step a = http.get(u).json\n    yield a\n  }}\n  return rows\n}}\n",
        "step rows = for",
        "step rows = for",
    ),
    ("type S = { a: int; b: list[string] }\nflow f(s: S) -> any {\n  return s.b\n}\n", "a comma", "a: int, b: list"),
    (f"{BODY}  wait(1s)\n  step a = http.get(u).json\n    after wait\n  return a\n}}\n", "`do …`", "  do wait(1s)\n"),
    (f"{BODY}  timeout(9s)\n  step e = events.wait('x')\n  return e.data\n}}\n", "`@timeout`", "  @timeout(9s)\n"),
    (f"{BODY}  step 1st_try = http.get(u).json\n  return 1\n}}\n", "a name begins with a letter or `_`", ""),
    (
        "type S {\n  state: 'new', 'paid', 'shipped'\n  n: int\n}\nflow f(s: S) -> any {\n  return [s.n, s.state]\n}\n",
        "`'new' | 'paid' | 'shipped'`",
        "state: 'new' | 'paid' | 'shipped'\n",
    ),
    (f"{BODY}  for x in xs:  # each\n    do http.post(u, json={{ x }})\n  }}\n  return 1\n}}\n", "braces", "in xs {"),
]


@pytest.mark.parametrize(("text", "help", "fixed"), CASES, ids=[row[1] for row in CASES])
def test_it_is_one_mistake(text: str, help: str, fixed: str) -> None:
    (found,) = _errors(text)
    assert help in found.help
    assert bool(found.fixes) == bool(fixed)
    if fixed:
        after = apply(text, found.fixes[0].edits)
        assert fixed in after
        assert _errors(after) == []


def test_what_stands_behind_it_is_still_looked_at() -> None:
    (_, other) = _errors("type S = { a: int; b: strin }\nflow f(s: S) -> any {\n  return s.b\n}\n")
    assert other.help == "did you mean `string`?"
    (_, other) = _errors(f"flow publish(commit, {RESULT.replace('s: 1', 's: commitment')}")
    assert other.rule == "unknown-name"
    (_, other) = _errors(f"{BODY}  for x in xs:\n    do http.post(u, jsn={{ x }})\n  }}\n  return 1\n}}\n")
    assert other.rule == "unknown-argument"


def _errors(text: str) -> list[Diagnostic]:
    return [each for each in check_text(text).diagnostics if each.severity == "error"]

"""A habit of another language that stands in a declaration, a block or a name is one mistake, whatever follows it."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

RESULT = "gate: bool = false) -> {\n  r: string,\n  s: int\n} {\n  return { r: 'x', s: 1 }\n}\n"
LOOP = "import http\nflow f(u: url, xs: list[int]) -> any {\n  @concurrency(2)\n  let rows = for x in xs {\n"
DEFAULT = "flow f(a: string?, b: string, xs: list[int]) -> any {{\n  return {}\n}}\n"
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
        f"{BODY}  step 1st_try = http.get(u).json\n  return [1st_try, 1st_try.x]\n}}\n",
        "a name begins with a letter",
        "",
    ),
    (
        "type S {\n  state: 'new', 'paid', 'shipped'\n  n: int\n}\nflow f(s: S) -> any {\n  return [s.n, s.state]\n}\n",
        "`'new' | 'paid' | 'shipped'`",
        "state: 'new' | 'paid' | 'shipped'\n",
    ),
    (
        f"service s {{\n  base_url = 'https://a.example'\n  timeout: 5s\n}}\n{BODY}  do s.get('/')\n  return 1\n}}\n",
        "above the service: `@timeout(5s)`",
        "",
    ),
    (
        f"{BODY}  step a = http.get(u).json; step b = http.get(u).json ; let c = [a, b];  # all\n  return c\n}}\n",
        "a line end ends a statement",
        "  step a = http.get(u).json\n  step b = http.get(u).json\n  let c = [a, b]  # all\n",
    ),
    (
        "flow f(u: url) -> any { let a = 1; return [a, u]; }\n",
        "a line end ends a statement",
        "let a = 1\nreturn [a, u] }",
    ),
    ("type S { a: int; b: int; }\nflow f(s: S) -> any {\n  return [s.a, s.b]\n}\n", "a comma", "{ a: int, b: int }"),
    (f"{BODY}  let a = [1, 2],\n  return a\n}}\n", "a line end ends a statement", "let a = [1, 2]\n"),
    (DEFAULT.format("1 if b in ('x', \"y\") else 2"), "a list is written", "b in ['x', \"y\"] else"),
    (
        f"{BODY}  do http.post(u, json={{ xs }}) undo http.delete(u)\n  return 1\n}}\n",
        "what undoes a step is a block",
        "undo { do http.delete(u) }\n",
    ),
    (
        f"{BODY}  try {{\n    do http.post(u)\n  }} catch as e {{\n    yield none\n  }}\n  return 1\n}}\n",
        "`sequence",
        "  sequence {",
    ),
    (f"{BODY}  timeout-minutes: 5\n  return 1\n}}\n", "`@timeout(10s)`", ""),
    (f"{BODY}  return {{ at: $now }}\n}}\n", "`step at = now()`", ""),
    (
        f"{BODY}  @timeout(total=5m)\n  step a = http.get(u).json every 5s until a.done\n  return a\n}}\n",
        "`until condition every 5s`",
        "",
    ),
    (f"{BODY}  step a = parallel(http.get(u), http.get(u))\n  return a\n}}\n", "`parallel { … }`", ""),
    (
        f"{BODY}  step a = foreach x in xs {{\n    yield x\n  }}\n  return a\n}}\n",
        "write `for x in xs",
        "step a = for x in xs {",
    ),
    (
        f"{BODY}  step a = http.get(u)\n  do http.post(u) after a()\n  return 1\n}}\n",
        "without parentheses",
        "after a\n",
    ),
    (f"{BODY}  step a = http.get(u) catch timeout => none\n  return a\n}}\n", "`catch { yield none }`", ""),
    (f"{BODY}  @retry {{ attempts = 3 }}\n  do http.get(u)\n  return 1\n}}\n", "`@retry(attempts=3)`", ""),
    (
        f"{BODY}  @retry(3, 2s, jitter='full')\n  do http.get(u)\n  return 1\n}}\n",
        "`attempts=3, delay=2s`",
        "@retry(attempts=3, delay=2s, jitter='full')",
    ),
    ("flow f(n: int(min=1)) -> int {\n  return n\n}\n", "called `ge`", "int(ge=1)"),
    (DEFAULT.format("a ?? b"), "`x | default(y)`", "return a | default(b)\n"),
    (DEFAULT.format("[a ?? 'x' ?? b, 1]"), "`x | default(y)`", "return [a | default('x') | default(b), 1]\n"),
    (DEFAULT.format("{ y: a ?? xs[0] }"), "`x | default(y)`", "{ y: a | default(xs[0]) }\n"),
    (DEFAULT.format("(xs | first ?? 1) + 1"), "`x | default(y)`", "return (xs | first | default(1)) + 1\n"),
    (DEFAULT.format("b ~ a ?? b"), "`x | default(y)`", ""),
    (DEFAULT.format("a ?? b ~ 'x'"), "`x | default(y)`", ""),
    (f"{BODY}  let a = 1;\n  return a\n}}\n", "a line end ends a statement", "let a = 1\n"),
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


def test_a_try_with_its_handler_is_two_habits() -> None:
    text = f"{BODY}  try {{\n    do http.post(u)\n  }} catch (e) {{\n    yield e.message\n  }}\n  return 1\n}}\n"
    found = _errors(text)
    assert [each.fixes[0].edits[0].text for each in found] == ["sequence", "as e"]
    for each in reversed(found):
        text = apply(text, each.fixes[0].edits)
    assert _errors(text) == []


def test_a_default_is_safe_where_nothing_may_fail() -> None:
    safe = [check_text(DEFAULT.format(f"a ?? {each}")).diagnostics[0].fixes[0].safe for each in ("b", "'x'", "xs[0]")]
    assert safe == [True, True, False]


def test_what_stands_behind_it_is_still_looked_at() -> None:
    (_, other) = _errors("type S = { a: int; b: strin }\nflow f(s: S) -> any {\n  return s.b\n}\n")
    assert other.help == "did you mean `string`?"
    (_, other) = _errors(f"flow publish(commit, {RESULT.replace('s: 1', 's: commitment')}")
    assert other.rule == "unknown-name"
    (_, other) = _errors(f"{BODY}  for x in xs:\n    do http.post(u, jsn={{ x }})\n  }}\n  return 1\n}}\n")
    assert other.rule == "unknown-argument"


def _errors(text: str) -> list[Diagnostic]:
    return [each for each in check_text(text).diagnostics if each.severity == "error"]

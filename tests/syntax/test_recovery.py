"""Going on after mistakes: k broken places give k findings, and what is whole is still in the tree."""

from __future__ import annotations

import random

import pytest

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import Parsed, parse
from tests.counted import growth
from tests.syntax.reading import below

BROKEN = [
    "step {} = ",
    "step {} = )",
    "step {} = a b",
    "step {} = f(1",
    "step {} = [1, 2",
    "step {} = 'x",
    "step {}: = 1",
    "step {}: list[int = 1",
    "step {} = {{ a = 1 }}",
    "step {} = x && y",
    "step {} = for x inn xs {{\n    step inner = 1\n  }}",
    "step {} = match x {{\n    case 'a' 'b' {{ yield 1 }}\n  }}",
    "step {} = f(\n    1\n    2\n  )",
    "step {} = x\n    when\n    catch {{ yield none }}",
]


def read(text: str) -> Parsed:
    return parse(Source("x.flow", text))


@pytest.mark.parametrize("count", range(1, 11))
@pytest.mark.parametrize("seed", range(5))
def test_broken_statements(count: int, seed: int) -> None:
    chance = random.Random(f"{count} {seed}")
    statements, bad, good = [], [], []
    for index in range(count):
        bad.append(f"bad{index}")
        statements.append("  " + chance.choice(BROKEN).format(bad[-1]))
        if chance.random() < 0.7:
            good.append(f"good{index}")
            statements.append(f"  step {good[-1]} = {chance.choice(['f(1)', 'if x { yield 1 }', 'a | b'])}")
    text = "flow before() { }\n\nflow f() {\n" + "\n".join(statements) + "\n}\n\nflow after_it() { return 1 }\n"
    parsed = read(text)
    assert len(parsed.diagnostics) == count, (text, parsed.diagnostics)
    flow = parsed.tree.items[1]
    assert [item.name.name for item in parsed.tree.items if isinstance(item, ast.FlowDecl)] == [
        "before",
        "f",
        "after_it",
    ]
    assert isinstance(flow, ast.FlowDecl)
    assert [s.name for s in flow.body.statements if isinstance(s, ast.Broken)] == bad
    assert [s.name.name for s in flow.body.statements if isinstance(s, ast.Step)] == good


ITEMS = [
    "let {} = ",
    "type {} {{ a: int b: int c }}",
    "flow {}(x) {{ return 1 }}",
    "flow {}(x: int {{\n  return 1\n}}",
    "action {}(x: int) -> = native",
    "service {} {{{{",
    "function {}(x: int = ) -> int = x",
    "@retry(\nflow {}() {{ }}",
    "flw {}() {{\n  step a = 1\n}}",
]


@pytest.mark.parametrize("count", range(1, 11))
def test_broken_items(count: int) -> None:
    chance = random.Random(count)
    chosen = [chance.choice(ITEMS[:5] + ITEMS[6:7] + ITEMS[8:]) for _ in range(count)]
    text = "\n".join(f"{item.format(f'bad{n}')}\nlet good{n} = {n}" for n, item in enumerate(chosen))
    parsed = read(text)
    found = [item.name.name for item in parsed.tree.items if isinstance(item, ast.Let)]
    assert found == [f"good{n}" for n in range(count)], (text, parsed.diagnostics)
    for n in range(count):
        place = text.index(f"bad{n}")
        until = text.index(f"let good{n}")
        assert any(place - 12 <= d.span.start < until for d in parsed.diagnostics), (text, parsed.diagnostics)


@pytest.mark.parametrize("count", range(1, 11))
def test_broken_fields(count: int) -> None:
    bad = ["bad{}: ", "bad{}: int(", "bad{} int", "bad{} = 3", "bad{}: int = "]
    lines = [f"  {bad[n % len(bad)].format(n)}\n  good{n}: int" for n in range(count)]
    parsed = read("type T {\n" + "\n".join(lines) + "\n}\nlet a = 1")
    assert len(parsed.diagnostics) == count, parsed.diagnostics
    declared = parsed.tree.items[0]
    assert isinstance(declared, ast.TypeDecl)
    assert isinstance(declared.type, ast.RecordType)
    assert [f.name.name for f in declared.type.fields] == [
        f"{kind}{n}" for n in range(count) for kind in ("bad", "good")
    ]


HEADS = [
    "flow f(a)",
    "flow f(a int, b: int)",
    "flow f(string a, b)",
    "flow f(a: int): int",
    "flow f(a: int) => int",
    "flow f",
    "flow f[T](a: T)",
    "flow f(a: int) returns int",
    "flow f(a: list<>)",
    "flow f(a: int",
    "flow f a: int)",
    "flow f(a: int) -> int:",
    "flow f(a: int) ->",
    "flow f(\n  a: int,  # why\n  b int,\n) -> int",
    "@timeout(5m)\nflow f(a int)",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("following", ["", "\nflow g() {\n  return 1\n}\n"])
def test_a_flow_with_a_broken_head_has_its_body(head: str, following: str) -> None:
    parsed = read(head + " {\n  step x = 1  # so\n  let y = = 2\n  return x\n} catch {\n  return 2\n}\n" + following)
    assert len(parsed.diagnostics) == 2
    flow, *others = parsed.tree.items
    assert len(others) == bool(following)
    assert isinstance(flow, ast.BrokenFlow)
    assert (flow.name.name, flow.params, flow.result, len(flow.catches)) == ("f", (), None, 1)
    assert [type(each).__name__ for each in flow.body.statements] == ["Step", "Broken", "Return"]
    assert sorted({each.text for each in parsed.comments}) == ["# so", "# why"][: 1 + ("why" in head)]


def test_settings_and_config() -> None:
    parsed = read("service s {\n  a: 1\n  b = 2\n  c = \n}\nconfig { x: , y: int }\n")
    assert len(parsed.diagnostics) == 3
    service, config = parsed.tree.items
    assert isinstance(service, ast.ServiceDecl)
    assert isinstance(config, ast.Config)
    assert [s.name.name for s in service.settings] == ["a", "b", "c"]
    assert [f.name.name for f in config.fields] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import http as", ["http"]),
        ("import http http", ["http"]),
        ("import 'x.flow' as x y", ["x"]),
        ("@retry('a') @b\nflow f( { }", ["f"]),
        ("flow f() {\n  do g(\n  let b = )\n  return )\n}", [None, "b", None]),
    ],
)
def test_names_of_what_is_broken(text: str, names: list[str | None]) -> None:
    assert [n.name for n in sorted(below(read(text).tree), key=lambda n: n.start) if isinstance(n, ast.Broken)] == names


def test_what_is_whole_is_kept() -> None:
    parsed = read("flow a() { return 1 } }\nflow b() {\n  if c { do d() } junk\n  return 2\n}\nlet e = [1]]\n")
    assert len(parsed.diagnostics) == 3
    assert [type(item).__name__ for item in parsed.tree.items] == ["FlowDecl", "FlowDecl", "Let"]
    flow = parsed.tree.items[1]
    assert isinstance(flow, ast.FlowDecl)
    assert [type(s).__name__ for s in flow.body.statements] == ["Do", "Broken", "Return"]


def test_unclosed_braces_are_closed_where_an_item_begins() -> None:
    parsed = read("flow a() {\n  for x in xs {\n    do f()\n\nflow b() {\n  return 1\n")
    assert [d.rule for d in parsed.diagnostics] == ["unclosed-bracket", "unclosed-bracket"]
    assert [item.name.name for item in parsed.tree.items if isinstance(item, ast.FlowDecl)] == ["a", "b"]


def test_each_missing_brace_of_an_item_is_told() -> None:
    text = (
        "flow f() {\n  step r = for id in ids {\n    if id {\n      do g()\n    # why\n    step y = h()\n    yield y\n"
        "  return r\n}\n## Docs.\n@a\nflow g() { return 1 }\n"
    )
    parsed = read(text)
    assert [(d.rule, text[: d.span.start].count("\n")) for d in parsed.diagnostics] == [
        ("unclosed-bracket", 1),
        ("unclosed-bracket", 2),
    ]
    first, second = parsed.tree.items
    assert isinstance(first, ast.FlowDecl)
    assert [type(s).__name__ for s in first.body.statements] == ["Step", "Return"]
    assert isinstance(second, ast.FlowDecl)
    assert (second.doc, [a.name.name for a in second.annotations]) == ("Docs.", ["a"])
    assert [c.text for c in parsed.comments] == ["# why", "## Docs."]


@pytest.mark.parametrize("before", ["", "let a = 1\n\n", "flow b() { return 1 }\n"])
@pytest.mark.parametrize("behind", ["    when x\n", "  step c = 1\n", "  catch { return 1 }\n  step c = 1\n"])
def test_a_brace_too_many_is_told_whichever_item_it_closes(before: str, behind: str) -> None:
    text = f"{before}flow f() {{\n  step a = g()\n  }}\n{behind}  return 1\n}}\n"
    found = read(text).diagnostics
    assert ["`}` is one too many" in each.message for each in found][:1] == [True]
    assert text[found[0].span.start - 3 :].startswith("\n  }")


@pytest.mark.parametrize(
    ("begin", "line"),
    [
        ("flow f() {\n  for x in xs {\n", "  for x in xs {\n    do g()\n"),
        ("flow f() {\n  }\n", "  do g()\n  }\n"),
        ("flow f() {\n", "  for x in xs\n    do g()\n"),
    ],
)
def test_mending_braces_takes_linear_work(begin: str, line: str) -> None:
    assert growth(lambda lines: read(begin + lines * line), 80) < 2.05


@pytest.mark.parametrize("cut", range(0, 700, 7))
def test_a_file_cut_anywhere(cut: int) -> None:
    text = (
        "import http\n\n@retry('fixed', attempts=2)\nservice s {\n  base_url = \"http://x/{{ y }}\"\n}\n\n"
        "flow f(a: int = 1, b: { c: string }) -> int {\n  on cron('* * * * *')\n"
        "  step x: T = s.get(\"/{{ a | f('x') }}\", json={ a, b: [1, 2] }).json\n    when a > 1\n"
        "    catch timeout as err { yield none }\n  step y = match a {\n    case 1 { yield 'x' }\n"
        "    else { yield 'y' }\n  }\n"
        '  for i in [1, 2] {\n    do s.post("/", text="""\n      {{ i }}\n      """)\n  }\n  return x\n}\n'
    )
    parsed = read(text[:cut])
    assert len(parsed.diagnostics) <= 2
    for found in parsed.diagnostics:
        assert 0 <= found.span.start < found.span.end <= max(cut, 1)


@pytest.mark.parametrize("junk", ["(", ")", "{", "[{(", "a ", '"{{', "@", "'\n"])
def test_junk_takes_linear_work(junk: str) -> None:
    def read_much(count: int) -> Parsed:
        return read("let a = " + count * junk + "\nlet b = 1\n")

    assert growth(read_much, 1_000) < 2.05
    assert read_much(50_000).diagnostics


@pytest.mark.parametrize("sign", ["(", "@", "["])
def test_an_item_with_annotations_is_not_below_itself(sign: str) -> None:
    parsed = parse(Source("a.flow", f"@idempotent\n@timeout(5s)\nservice crm {{{sign} base_url = x\n}}\n"))
    assert [each.name.name for each in parsed.tree.items if isinstance(each, ast.ServiceDecl)] in ([], ["crm"])
    for item in parsed.tree.items:
        if isinstance(item, ast.ServiceDecl):
            assert item.start <= item.name.start < item.name.end <= item.end

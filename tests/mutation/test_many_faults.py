"""k faults in k statements, or in k items, give k errors, each in its own place; faults of syntax included."""

from __future__ import annotations

import random

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.source import Source

STATEMENTS = [
    "step a{n} = nobody + 1",
    "step a{n} = http.fetch(config.api).json",
    "step a{n} = 'a' + 1",
    "step a{n} = 12 | uppercase",
    "step a{n} = http.get(config.api, colour=1).json",
    "step a{n}: duration = 'soon'",
    "@retries(3) step a{n} = http.get(config.api).json",
    "@retry('fixed', attempts=0) step a{n} = http.get(config.api).json",
    "step a{n} = for x in 12 {{ yield x }}",
    "step a{n} = http.get(config.api).json catch nonsense {{ yield none }}",
    "let a{n} = http.get(config.api)",
    "step a{n} = order.colour",
    "step a{n} = order.id | split(1)",
    "step a{n} = match order.kind {{ case 'small' {{ yield 1 }} }}",
    "step a{n} = [1, 2",
    "step a{n} = 1 +",
    "step a{n} = order.id === 'x'",
    "step a{n} = order.id && true",
    "step a{n} = f(a: 1)",
    "step a{n} 12",
    "setp a{n} = 12",
    "while true {{ do http.get(config.api) }}",
    "var a{n} = 12",
    "step a{n} = 'unclosed",
    'step a{n} = "{{{{ order.id "',
    "step a{n} = 1h30m",
    "step a{n} = order.id ? 1 : 2",
    "let a{n} = 'x' if order.id == 'y'",
]
ITEMS = [
    "type A{n} {{ x: Nowhere }}",
    "type A{n} {{ x: int, x: int }}",
    "type A{n} = int(ge=10, le=1)",
    "type A{n} {{ x int }}",
    "tpye A{n} {{ x: int }}",
    "flow a{n}() -> int {{ return 'x' }}",
    "flow a{n}( -> int {{ return 1 }}",
    "flow a{n}() -> int {{ return nobody }}",
    "function a{n}(x: int) -> int = x +",
    "function a{n}(x: int) -> string = x + 1",
    "action a{n}(x: int) -> int = python('nothing')",
    "@cold service a{n} {{\n  base_url = 'https://a.example.com'\n}}",
    "service a{n} {{\n  base_uri = 'x'\n  base_url = 'https://a.example.com'\n}}",
    "let a{n} = 1 + 'x'",
    "import nonexistent{n}",
    "def a{n}() {{ return 1 }}",
]
HEAD = """import http
config {{ api: url = "https://api.example.com" }}
type Order {{ id: string, kind: 'small' | 'large' }}
{items}
flow run(order: Order) -> string {{
{statements}
  return order.id
}}
"""
CLEAN = [
    "step ok{n} = http.get(config.api).json",
    "let ok{n} = order.id | upper",
    "do http.post(config.api, json=order)",
]


def seeded(pool: list[str], count: int, seed: int) -> tuple[list[str], list[int]]:
    """`count` different faults among twice as many clean lines; gives the lines and which are faulty."""
    rng = random.Random(f"{count} {seed}")
    faults = rng.sample(pool, count)
    lines = faults + ["" if pool is ITEMS else CLEAN[n % 2] for n in range(count)]
    rng.shuffle(lines)
    return [line.format(n=n) for n, line in enumerate(lines)], [n for n, line in enumerate(lines) if line in faults]


def errors(text: str) -> list[tuple[int, str]]:
    source = Source("x.flow", text)
    found = check_text(text, "x.flow").diagnostics
    return [
        (source.position(each.span.start).line, f"{each.rule}: {each.message}")
        for each in found
        if each.severity == "error"
    ]


def where(text: str, lines: list[str], faulty: list[int]) -> list[int]:
    """The lines at which the faulty lines begin and end."""
    places = []
    for n in faulty:
        at = text.index(lines[n])
        places.append(text.count("\n", 0, at) + 1)
    return sorted(places)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_one_faulty_statement_gives_one_error(statement: str) -> None:
    text = HEAD.format(items="", statements="  " + statement.format(n=1))
    assert len(errors(text)) == 1, errors(text)


@pytest.mark.parametrize("item", ITEMS)
def test_one_faulty_item_gives_one_error(item: str) -> None:
    text = HEAD.format(items=item.format(n=1), statements="")
    assert len(errors(text)) == 1, errors(text)


@pytest.mark.parametrize("count", range(1, 11))
def test_k_faulty_statements_give_k_errors(count: int) -> None:
    for seed in range(12):
        lines, faulty = seeded(STATEMENTS, count, seed)
        text = HEAD.format(items="", statements="\n".join("  " + line for line in lines))
        found = errors(text)
        assert [line for line, _ in found] == where(text, lines, faulty), (text, found)


@pytest.mark.parametrize("count", range(1, 11))
def test_k_faulty_items_give_k_errors(count: int) -> None:
    for seed in range(12):
        lines, _ = seeded(ITEMS, count, seed)
        text = HEAD.format(items="\n".join(lines), statements="")
        found = errors(text)
        assert len(found) == count, (text, found)

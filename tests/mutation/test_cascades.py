"""One fault, one error: what mutation once found to give several."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text

HEAD = """import http
config { api: url = "https://api.example.com" }
type Order { id: string, kind: 'small' | 'large', note: string?, count: int }
"""
CASES = {
    "a number that is none may be of any type": """
flow run() {
  do wait(1h30m)
}
""",
    "a `yield` at the top does not make the `return` a second one": """
flow run() -> int {
  yield 1
  return 1
}
""",
    "a branch whose `yield` is broken gives something": """
flow run(order: Order) -> string {
  step desk = if order.count > 3 {
    yield `big`
  } else {
    yield 'small'
  }
  return "to {{ desk }}"
}
""",
    "a loop whose `yield` is broken gives something": """
flow run(order: Order) -> list[string] {
  step names = for n in range(order.count) {
    yield { a = n }
  }
  return names | map(attribute='a')
}
""",
    "a block with a broken step may have any field": """
flow run() -> any {
  step both = parallel {
    step a = http.get(config.api, headers: {}).json
    step b = http.get(config.api).json
  }
  return both.a
}
""",
    "a ternary without else may be of any type": """
flow run(order: Order) -> int {
  return order.count if order.kind == 'small'
}
""",
    "the name of a broken step behind annotations is known": """
flow run() -> any {
  @retry('linear', attempts=3, delay=1s)
  step page = http.get(config.api "x").json
  return [page, page]
}
""",
    "the name of a broken item behind annotations is known": """
@timeout(5s, total=10s)
sevrice shop {
  base_url = "https://shop.example.com"
}
flow run() {
  do shop.get("/x")
}
""",
}


PLACES = {
    "config.key": ("secret-leak", "config { key: secret }\nflow tell() {\n  return config.key\n}"),
    "'[A-Z'": ("bad-constraint", "type Code = string(pattern='[A-Z')"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_wrong_is_pointed_at(place: str) -> None:
    rule, text = PLACES[place]
    found = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert [(each.rule, text[each.span.start : each.span.end]) for each in found] == [(rule, place)]


@pytest.mark.parametrize("name", CASES)
def test_one_fault_gives_one_error(name: str) -> None:
    found = check_text(HEAD + CASES[name]).diagnostics
    errors = [f"{each.rule}: {each.message}" for each in found if each.severity == "error"]
    assert len(errors) == 1, errors

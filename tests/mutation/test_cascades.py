"""One fault, one error: what mutation once found to give several."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text

HEAD = """import http
config { api: url = "https://api.example.com" }
type Order { id: string, kind: 'small' | 'large', note: string?, count: int }
"""
CASES = {
    "a text that swallows the bracket for the lines below": """
flow run(ids: list[string]) -> list[string] {
  step checked = for id in ids {
    step answer = http.put("{{ config.api }}/{{ id }}, json={
      id
    }).json
    yield answer.id
  }
  return checked
}
""",
    "a text that swallows the brace of a type": """
type T { a: 'x }
flow f() -> int { return 1 }
""",
    "a text that swallows the brace of a case": """
flow f(k: 'auto' | 'home') -> string {
  step d = match k {
    case 'auto' { yield 'x }
    case 'home' { yield 'y' }
  }
  return d
}
""",
    "a text that swallows the brace of a configuration": """
config { other: url = "https://shop.example.com }
flow f() -> any {
  step a = http.get("{{ config.other }}/x").json
  return a
}
""",
    "a hole of a setting that is not closed": """
service s {
  base_url = "{{ config.api
  headers = { A: 'b' }
}
function g(q: int) -> float = q / 2
flow f() -> any {
  step a = s.get("/x").json
  return a
}
""",
    "a hole in a call over several lines that is not closed": """
flow f(ids: list[string]) -> any {
  step a = http.post("{{ config.api }}/log", json={ ids }, headers={
    Authorization: "Bearer {{ config.api
  }).json
    catch { yield none }
  let n = ids | length
  return [a, n]
}
""",
    "a hole that swallows nothing but its text": """
flow f(id: string) -> any {
  step a = http.post("{{ config.api }}/x/{{ id ", json={ id }).json
    undo { do http.delete("{{ config.api }}/y") }
  step b = http.post("{{ config.api }}/x", json={ id: a.id }).json
    undo { do http.delete("{{ config.api }}/y") }
  return [a, b]
}
""",
    "a hole that swallows the end of its undo": """
flow f(id: string) -> any {
  step a = http.post("{{ config.api }}/x", json={ id }).json
    undo { do http.delete("{{ config.api }}/y/{{ a.id ) }
  step b = http.post("{{ config.api }}/x", json={ id: a.id }).json
  return [a, b]
}
""",
    "a broken statement in one of two branches without a `yield`": """
flow f(id: string) -> string {
  if id == 'x' {
    do http.post("{{ config.api }}/x", json: { id })
  } else {
    do http.post("{{ config.api }}/y", json={ id })
  }
  return id
}
""",
    "`elif` in a block": """
flow f(id: string) -> string {
  step a = if id == 'x' {
    yield 'a'
  } elif id == 'y' {
    yield 'b'
  } else {
    yield 'c'
  }
  return "{{ a }}"
}
""",
    "a flow without its brace before its `catch`": """
flow f(id: string) -> string {
  step a = http.get(config.api).text
  return a

catch as err {
  do http.post(config.api, json={ text: err.message })
}
""",
    "a flow without its brace before an annotated one": """
flow f(id: string) -> string {
  step a = http.get(config.api).text
  return a


@timeout(5s)
flow g(id: string) -> string {
  return id
}
""",
    "a text in a call over several lines that is not closed": """
flow f(id: string) -> string {
  do http.post(config.api, json={
    text: 'unclosed,
    b: id
  })
  return id
}
""",
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
    "`try` with what follows it elsewhere": """
flow run(id: string) -> any {
  try:
    step a = http.get(config.api).json
  except Exception as err:
    step b = http.get(config.api).json
  finally:
    step c = 1
  return [a, id]
}
""",
    "a mutable let": """
flow run(id: string) -> string {
  let mut a = id
  return a
}
""",
    "a type inside a flow": """
flow run(id: string) -> any {
  type Own = 'a' | 'b'
  step x: Own = 'a'
  return [x, id]
}
""",
    "a configuration inside a flow": """
flow run() -> any {
  config { other: url }
  step x = http.get(config.other).json
  return x
}
""",
    "a configuration without commas": """
config { first: url second: secret third: url }
flow run() -> any {
  step x = http.get(config.third, headers={ Key: config.second }).json
  return x
}
""",
    "a misspelt setting is not missing too": """
service shop { base_ur = "https://shop.example.com" }
flow run() -> any {
  step x = shop.get("/x").json
  return x
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
    "a loop without its `}`": """
flow run(ids: list[string]) -> list[string] {
  step names = for id in ids {
    step page = http.get("{{ config.api }}/{{ id }}").text
    yield page
  return names
}
""",
    "a handler without its `}`": """
flow run(id: string) -> string {
  step page = http.get("{{ config.api }}/{{ id }}").text
    catch http as err {
      do http.post("{{ config.api }}/log", json={ text: err.message })
      yield ''
  # the value
  return page
}
""",
    "an undo on one line without its `}`": """
flow run(id: string) -> any {
  step made = http.post("{{ config.api }}/{{ id }}").json
    undo { do http.delete("{{ config.api }}/{{ id }}")
  do http.post("{{ config.api }}/log", json={ made })
  return made
}
""",
    "a case without its `}`": """
flow run(kind: 'a' | 'b') -> int {
  step chosen = match kind {
    case 'a' {
      yield 1
    case 'b' {
      yield 2
    }
  }
  return chosen
}
""",
    "a branch without its `}` before `else`": """
flow run(n: int) -> int {
  step chosen = if n > 1 {
    yield 1
  else {
    yield 2
  }
  return chosen
}
""",
    "a configuration without its `}`": """
type T { of: int }
config {
  other: url

@timeout(5s)
service shop {
  base_url = config.other
}

flow run() -> any {
  step page = shop.get("/x").json
  return page
}
""",
    "a type without its `}`": """
type A {
  id: string
  n: int

flow run(a: A) -> string {
  return a.id
}
""",
    "a type inside a type without its `}`": """
type A {
  at: { lat: float, lon: float
  n: int
}
flow run(a: A) -> int {
  return a.n
}
""",
    "a service without its `}`": """
service shop {
  base_url = config.api
  headers = { A: 'b' }

flow run() -> any {
  step page = shop.get("/x").json
  return page
}
""",
    "a `}` too many": """
flow run(id: string) -> string {
  step page = http.get("{{ config.api }}/{{ id }}").text
  }
  return page
}
""",
    "a loop without its `{`": """
flow run(ids: list[string]) -> list[string] {
  step names = for id in ids
    step page = http.get("{{ config.api }}/{{ id }}").text
    yield page
  }
  return names
}
""",
    "a loop without braces": """
flow run(ids: list[string]) -> int {
  for id in ids  # each
    do http.get("{{ config.api }}/{{ id }}")
  return 1
}
""",
    "a step without its word": """
flow run() -> any {
  user = http.get(config.api).json
  step page = http.get("{{ config.api }}/{{ user.id }}").json
  return [user.name, page]
}
""",
    "a loop of Jinja in a text": '''
flow run(lines: list[{ title: string }], n: int) -> string {
  let twice = n * 2
  return """
    {% for line in lines %}
    {{ line.title }} {{ twice }}
    {% endfor %}
    """
}
''',
    "a character in a name that cannot be seen": """
flow run(order: string) -> string {
  return or\u200bder
}
""",
    "a character in a field that cannot be seen": """
type T { a\u200bb: string }
flow run(t: T) -> string {
  return t.ab
}
""",
    "a character in the name of a configuration value that shows it in another order": """
config { o\u202ether: url }
flow run() -> any {
  step page = http.get(config.other).json
  return page
}
""",
    "a space in the name of a configuration value that is none": """
config { o\u00a0ther: url }
flow run() -> any {
  step page = http.get(config.other).json
  return page
}
""",
    "a letter in the name of a configuration value that only looks Latin": """
config { \u043ether: url }
flow run() -> any {
  step page = http.get(config.other).json
  return page
}
""",
    "a letter in the name of a step that only looks Latin": """
flow run() -> any {
  step p\u0430ge = http.get(config.api).json
  return page
}
""",
    "names that one value is taken apart into": """
flow run(order: Order) -> any {
  let { id, note } = order
  return [id, note]
}
""",
    "two names on one line": """
flow run(xs: list[int]) -> list[int] {
  first, second = xs
  return [second, first]
}
""",
    "a service whose name stands in quotes": """
service "shop" {
  base_url = config.api
}
flow run() -> any {
  step page = shop.get("/x").json
  return page
}
""",
    "a letter in the name of a function that only looks Latin": """
function tw\u0456ce(n: int) -> int = n * 2
flow run(n: int) -> int {
  return twice(n)
}
""",
    "a character in the name of an import that shows it in another order": """
import json as p\u202earser
flow run(t: string) -> any {
  return parser.parse(t)
}
""",
    "a misspelt clause on its line": """
flow run(id: string) -> any {
  step first = http.put("{{ config.api }}/{{ id }}").json
  step second = http.get("{{ config.api }}/{{ id }}").json
    afer first
  return [first, second]
}
""",
    "a misspelt flow": """
flw run(id: string) -> string {
  return id
}
flow two() -> any {
  step a = run(id='x')
  return a
}
""",
}


PLACES = {
    "===": ("syntax-error", "flow f(n: int) -> int { return 1 if n === 1 else 2 }"),
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


@pytest.mark.parametrize("char", ["\u200b", "\u202e", "\x1b", "\u00a0"])
@pytest.mark.parametrize("written", ["config.oth{}er", '"{{{{ config.oth{}er }}}}"', '"{{{{ {}config.other }}}}"'])
def test_a_character_that_cannot_be_seen_gives_one_finding_where_a_value_is_read(written: str, char: str) -> None:
    text = f"config {{ other: string }}\nflow f() -> string {{\n  return {written.format(char)}\n}}\n"
    assert [each.rule for each in check_text(text).diagnostics] == ["syntax-error"]


def test_a_backslash_before_a_line_end_is_said_in_one_line() -> None:
    found = check_text('flow f() -> string { return """a\\\nb""" }').diagnostics
    assert [(each.rule, "\n" in each.message + each.help) for each in found] == [("bad-escape", False)]

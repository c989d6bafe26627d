"""What is offered at each kind of place, best first, with a character of two units before the cursor."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.asking import Asked

CARRIERS = """\
## What a carrier asks for.
type Quote { price: int }
type Car = 'small' | 'large'
let rate = 2
flow ask(q: string) -> Quote {
  return { price: 1 }
}
function dear(q: Quote) -> bool = q.price > 10
"""
HEAD = """\
import http
import "lib/carriers.flow" as carriers

config {
  crm: url
  key: secret
}

type Kind = 'auto' | 'home'
type Line { sku: string, qty: int, at: { city: string } }
type Order { id: string, lines: list[Line], cents: int, kind: Kind? }
type Sub { lead_id: string, status: 'open' | 'done', kind: Kind? }

## Total.
function total(order: Order) -> int = order.cents
function shout(s: string) -> string = s | upper

service api {
  base_url = config.crm
}

"""
FLOW = """\
flow f(lead_id: string, dry: bool = false) -> Sub {
  let x = "😀"
  step order: Order = api.get('/x').json
"""
END = "  return { lead_id, status: 'open' }\n}\n"


def asked(text: str) -> Asked:
    """A text below the declarations."""
    return Asked(HEAD + text, {"lib/carriers.flow": CARRIERS})


def in_flow(line: str) -> Asked:
    """A flow with one more line."""
    return asked(f"{FLOW}{line}\n{END}")


def ranks(found: Asked) -> dict[str, int]:
    """The rank of each label."""
    items = found.ask(types.TEXT_DOCUMENT_COMPLETION).items
    return {each.label: int(each.sort_text[0]) for each in items}


@pytest.mark.parametrize(
    "line",
    [
        "  do api.post('/x', json={ order: ‸ })",
        "  let m = { order: ‸ }",
        "  return { lead_id: ‸, status: 'open' }",
        "  let m = { a: { b: ‸ } }",
        "  let m = [{ a: 1, b: ‸ }]",
        "  step m = if dry { yield { a: ‸ } }",
    ],
)
def test_values_are_offered_for_a_key(line: str) -> None:
    found = ranks(in_flow(line))
    assert found["order"] <= 3
    assert found["config"] <= 3
    assert "list" not in found or found["list"] > 3
    assert "Order" not in found


@pytest.mark.parametrize(
    "text",
    [
        "type T { a: ‸ }",
        "type T { a: { b: ‸ } }",
        "type T = { a: ‸ }",
        "type T = Kind | ‸",
        "type T = { a: int } | { b: ‸ }",
        "type T { a: Kind | ‸ }",
        "type T { a: list[‸] }",
        "type T { a: map[Kind | ‸] }",
        "let x: ‸ = 1",
        "flow g(a: { b: ‸ }) -> int {\n  return 1\n}",
        "flow g(a: int) -> { b: ‸ } {\n  return 1\n}",
        "function g[T](a: T, b: ‸) -> int = 1",
        f"{FLOW}  step z: {{ a: ‸ }}\n{END}",
        f"{FLOW}  step z: Kind | ‸\n{END}",
        f"{FLOW}  step z: (‸)\n{END}",
    ],
)
def test_types_are_offered_where_one_is_wanted(text: str) -> None:
    found = ranks(asked(text))
    assert found["Order"] == found["carriers.Quote"] == found["http.Response"] == 3
    assert "order" not in found
    assert {"carriers", "http", "string"} <= set(found)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (f"{FLOW}  step z: carriers.‸\n{END}", ["Car", "Quote"]),
        (f"{FLOW}  step z: list[carriers.‸]\n{END}", ["Car", "Quote"]),
        (f"{FLOW}  step z: http.R‸\n{END}", ["Response"]),
        (f"{FLOW}  step z: llm.‸\n{END}", ["Completion", "Message", "Usage"]),
        ("flow g(x: carriers.‸) -> int {\n  return 1\n}", ["Car", "Quote"]),
        ("flow g(x: int) -> http.‸ {\n  return 1\n}", ["Response"]),
    ],
)
def test_types_of_imports_are_offered_behind_their_dot(text: str, offered: list[str]) -> None:
    assert asked(text).labels() == offered


def test_a_type_brings_the_import_of_its_module() -> None:
    assert asked(f"{FLOW}  step z: llm.‸\n{END}").accepted("Usage").startswith("import llm\nimport http\n")


@pytest.mark.parametrize(
    ("line", "near", "far"),
    [
        (
            "  let m = order.lines | ‸",
            "first last length map max min selectattr sort sum",
            "abs upper total shout dictsort",
        ),
        ("  let m = order.cents | ‸", "abs round", "first upper sum total shout length"),
        ("  let m = order.id | ‸", "upper length split shout", "first sum abs total"),
        ("  let m = order | ‸", "total keys items", "first upper abs shout"),
    ],
)
def test_filters_that_fit_come_first(line: str, near: str, far: str) -> None:
    found = ranks(in_flow(line))
    assert {name: found[name] for name in near.split() if found[name] > 3} == {}
    assert {name: found[name] for name in far.split() if found[name] < 7} == {}
    assert found["default"] == found["tojson"] == 4


def test_tests_that_fit_come_first() -> None:
    found = ranks(in_flow("  let m = order.id is ‸"))
    assert found["upper"] < found["even"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("  on event('x') with { lead_id: event.‸ }", ["data", "id", "type"]),
        ("  on event('x') when event.‸", ["data", "id", "type"]),
        ("  on event('x') with { ‸ }", ["lead_id", "dry"]),
        ("  on event('x') with { lead_id: event.id, ‸ }", ["dry"]),
        ("  on webhook('/x', signature='‸')", ["github", "standard", "stripe"]),
        ("  return { ‸ }", ["lead_id", "status", "kind"]),
        ("  return { lead_id, ‸ }", ["status", "kind"]),
        ("  return { lead_id, status: '‸' }", ["done", "open"]),
        ("  step z: Kind = '‸'", ["auto", "home"]),
        ("  let z: Kind? = '‸'", ["auto", "home"]),
        ("  step z: list[Kind] = ['‸']", ["auto", "home"]),
        ("  step z: Kind = if dry { yield '‸' } else { yield 'auto' }", ["auto", "home"]),
        ("  step z: list[Kind] = for n in [1] { yield '‸' }", ["auto", "home"]),
        ("  step z: Sub = for n in [1] { yield 1 }\n    catch { yield { kind: '‸' } }", ["auto", "home"]),
        ("  let z: Kind = 'auto' if dry else '‸'", ["auto", "home"]),
        ("  let z = '‸' == order.kind", ["auto", "home"]),
        ("  let z = order.lines | map(attribute='‸')", ["at", "qty", "sku"]),
        ("  let z = order.lines | map(attribute='at.‸')", ["city"]),
        ("  let z = order.lines | sort(attribute='sku,q‸')", ["at", "qty", "sku"]),
        ("  let z = order.lines | selectattr('‸')", ["at", "qty", "sku"]),
        ("  let z: string(‸) = 'x'", ["format=", "max_length=", "min_length=", "pattern="]),
        ("  let z: string(min_length=1, ‸) = 'x'", ["format=", "max_length=", "pattern="]),
        ("  let z: int(‸)", ["ge=", "gt=", "le=", "lt=", "multiple_of="]),
        ("  let z: list[int](‸)", ["max_length=", "min_length="]),
        ("  let z: string(min_length=‸) = 'x'", []),
        ("  let z: int(ge=1, le=m‸) = 1", []),
        ("  let z: string(pattern=‸) = 'x'", []),
        ("  step ‸", []),
        ("  let ‸", []),
        ("  step z = for ‸", []),
        ("  step z = for n ‸", ["in"]),
        ("  step z = api.get('/')\n    catch http ‸", ["as", "when"]),
        ("  step z = api.get('/')\n    catch http, ‸", ["breaker_open", "cancelled", "failed"]),
        ("  do carriers.‸", ["ask", "dear", "rate"]),
        ("  let z = order | carriers.‸", ["dear"]),
        ("  let z = order.id | http.‸", []),
    ],
)
def test_in_a_flow(line: str, offered: list[str]) -> None:
    labels = in_flow(line).labels()
    assert labels[: len(offered)] == offered
    assert offered or not labels


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("function g() -> Kind = '‸'", ["auto", "home"]),
        ("flow g() -> Kind {\n  return '‸'\n}", ["auto", "home"]),
        ("flow g() -> Kind {\n  return ‸\n}", ["'auto'", "'home'"]),
        ("flow g(t: Kind = '‸') {\n  return 1\n}", ["auto", "home"]),
        ("flow g(t: Kind = ‸) {\n  return 1\n}", ["'auto'", "'home'"]),
        ("let k: Kind = ‸", ["'auto'", "'home'"]),
        ("type T { k: Kind = '‸' }", ["auto", "home"]),
        ("function h(s: Sub) -> int = 1\nlet k = h({ status: '‸' })", ["done", "open"]),
        ("function h(s: Sub) -> int = 1\nlet k = h(s={ ‸ })", ["lead_id", "status", "kind"]),
        ("function h(s: list[Sub]) -> int = 1\nlet k = h([{ status: '‸' }])", ["done", "open"]),
        ("service s { ‸ }", ["base_url", "auth", "headers", "params"]),
        ("service s {\n  base_url = config.crm\n  ‸\n}", ["auth", "headers", "params"]),
        ("service s {\n  base_url = ‸\n}", ["config.crm"]),
        ("type T { ‸ }", []),
        ("config { ‸ }", []),
        ("function g(‸", []),
        ("flow g() ‸ {", ["->"]),
        ("type T { a: string(format='‸') }", ["date", "date-time", "email"]),
        ("type T { a: string(format=‸) }", ["date", "date-time", "email"]),
        ("type T = string(min_length=1, format=u‸", ["date", "date-time", "email"]),
    ],
)
def test_at_the_top(text: str, offered: list[str]) -> None:
    labels = asked(text).labels()
    assert labels[: len(offered)] == offered
    assert offered or not labels


def test_the_constraints_of_a_type_of_another_file() -> None:
    text = 'import "lib.flow" as lib\n\ntype T = lib.Name(min_length=2, ‸)\n'
    assert Asked(text, {"lib.flow": "type Name = string\n"}).labels() == ["format=", "max_length=", "pattern="]


def test_a_call_of_a_module_that_is_not_imported_yet_has_arguments() -> None:
    assert "accept=" in Asked("flow f() {\n  step a = http.get('/', ‸)\n}\n").labels()


def test_a_literal_field_tells_which_of_several_records_is_meant() -> None:
    head = "type A { is: 'a', one: 'x' }\ntype B { is: 'b', two: 'y' | 'z' }\nfunction h(s: A | B) -> int = 1\n"
    assert asked(head + "let k = h({ is: 'b', ‸ })").labels() == ["two"]
    assert asked(head + "let k = h({ is: 'b', two: '‸' })").labels() == ["y", "z"]
    assert asked(head + "let k = h({ is: '‸' })").labels() == ["a", "b"]


def test_a_key_comes_with_its_colon() -> None:
    assert "return { lead_id, status:  }" in in_flow("  return { lead_id, ‸ }").accepted("status")
    assert "return { lead_id, status: 'open' }" in in_flow("  return { lead_id, st‸: 'open' }").accepted("status")


def test_names_are_offered_as_keys_of_a_map_of_any_shape() -> None:
    assert in_flow("  do api.post('/x', json={ ‸ })").labels() == ["carriers", "dry", "lead_id", "order", "x"][1:]


def test_a_setting_comes_with_its_sign() -> None:
    assert "service s { auth =  }" in asked("service s { ‸ }").accepted("auth")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("  let z = order.lines | select('‸')", {"mapping", "defined"}),
        ("  let z = order.lines | map('‸')", {"tojson", "keys"}),
    ],
)
def test_filters_and_tests_are_offered_by_name_in_quotes(line: str, offered: set[str]) -> None:
    assert offered <= set(in_flow(line).labels())


def test_tests_of_imports_are_offered() -> None:
    assert {"carriers", "http"} <= set(in_flow("  let a = order is ‸").labels())
    assert in_flow("  let a = order is carriers.‸").labels() == ["dear"]
    assert "email" in in_flow("  let a = order.id is not validate.‸").labels()


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (
            "@‸\nservice s {\n  base_url = config.crm\n}",
            "breaker cache concurrency idempotent rate_limit retry timeout",
        ),
        (
            "@retry\n@‸\nservice s {\n  base_url = config.crm\n}",
            "breaker cache concurrency idempotent rate_limit timeout",
        ),
        ("@‸\ntype T { a: int }", "exact"),
        ("@‸\nfunction g() -> int = 1", "none_if_empty soft"),
        ("type T {\n  @‸\n  a: int\n}", ""),
        (f"{FLOW}  @l‸\n  step z = for n in [1] {{ yield n }}\n{END}", "limit"),
    ],
)
def test_annotations_are_those_that_may_stand_there(text: str, offered: str) -> None:
    labels = asked(text).labels()
    assert set(offered.split()) <= set(labels)
    assert "limit" in labels or labels == offered.split()


def test_annotations_of_a_step_that_is_not_written_yet() -> None:
    labels = in_flow("  @‸").labels()
    assert {"limit", "once", "retry"} <= set(labels)
    assert not {"exact", "soft"} & set(labels)


@pytest.mark.parametrize(
    "line", ["  let a = order.cents + ‸", "  let a = ‸", "  return ‸", "  step a = api.get('/') when ‸"]
)
def test_no_operators_where_an_operand_begins(line: str) -> None:
    labels = set(in_flow(line).labels())
    assert not {"and", "or", "else", "is", "in"} & labels
    assert {"not", "true", "order"} <= labels


def test_operators_and_clauses_behind_an_operand() -> None:
    assert set(in_flow("  let a = order.cents ‸").labels()) >= {"and", "is", "if", "when"}
    assert "order" not in in_flow("  let a = order.cents ‸").labels()
    assert "when" not in in_flow('  let a = "{{ order.id ‸ }}"').labels()


def test_what_can_only_be_called_by_a_step_comes_last_elsewhere() -> None:
    assert ranks(in_flow("  step a = ‸"))["api"] < 7
    assert ranks(in_flow("  let a = ‸"))["api"] == ranks(in_flow("  let a = ‸"))["wait"] == 7


def test_a_trigger_sees_what_arrived_and_no_parameters() -> None:
    labels = in_flow("  on event('x') with { lead_id: ‸ }").labels()
    assert "event" in labels
    assert not {"lead_id", "dry", "order"} & set(labels)


def test_a_step_is_offered_in_its_own_ensure_only() -> None:
    assert "mine" not in in_flow("  step mine = api.get(‸)").labels()
    assert "mine" in in_flow("  step mine = api.get('/')\n    ensure ‸").labels()


def test_what_is_offered_of_the_file_shows_its_signature() -> None:
    items = {each.label: each for each in in_flow("  step a = ‸").ask(types.TEXT_DOCUMENT_COMPLETION).items}
    assert items["total"].detail == "function total(order: Order) -> int"
    assert items["order"].detail == "step: Order"
    again = asked(f"flow g(a: int = 2) -> int {{\n  return a\n}}\n{FLOW}  step a = ‸\n{END}")
    items = {each.label: each for each in again.ask(types.TEXT_DOCUMENT_COMPLETION).items}
    assert items["g"].detail == "flow g(a: int = 2) -> int"


def test_a_loop_variable_is_not_offered_where_the_loop_begins() -> None:
    assert "each" not in in_flow("  let a = [each for each in ‸]").labels()
    assert "each" in in_flow("  let a = [‸ for each in order.lines]").labels()
    assert "n" not in in_flow("  step a = for n in ‸ { yield n }").labels()
    assert "c" not in in_flow("  step a = repeat c: int = ‸ { yield c next none }").labels()


def test_values_of_the_configuration_are_offered_where_their_very_type_is_wanted() -> None:
    assert ranks(in_flow("  do notify.slack('x', webhook=‸)")).keys().isdisjoint({"config.crm", "config.key"})
    assert ranks(in_flow("  do http.get(‸)"))["config.crm"] == 2
    assert "config.crm" not in in_flow("  do http.post('/', json=‸)").labels()


def test_of_a_value_that_may_be_anything_it_is_not_known_that_it_fits() -> None:
    found = ranks(in_flow("  step raw = http.get(config.crm).json\n  let a = shout(‸)"))
    assert found["x"] == 2
    assert found["raw"] == 3


def test_what_goes_on_behind_a_trigger() -> None:
    assert in_flow("  on event('x') ‸").labels() == ["when", "with"]
    assert "with" in in_flow("  on event('x') when event.data.a ‸").labels()


def test_what_the_library_has_to_make_the_wanted_record() -> None:
    makers = ["auth.basic", "auth.bearer", "auth.header", "oauth2.client_credentials"]
    service = "service s {\n  base_url = config.crm\n  auth = ‸\n}"
    assert asked(service).labels()[:4] == makers
    assert set(makers) <= set(in_flow("  do http.get(config.crm, auth=‸)").labels())
    assert asked(service).accepted("auth.bearer").startswith("import auth\nimport http\n")


def test_a_flow_may_catch_below_its_body() -> None:
    assert "catch" in asked(f"{FLOW}{END}‸").labels()
    assert "catch" not in Asked("import http\n‸").labels()


def test_a_format_brings_its_quotes_where_there_are_none() -> None:
    assert "a: string(format='email') }" in asked("type T { a: string(format=em‸) }").accepted("email")
    assert "a: string(format='email') }" in asked("type T { a: string(format='em‸') }").accepted("email")


def test_tests_that_fit_the_value_come_first() -> None:
    found = ranks(Asked("function is_big(n: int) -> bool = n > 3\n\nfunction f(a: int) -> bool = a is ‸\n"))
    assert found["big"] < found["even"] < found["boolean"] < found["lower"]
    found = ranks(Asked("function is_big(n: int) -> bool = n > 3\n\nfunction f(a: string) -> bool = a is ‸\n"))
    assert found["lower"] < found["boolean"] < found["even"] == found["big"]


def test_lines_may_end_in_any_way_of_the_protocol() -> None:
    text = "type T { a: int }\n\nflow f(n: T) -> any {\n  # n is no list\n  let x = n.‸\n  return x\n}\n"
    assert Asked(text.replace("\n", "\r")).labels() == Asked(text).labels() == ["a"]


OPERATORS = ["and", "else", "if", "in", "is", "not in", "or"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("let x = [a ‸]", sorted([*OPERATORS, "for"])),
        ("let x = [  # 😀\n    a\n    ‸\n  ]", sorted([*OPERATORS, "for"])),
        ("let x = [\n    y for y in a\n    ‸", sorted([*OPERATORS, "for"])),
        ('let x = "😀 {{ a ‸ }}"', OPERATORS),
        ("let x = (\n    a\n    ‸\n  )", OPERATORS),
        ("let x = sum(\n    a\n    ‸\n  )", OPERATORS),
    ],
)
def test_what_goes_on_in_brackets(written: str, words: list[str]) -> None:
    """Over several lines too, and `for` only where a list may be made of another."""
    assert Asked(f"flow f(a: list[int]) -> any {{\n  {written}\n  return a\n}}\n").labels() == words

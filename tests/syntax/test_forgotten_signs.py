"""A forgotten bracket or comma is one mistake: one error, and what stands around it is read."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text

TEXT = """import http
config { api: url = "https://api.example.com" }
type Bid { bidder: string, cents: int(ge=1), at: datetime }
type Lot { id: string, owner: { name: string, mail: string } }
let names = { de: 'Hallo', en: 'Hello' }

function cents(bid: Bid) -> int = bid.cents

flow best(lot_id: string, kind: 'a' | 'b') -> { sum: int, greeting: string } {
  on event('lot.closed') with { lot_id: event.data.id, kind: 'a' }

  step lot: Lot = http.get("{{ config.api }}/lots", params={ lot_id, kind }).json

  step both = parallel {
    step bid: Bid = http.get("{{ config.api }}/bids", params={ lot: lot.id, kind: kind }).json
    step rest: { list: list[Bid] } = http.get("{{ config.api }}/rest", params={ kind }).json
      catch http, timeout { yield none }
  }

  step word = match kind {
    case 'a' { yield names.de }
    case 'b' { yield names.en }
  }

  if lot.owner.name == '' {
    do http.put("{{ config.api }}/lots", json={
      id: lot.id
      mail: lot.owner.mail
    })
  }

  return {
    sum: cents(both.bid)
    greeting: word
  }
}
"""
PLACES = [at for at, char in enumerate(TEXT) if char in "{}" and "{{" not in TEXT[at - 1 : at + 2]]
PLACES = [at for at in PLACES if "}}" not in TEXT[at - 1 : at + 2]]


def errors(text: str) -> list[str]:
    return [f"{each.rule}: {each.message}" for each in check_text(text).diagnostics if each.severity == "error"]


def test_nothing_is_wrong_with_the_whole_text() -> None:
    assert errors(TEXT) == []


@pytest.mark.parametrize("at", PLACES)
def test_a_forgotten_brace_is_one_error(at: int) -> None:
    found = errors(TEXT[:at] + TEXT[at + 1 :])
    assert len(found) == 1, (TEXT[at - 30 : at] + "⟦" + TEXT[at] + "⟧" + TEXT[at + 1 : at + 30], found)


@pytest.mark.parametrize("after", ["bidder: string", "name: string", "lot_id: string", "sum: int", "lot: lot.id"])
def test_a_forgotten_comma_is_one_error(after: str) -> None:
    assert len(errors(TEXT.replace(f"{after},", after, 1))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("flow best(", "flow in("),
        ("flow best(", "flow ("),
        ("flow best(", "flow 1st("),
        ("step both =", "step in ="),
        ("step both =", "step ="),
        ("if lot.owner.name == '' {", "if lot.owner.name, true {"),
    ],
)
def test_a_broken_head_hides_nothing_of_its_body(old: str, new: str) -> None:
    broken = TEXT.replace(old, new, 1)
    assert len(errors(broken)) == 1
    assert any("`putt`" in each for each in errors(broken.replace("http.put(", "http.putt(")))


def test_a_bracket_that_is_missing_has_a_fix() -> None:
    broken = TEXT.replace("params={ lot_id", "params= lot_id")
    (found,) = [each for each in check_text(broken).diagnostics if each.severity == "error"]
    ((edit,),) = [fix.edits for fix in found.fixes]
    assert errors(broken[: edit.span.start] + edit.text + broken[edit.span.end :]) == []


def test_nothing_is_said_of_order_where_an_error_hides_it() -> None:
    text = """import http
flow f(key: string) {
  step pause = wait(3s)
  step a = http.get("https://api.example.com/{{ key }").json
    after pause
  do http.post("https://api.example.com/b", json={ a }).json
}
"""
    assert [each.rule for each in check_text(text).diagnostics] == ["unclosed-bracket"]


@pytest.mark.parametrize(
    ("old", "new", "help"),
    [
        ("if lot.owner.name == '' {", "if lot.owner.name == '' return none\n  if true {", "both values"),
        ("case 'a' {", "when 'a' {", "begins with `case`"),
        ("case 'a' { yield names.de }", "else { yield names.de }", "`else` stands last"),
    ],
)
def test_what_is_written_elsewhere_has_a_help(old: str, new: str, help: str) -> None:
    found = [each for each in check_text(TEXT.replace(old, new, 1)).diagnostics if each.rule == "syntax-error"]
    assert [help in each.help for each in found] == [True]

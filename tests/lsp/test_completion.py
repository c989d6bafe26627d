"""What is offered at a cursor, in text that is half written, with a character of two units before it."""

from __future__ import annotations

import pytest

from flowlang.lsp.offers import words
from flowlang.lsp.words import CLAUSE_WORDS, ITEM_WORDS, STATEMENT_WORDS
from flowlang.syntax.lexing import KIND_OF_WORD
from tests.lsp.asking import Asked

HEAD = """\
import http

config {
  crm: url
  key: secret
}

type Kind = 'auto' | 'home'

## A lead 😀.
type Lead { id: string, kind: Kind, score: int, phone: string? }

@retry('exponential', attempts=4)
service api {
  base_url = config.crm
}

## Twice.
function twice(x: int) -> int = x * 2

"""
FLOW = """\
flow f(lead_id: string, dry: bool = false) -> any {
  let x = "😀 {{ lead_id }}"
  step lead: Lead = api.get("/😀/{{ lead_id }}").json
"""
END = "  return x\n}\n"
FIELDS = ["id", "kind", "phone", "score"]


def asked(line: str) -> Asked:
    """A flow with one more line."""
    return Asked(f"{HEAD}{FLOW}{line}\n{END}")


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("  let y = ['😀', lead.‸]", FIELDS),
        ("  let y = lead.sc‸", FIELDS),
        ("  let y = lead?.‸", FIELDS),
        ('  let y = "😀 {{ lead.‸', FIELDS),
        ('  let y = "😀 {{ lead.‸ }}"', FIELDS),
        ('  let y = "😀 {{ lead.‸ }} and {{ lead.id }}"', FIELDS),
        ("  let y = [lead.‸]", FIELDS),
        ("  let y = [each.‸ for each in [lead]]", FIELDS),
        ("  let y = 1 if lead.‸ else 2", FIELDS),
        ("  do api.post('/x', json={ a: lead.‸ })", FIELDS),
        ("  do api.post('/x', json={ a: lead.‸", FIELDS),
        ("  step z = if dry { yield lead.‸ } else { yield 1 }", FIELDS),
        ("  let y = config.‸", ["crm", "key"]),
        ("  let y = lead.kind == '‸", ["auto", "home"]),
        ("  let y = lead.kind == '‸'", ["auto", "home"]),
        ("  let y = lead.kind == ‸", ["'auto'", "'home'"]),
        ("  let y = lead.kind in ['‸']", ["auto", "home"]),
        ("  step m = match lead.kind {\n    case ‸\n  }", ["'auto'", "'home'"]),
        ("  step m = match lead.kind {\n    case '‸\n  }", ["auto", "home"]),
        ("  step z = http.‸", ["delete", "get", "head", "patch", "post"]),
        ("  step z = api.‸", ["delete", "get", "head", "patch", "post"]),
        ("  step z = notify.‸", ["discord", "slack", "teams"]),
        ("  step z = http.post(config.crm, ‸)", ["accept=", "auth=", "form=", "headers=", "json="]),
        ("  step z = http.post(config.crm, json={}, ‸", ["accept=", "auth=", "form=", "headers="]),
        (
            "  @retry(‸)\n  step z = http.get(config.crm)",
            ["'exponential'", "'fixed'", "'linear'", "'none'", "attempts="],
        ),
        ("  @retry('‸')\n  step z = http.get(config.crm)", ["exponential", "fixed", "linear", "none"]),
        ("  @‸\n  step z = http.get(config.crm)", ["breaker", "cache", "concurrency"]),
        ("  step z = http.get(config.crm) after ‸", ["lead"]),
        ("  step z = http.get(config.crm)\n    catch ‸", ["breaker_open", "cancelled", "failed"]),
        ("  step z = http.get(config.crm)\n    catch http, t‸", ["breaker_open", "cancelled", "failed"]),
        ("  step z: ‸", ["Kind", "Lead", "http.Response"]),
        ("  step z: list[‸", ["Kind", "Lead", "http.Response"]),
        ("  ‸", ["after", "catch", "do"]),
        ("  let y = lead.score | ‸", ["twice"]),
        ("  let y = lead.score is ‸", ["divisibleby", "even", "odd"]),
        ("  let y = lead.score is not ‸", ["divisibleby", "even", "odd"]),
        ("  on ‸", ["cron", "event", "webhook"]),
    ],
)
def test_in_a_flow(line: str, first: list[str]) -> None:
    assert asked(line).labels()[: len(first)] == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("‸", ["action", "config", "flow"]),
        ("fl‸", ["action", "config", "flow"]),
        ("## 😀\n‸", ["action", "config", "flow"]),
        ("import ‸", ["auth", "events", "http"]),
        (HEAD + "flow g(a: ‸) -> int {\n  return 1\n}\n", ["Kind", "Lead"]),
        (HEAD + "flow g(a: int, b: ‸) -> int {\n  return 1\n}\n", ["Kind", "Lead"]),
        (HEAD + "flow g(a: int) -> ‸ {\n  return 1\n}\n", ["Kind", "Lead"]),
        (HEAD + "type T { 😀: int, a: ‸ }\n", ["Kind", "Lead", "T"]),
        (HEAD + "type T {\n  a: int\n  b: ‸\n}\n", ["Kind", "Lead", "T"]),
        ("config {\n  a: ‸\n}\n", ["any", "bool"]),
    ],
)
def test_at_the_top(text: str, first: list[str]) -> None:
    assert Asked(text).labels()[: len(first)] == first


@pytest.mark.parametrize("line", ["  # 😀 lead.‸", '  let y = "😀 plain ‸"', "  let y = 'lead.‸'", "  let y = 12‸"])
def test_where_nothing_is_offered(line: str) -> None:
    assert asked(line).labels() == []


def test_names_in_scope_come_first_and_hidden_ones_not_at_all() -> None:
    labels = asked("  step z = for each in [lead] {\n    let inner = 1\n    yield ‸\n  }\n  let later = 2").labels()
    assert {"each", "inner", "lead", "x", "lead_id", "later", "api"} <= set(labels)
    assert {"each", "inner", "lead", "x", "lead_id", "later"} <= set(labels[:12])
    assert not {"Lead", "f"} & set(labels)
    outside = asked("  step z = for each in [lead] {\n    let inner = 1\n    yield 1\n  }\n  let later = ‸").labels()
    assert not {"each", "inner"} & set(outside)


def test_what_fits_comes_first() -> None:
    labels = asked("  let y = twice(‸)").labels()
    assert labels.index("x=") < labels.index("lead")
    filters = asked("  let y = lead.id | ‸").labels()
    assert filters.index("upper") < filters.index("sum")


def test_an_offer_replaces_the_word_and_imports_its_module() -> None:
    text = asked("  step z = notify.sl‸").accepted("slack")
    assert "notify.slack" in text
    assert text.startswith("import notify\nimport http\n")
    without = Asked("##! Doc.\nflow f() -> any {\n  step z = notify.‸\n  return 1\n}\n").accepted("slack")
    assert without.startswith("##! Doc.\nimport notify\n\nflow f()")


def test_files_of_the_project_are_offered() -> None:
    quoted = Asked('import "‸"', {"lib/carriers.flow": "let a = 1\n"})
    assert quoted.accepted("lib/carriers.flow") == 'import "lib/carriers.flow"'
    bare = Asked("import ‸", {"lib/carriers.flow": "let a = 1\n"})
    assert bare.accepted("lib/carriers.flow") == 'import "lib/carriers.flow" as carriers'


def test_members_of_an_imported_file_are_offered() -> None:
    text = 'import "lib.flow" as lib\n\nflow f() -> any {\n  return lib.‸\n}\n'
    assert Asked(text, {"lib.flow": "let rate = 1\n\nfunction one() -> int = 1\n"}).labels() == ["one", "rate"]


def test_names_are_offered_at_the_beginning_of_a_hole() -> None:
    labels = asked('  let y = "😀 {{ le‸ }}"').labels()
    assert "lead" in labels
    assert "catch" not in labels


def test_the_words_that_are_offered_are_those_of_the_language() -> None:
    operators = {part for word in words.OPERATOR_WORDS for part in word.split()}
    offered = {*ITEM_WORDS, *STATEMENT_WORDS, *CLAUSE_WORDS, *words.OPERAND_WORDS, *operators}
    library = {"annotation", "trigger", "native", "python", "test", "mock", "from", "null"}
    inside = {"as", "every", "with", "next", "case", "catch"}
    assert offered <= set(KIND_OF_WORD)
    assert set(KIND_OF_WORD) - offered <= library | inside

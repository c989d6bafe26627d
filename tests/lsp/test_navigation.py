"""From a word to what it means and back, with a character of two units before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.compiler.pipeline import check
from flowlang.lsp.features import Refused
from flowlang.types.builtin import PLAIN
from flowlang.types.documented import meaning
from tests.lsp.asking import Asked, shown

FILE = """\
import http
import "lib.flow" as lib

config {
  ## Where the CRM is.
  crm: url
}

## A lead.
type Lead { id: string, score: int }

@retry('exponential', attempts=4)
service api {
  base_url = config.crm
}

let most = 3

## Routes a lead.
flow route(lead_id: string) -> any {
  let x = "😀 {{ lead_id }}"
  step lead: Lead = api.get("/😀/{{ lead_id }}").json
  step many = for each in [lead] {
    yield each.score + most
  }
  step ping = api.get("/😀").text
  step note = http.post("{{ config.crm }}/😀", json={ lead, x, sum: many | sum })
    after ping
    catch http as err { yield err }
  return { id: lead.id, n: lib.rank(lead.score), note }
}

flow outer() -> any {
  step a = route(lead_id="😀")
  return a
}
"""
LIB = "## Its rank.\nfunction rank(score: int) -> int = score * 2\n"


def at(piece: str) -> Asked:
    """The file with the cursor at the `‸` of a piece of it."""
    plain = piece.replace("‸", "")
    assert FILE.count(plain) == 1, plain
    return Asked(FILE.replace(plain, piece), {"lib.flow": LIB})


def line_of(asked: Asked, location: types.Location) -> str:
    name = location.uri.rpartition("/")[2]
    known = asked.project.open.get(name)
    text = known.text if known is not None else Path(location.uri.removeprefix("file://")).read_text(encoding="utf-8")
    return text.split("\n")[location.range.start.line].strip()


@pytest.mark.parametrize(
    ("piece", "line"),
    [
        ("{ lea‸d, x, sum", "step lead: Lead"),
        ('let x = "😀 {{ lead‸_id', "flow route(lead_id"),
        ("step lead: Le‸ad", "type Lead"),
        ('= ap‸i.get("/😀/', "service api"),
        ('api.ge‸t("/😀/', "action get("),
        ("http.po‸st(", "action post("),
        ("ht‸tp.post", "import http"),
        ("{ config.cr‸m }}/😀", "crm: url"),
        ("yield ea‸ch.score", "step many = for each"),
        ("each.sco‸re + most", "type Lead"),
        ("score + mo‸st", "let most"),
        ("many | su‸m })", "function sum"),
        ("after pi‸ng", "step ping"),
        ("catch http as err { yield e‸rr }", "catch http as err"),
        ("lib.ra‸nk(lead", "function rank"),
        ("li‸b.rank", 'import "lib.flow"'),
        ("step a = rou‸te(", "flow route"),
        ("route(lea‸d_id=", "flow route(lead_id"),
        ("@ret‸ry(", "annotation retry("),
        ("(lead.sco‸re)", "type Lead"),
        ("@retry('exponential', atte‸mpts", "attempts: int"),
    ],
)
def test_definition(piece: str, line: str) -> None:
    asked = at(piece)
    found = asked.ask(types.TEXT_DOCUMENT_DEFINITION)
    assert found is not None
    assert line in line_of(asked, found)


@pytest.mark.parametrize("line", ["import ht‸tp", "import http as ht‸tp"])
def test_the_definition_of_an_import_of_the_library_is_its_file(line: str) -> None:
    found = Asked(f"# 😀\n{line}\n").ask(types.TEXT_DOCUMENT_DEFINITION)
    assert found.uri.endswith("/stdlib/http.flow")
    assert found.range.start == types.Position(0, 0)


def test_the_definition_of_an_import_is_the_file() -> None:
    found = at('import "lib.fl‸ow"').ask(types.TEXT_DOCUMENT_DEFINITION)
    assert found.uri.endswith("/lib.flow")


def test_type_definition() -> None:
    asked = at("{ lea‸d, x, sum")
    assert line_of(asked, asked.ask(types.TEXT_DOCUMENT_TYPE_DEFINITION)).startswith("type Lead")


@pytest.mark.parametrize("piece", ["le‸t most", '"‸😀 {{', "ret‸urn { id", "‸# none"])
def test_what_has_no_definition(piece: str) -> None:
    text = FILE + "# none\n"
    plain = piece.replace("‸", "")
    assert Asked(text.replace(plain, piece), {"lib.flow": LIB}).ask(types.TEXT_DOCUMENT_DEFINITION) is None


@pytest.mark.parametrize(
    ("piece", "parts"),
    [
        ("{ lea‸d, x, sum", ["step lead: Lead"]),
        ("step le‸ad: Lead", ["step lead: Lead", "In force", "4 attempts", "(service api)"]),
        ('api.ge‸t("/😀/', ["operation", "get", "In force", "4 attempts"]),
        ("http.po‸st(", ["action http.post(", "Create or submit."]),
        ("type Le‸ad", ["type Lead { id: string", "A lead."]),
        ("(lead.sco‸re)", ["score: int"]),
        ("{ config.cr‸m }}/😀", ["config.crm: url", "Where the CRM is."]),
        ("step a = rou‸te(", ["flow route(lead_id: string) -> any", "Routes a lead."]),
        ("@ret‸ry(", ["@retry(", "Try a failed call again."]),
        ("lib.ra‸nk(lead", ["function rank(score: int) -> int", "Its rank."]),
        ("many | su‸m })", ["function sum"]),
    ],
)
def test_hover(piece: str, parts: list[str]) -> None:
    value = at(piece).ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert [part for part in parts if part not in value] == []


KINDS = """\
type Speed = 'slow' | 'fast'

## An order.
@exact
type Order {
  id: string,  # 😀
  speed: Speed,
}

flow ship(count: int = 3, order: Order, note: string = "what nobody would want to read here, for it is long") -> any {
  step sizes = for n, size in { a: 1.5 } { yield size * count }
  step pages = repeat cursor = 1 { yield cursor next cursor + 1 }
  let twice = [each * 2 for each in [1]]
  step quote: Order = order when count > 3
  do wait(1s) catch timeout as err { yield err.message }
  return { sizes, pages, twice, quote, note }
}
"""


@pytest.mark.parametrize(
    ("piece", "line"),
    [
        ("for n‸, size", "loop n: string"),
        ("for n, si‸ze", "loop size: 1.5"),
        ("repeat cur‸sor", "round cursor: int"),
        ("for ea‸ch in", "loop each: 1"),
        ("step quo‸te: Order", "step quote: Order?"),
        ("twice, quo‸te,", "step quote: Order?"),
        ("co‸unt: int = 3", "param count: int = 3"),
        ("size * cou‸nt", "param count: int = 3"),
        ("no‸te: string = ", "param note: string = …"),
        ("flow sh‸ip(", "flow ship(count: int = 3, order: Order, note: string = …)"),
        ("type Ord‸er", "@exact\ntype Order {\n  id: string,  # 😀\n  speed: Speed,\n}"),
        ("type Spe‸ed", "type Speed = 'slow' | 'fast'"),
        ("timeout as er‸r", "error err: "),
    ],
)
def test_hover_of_what_is_declared(piece: str, line: str) -> None:
    assert KINDS.count(piece.replace("‸", "")) == 1
    value = Asked(KINDS.replace(piece.replace("‸", ""), piece)).ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert line in value


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("in‸t(ge=0)", ["int(ge=0)", "64-bit integers.", "`ge=`"]),
        ("li‸st[string]", ["list[string]", "Values of type `T`, in order.", "`min_length=`"]),
        ("map[fl‸oat]", ["```flow\nfloat\n```", "Finite numbers."]),
        ("secr‸et[url]", ["secret[url]", "A value that taints what it touches"]),
        ("secret[ur‸l]", ["```flow\nurl\n```", "An address;"]),
        ("an‸y?", ["```flow\nany\n```", "JSON of unknown shape."]),
    ],
)
def test_hover_of_a_type_that_needs_no_declaration(written: str, parts: list[str]) -> None:
    value = Asked(f"# 😀\ntype Order {{ x: {written} }}\n").ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert [part for part in parts if part not in value] == []


def test_every_type_that_needs_no_declaration_is_in_the_table_of_the_reference() -> None:
    assert [name for name in (*PLAIN, "list", "map") if not meaning(name)] == []


def test_hover_tells_defaults_of_the_library() -> None:
    value = at("http.po‸st(").ask(types.TEXT_DOCUMENT_HOVER).contents.value
    assert "json: secret[any]? = none" in value
    assert "…" not in value


@pytest.mark.parametrize("line", ['import "lib.fl‸ow"', 'import "lib.flow" as l‸ib'])
def test_hover_of_an_imported_file_tells_what_it_is(line: str) -> None:
    asked = Asked(f"{line}\n", {"lib.flow": f"##! What ranks.\n\n{LIB}"})
    assert "What ranks." in asked.ask(types.TEXT_DOCUMENT_HOVER).contents.value


def test_what_stands_first_comes_first() -> None:
    asked = at("step le‸ad: Lead")
    marks = [each.range.start for each in asked.ask(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)]
    assert marks == sorted(marks, key=lambda at: (at.line, at.character))
    everything = types.Range(types.Position(0, 0), types.Position(99, 0))
    hints = [each.position for each in asked.ask(types.TEXT_DOCUMENT_INLAY_HINT, range=everything)]
    assert hints == sorted(hints, key=lambda at: (at.line, at.character))


def test_the_outline_has_what_is_done() -> None:
    text = "flow f(n: int) -> int {\n  do wait(1s)\n  for x in [n] {\n    do wait(2s)  # 😀\n  }\n  return n\n}\n"
    (flow,) = Asked(text).ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    assert [each.name for each in flow.children] == ["n", "do wait", "for"]
    assert [each.name for each in flow.children[-1].children] == ["do wait"]
    assert [shown(text, each.selection_range) for each in flow.children] == ["n", "wait", "for"]


def test_hover_tells_the_narrowed_type() -> None:
    text = "flow f(a: int?) -> int {\n  let b = 1 if a is none else '😀' ~ ‸a\n  return 1\n}\n"
    assert "param a: int\n" in Asked(text).ask(types.TEXT_DOCUMENT_HOVER).contents.value


def test_references_and_highlights() -> None:
    asked = at("step le‸ad: Lead")
    context = types.ReferenceContext(include_declaration=True)
    found = asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=context)
    assert [shown(FILE, each.range) for each in found] == ["lead"] * 5
    without = asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=types.ReferenceContext(include_declaration=False))
    assert len(without) == 4
    assert len(asked.ask(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)) == 5


def test_references_over_files() -> None:
    other = 'import "lib.flow" as l\n\nflow g() -> int {\n  return l.rank(score=1)\n}\n'
    asked = Asked(FILE.replace("lib.rank(", "lib.ra‸nk("), {"lib.flow": LIB, "b.flow": other})
    context = types.ReferenceContext(include_declaration=True)
    found = asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=context)
    assert sorted(each.uri.rpartition("/")[2] for each in found) == ["a.flow", "b.flow", "lib.flow"]


RENAMED = [
    "step le‸ad: Lead",
    "{ lea‸d, x, sum",
    'let x = "😀 {{ lead‸_id',
    "route(lea‸d_id=",
    "type Le‸ad",
    "service ap‸i",
    "score + mo‸st",
    "yield ea‸ch.score",
    "as err { yield e‸rr",
    "step a = rou‸te(",
    "lib.ra‸nk(lead",
    "li‸b.rank",
    "after pi‸ng",
    "  let ‸x = ",
]


@pytest.mark.parametrize("piece", RENAMED)
def test_rename_changes_no_finding(piece: str) -> None:
    asked = at(piece)
    texts = {"a.flow": FILE, "lib.flow": LIB}
    before = check("a.flow", texts.__getitem__).diagnostics
    assert before == ()
    changed = asked.renamed("Fresh" if "Le‸ad" in piece else "fresh")
    assert changed
    after = {**texts, **changed}
    assert [(each.rule, each.message) for each in check("a.flow", after.__getitem__).diagnostics] == []
    assert after != texts
    word = "Fresh" if "Le‸ad" in piece else "fresh"
    assert all(word in text for text in changed.values())


def test_rename_of_a_shorthand_keeps_the_key() -> None:
    assert "json={ lead: fresh, x, sum" in at("step le‸ad: Lead").renamed("fresh")["a.flow"]


@pytest.mark.parametrize(
    ("piece", "new", "reason"),
    [
        ('api.ge‸t("/😀/', "fetch", "not declared in the project"),
        ("@ret‸ry(", "again", "not declared in the project"),
        ("ht‸tp.post", "web", "keeps its name"),
        ("step le‸ad: Lead", "x", "`x` is declared twice here"),
        ("step le‸ad: Lead", "most", "`most` hides the constant of that name"),
        ("step le‸ad: Lead", "if", "a word of the language"),
        ("step le‸ad: Lead", "a b", "is no name"),
        ("step le‸ad: Lead", "é", "is no name"),
        ("ret‸urn { id", "y", "nothing here"),
        ("score + mo‸st", "each", "hides the constant"),
        ("service ap‸i", "lead", "hides the service"),
        ("(lead.sco‸re)", "points", "what is sent and received"),
        ("type Le‸ad { id", "api", "is declared twice in this file"),
    ],
)
def test_rename_is_refused_with_a_reason(piece: str, new: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        at(piece).renamed(new)


def test_rename_is_refused_while_a_file_is_broken() -> None:
    asked = Asked(FILE.replace("step le‸ad", "step lead").replace("let most = 3", "let mo‸st = = 3"), {"lib.flow": LIB})
    with pytest.raises(Refused, match="syntax errors"):
        asked.renamed("fresh")


def test_rename_is_refused_while_a_file_that_uses_the_thing_is_broken() -> None:
    user = 'import "a.flow" as a\n\nflow f() -> int {\n  step x = = a.one()\n  return 1\n}\n'
    asked = Asked("function on‸e() -> int = 1\n", {"user.flow": user})
    with pytest.raises(Refused, match=r"`user.flow` has syntax errors"):
        asked.renamed("uno")


def test_a_file_that_comes_is_seen_without_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = Asked("function on‸e() -> int = 1\n")
    assert set(asked.renamed("uno")) == {"a.flow"}
    (tmp_path / "user.flow").write_text('import "a.flow" as a\n\nlet b = a.one()\n', encoding="utf-8")
    (tmp_path / "a.flow").write_text(asked.text, encoding="utf-8")
    context = types.ReferenceContext(include_declaration=True)
    found = asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=context)
    assert [each.uri.rpartition("/")[2] for each in found] == ["a.flow", "user.flow"]


def test_prepare_rename_gives_the_word() -> None:
    found = at("after pi‸ng").ask(types.TEXT_DOCUMENT_PREPARE_RENAME)
    assert (shown(FILE, found.range), found.placeholder) == ("ping", "ping")


def test_document_symbols() -> None:
    found = at("step le‸ad: Lead").ask(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    names = {each.name: each for each in found}
    assert {"http", "lib", "config", "Lead", "api", "most", "route", "outer"} == set(names)
    inside = names["route"].children
    assert inside is not None
    assert [each.name for each in inside] == ["lead_id", "x", "lead", "many", "ping", "note"]
    (config,) = [each for each in found if each.name == "config"]
    assert shown(FILE, config.selection_range) == "config"
    for each in found:
        assert each.range.start <= each.selection_range.start
        assert each.selection_range.end <= each.range.end


def test_workspace_symbols_by_some_letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = at("step le‸ad: Lead")
    found = asked.ask(types.WORKSPACE_SYMBOL, query="rk")
    assert [each.name for each in found] == ["rank"]
    assert {"route", "outer", "rank"} <= {each.name for each in asked.ask(types.WORKSPACE_SYMBOL, query="")}


def test_symbols_of_what_only_the_library_may_declare() -> None:
    asked = Asked("annotation a() on step\n\ntrigger t() -> int\n\nflow own() -> int {\n  return 1\n}‸\n")
    assert "own" in {each.name for each in asked.ask(types.WORKSPACE_SYMBOL, query="own")}


def test_links() -> None:
    library, link = at("step le‸ad: Lead").ask(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    assert shown(FILE, link.range) == '"lib.flow"'
    assert link.target.endswith("/lib.flow")
    assert shown(FILE, library.range) == "http"
    assert library.target.endswith("/stdlib/http.flow")


def test_call_hierarchy() -> None:
    asked = at("step a = rou‸te(")
    (item,) = asked.ask(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    incoming = asked.ask(types.CALL_HIERARCHY_INCOMING_CALLS, item=item)
    assert [each.from_.name for each in incoming] == ["outer"]
    outgoing = asked.ask(types.CALL_HIERARCHY_OUTGOING_CALLS, item=item)
    assert [each.to.name for each in outgoing] == ["rank"]


def test_inlay_hints() -> None:
    asked = at("step le‸ad: Lead")
    everything = types.Range(types.Position(0, 0), types.Position(99, 0))
    found = asked.ask(types.TEXT_DOCUMENT_INLAY_HINT, range=everything)
    labels = [each.label for each in found]
    assert ": string" in labels
    assert "4 attempts" in labels
    none = types.Range(types.Position(0, 0), types.Position(1, 0))
    assert asked.ask(types.TEXT_DOCUMENT_INLAY_HINT, range=none) == []


def test_what_a_flow_calls_comes_in_the_order_of_the_text() -> None:
    text = """\
function one(n: int) -> int = n
function two(n: int) -> int = n
flow ‸f(n: int) -> string {
  return "😀 {{ two(n) }} {{ one(n) }} {{ two(one(n)) }}"
}
"""
    asked = Asked(text)
    (item,) = asked.ask(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    found = asked.ask(types.CALL_HIERARCHY_OUTGOING_CALLS, item=item)
    places = [(each.to.name, [place.start.character for place in each.from_ranges]) for each in found]
    assert places == [("two", [16, 42]), ("one", [29, 46])]

"""The names of document templates: offered, links, and a way to the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.asking import Asked, shown

FLOW = """\
import text
import "other.flow" as other

flow f(name: string) -> string {
  let s = "😀"
  let page = text.render(@)
  return page
}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("built\n")
    for name in ("mail.txt.j2", "pages/home.html", "built/old.html", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Dear {{ name }}")
    (tmp_path / "other.flow").write_text("flow g() -> string {\n  return 'a'\n}\n")
    monkeypatch.chdir(tmp_path)


def asked(arguments: str) -> Asked:
    return Asked(FLOW.replace("@", arguments))


@pytest.mark.parametrize("written", ["'‸'", "'‸", "'‸', { name }", "template='‸'"])
def test_templates_of_the_project_are_offered(written: str) -> None:
    assert asked(written).labels() == ["mail.txt.j2", "pages/home.html"]


def test_the_whole_name_is_replaced() -> None:
    assert "text.render('mail.txt.j2', { name })" in asked("'ma‸', { name }").accepted("mail.txt.j2")
    assert "text.render('pages/home.html')" in asked("'pages/h‸'").accepted("pages/home.html")


def test_no_template_is_offered_for_another_text() -> None:
    assert "mail.txt.j2" not in Asked(FLOW.replace("text.render(@)", "name | replace('‸', 'a')")).labels()


def test_a_template_is_a_link() -> None:
    found = asked("'pages/home.html', { name }")
    link = found.ask(types.TEXT_DOCUMENT_DOCUMENT_LINK)[-1]
    assert shown(found.text, link.range) == "'pages/home.html'"
    assert link.target.endswith("/pages/home.html")


def test_a_template_that_is_not_there_is_no_link() -> None:
    found = asked("'none.html', { name }").ask(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    assert [each.target.rpartition("/")[2] for each in found] == ["text.flow", "other.flow"]


@pytest.mark.parametrize(
    "written", ["'ma‸il.txt.j2', { name }", "'‸mail.txt.j2', { name }", "values={ name }, template='mail‸.txt.j2'"]
)
def test_the_definition_of_a_template_is_its_file(written: str) -> None:
    found = asked(written).ask(types.TEXT_DOCUMENT_DEFINITION)
    assert found.uri.endswith("/mail.txt.j2")
    assert found.range.start == types.Position(0, 0)


def test_the_definition_of_a_value_of_a_template_is_its_own() -> None:
    found = asked("'mail.txt.j2', { name: na‸me }").ask(types.TEXT_DOCUMENT_DEFINITION)
    assert (found.uri.endswith("/a.flow"), found.range.start.line) == (True, 3)


LEAD = """\
type Lead { na‸me: string, other: string }
"""
RENDERING = """\
import "a.flow" as a
import text

flow f(lead: a.Lead, name: string) -> string {
  let page = text.render('lead.txt.j2', { lead, name })
  let again = text.render('lead.txt.j2', { lead, name })
  return page ~ again
}
"""


def test_references_of_a_field_are_looked_for_in_templates() -> None:
    Path("lead.txt.j2").write_bytes(
        "😀 {{ name }} {{ lead.other }}\r\n{% if lead.name %}{{ lead.name }}{% endif %}".encode()
    )
    asked = Asked(LEAD, {"b.flow": RENDERING})
    found = asked.ask(types.TEXT_DOCUMENT_REFERENCES, context=types.ReferenceContext(include_declaration=True))
    places = [(each.uri.rpartition("/")[2], each.range.start.line, each.range.start.character) for each in found]
    assert places == [("a.flow", 0, 12), ("lead.txt.j2", 1, 11), ("lead.txt.j2", 1, 26)]

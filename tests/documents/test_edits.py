"""An edit of a template is seen by an editor's session, and by `--watch`."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.cli import watching
from flowlang.compiler.incremental import Session
from flowlang.compiler.pipeline import check
from flowlang.lsp import findings
from flowlang.lsp.features.actions import code_actions
from flowlang.lsp.project import Project
from tests.documents.rendering import flow
from tests.surfaces.conftest import write

GOOD, BAD = "Dear {{ who }},\n", "Dear\n{{ whom }},\n"
TWO = """\
import text

flow f(a: string) -> string {
  return text.render('t.j2', { a })
}

flow g(b: string) -> string {
  return text.render('u.j2', { b })
}
"""


class Texts(dict[str, str]):
    """Files in memory, which a session reads."""

    def read(self, path: str) -> str:
        from flowlang.compiler.workspace import Unreadable

        if path not in self:
            raise Unreadable("does not exist", tuple(self))
        return self[path]

    def both(self, session: Session) -> list[list[tuple[object, ...]]]:
        """What a session finds, and what a check from scratch does."""
        checked = session.check(self.read).program, check("a.flow", self.read)
        return [[(d.rule, d.message, d.span, d.help, d.related) for d in program.diagnostics] for program in checked]


def test_a_session_checks_again_when_a_template_has_changed() -> None:
    texts, session = Texts({"a.flow": TWO, "t.j2": "{{ a }}", "u.j2": "{{ b }}"}), Session("a.flow")
    edits = [
        {"t.j2": "{{ x }}"},
        {"a.flow": TWO.replace("flow g", "\n\nflow g")},
        {"u.j2": "{{ a }}"},
        {"a.flow": TWO.replace("'u.j2'", "'v.j2'")},
        {"v.j2": "{{ y }}"},
        {"v.j2": "{{ b }}", "t.j2": "{{ a }}"},
        {"a.flow": TWO.replace("'u.j2'", "'t.j2'")},
        {"a.flow": "let z = 1\n" + TWO},
    ]
    counts = []
    for edit in ({}, *edits):
        texts.update(edit)
        ours, whole = texts.both(session)
        assert ours == whole, edit
        counts.append(len(ours))
    assert counts == [0, 1, 1, 2, 2, 2, 0, 1, 2]


def test_only_the_edited_flow_is_checked_again() -> None:
    texts, session = Texts({"a.flow": TWO, "t.j2": "{{ a }}", "u.j2": "{{ b }}"}), Session("a.flow")
    texts.both(session)
    texts["a.flow"] = TWO.replace("b: string", "b: int")
    texts.both(session)
    assert session.pieces == (1, 1)


# ---- in an editor


def test_an_editor_shows_it_at_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = flow("t.j2", who="string")
    write(tmp_path, "a.flow", text)
    write(tmp_path, "t.j2", BAD)
    project, uri = Project(), (tmp_path / "a.flow").as_uri()
    project.put(uri, 1, "# é\n" + text)
    snapshot = project.snapshot(uri)
    (shown,) = findings.all_of(project, snapshot)
    assert shown.message == "`t.j2`, line 2: nothing here is called `whom`\n\ndid you mean `who`?"
    assert (shown.range.start.line, shown.range.start.character) == (4, 9)
    (related,) = shown.related_information or ()
    assert related.location.uri == (tmp_path / "t.j2").as_uri()
    assert related.location.range == types.Range(types.Position(1, 3), types.Position(1, 7))
    document = types.TextDocumentIdentifier(uri)
    code_actions(project, types.CodeActionParams(document, shown.range, types.CodeActionContext([shown])))
    write(tmp_path, "t.j2", GOOD + "\n")
    assert findings.all_of(project, project.snapshot(uri)) == []


def test_a_template_that_is_open_counts_as_it_stands_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a.flow", flow("t.j2", who="string"))
    write(tmp_path, "t.j2", GOOD)
    project, uri = Project(), (tmp_path / "a.flow").as_uri()
    assert findings.all_of(project, project.snapshot(uri)) == []
    project.put((tmp_path / "t.j2").as_uri(), 1, BAD)
    assert len(findings.all_of(project, project.snapshot(uri))) == 1


def test_watch_looks_at_templates(tmp_path: Path) -> None:
    for name in ("a.flow", "t.j2", "t.html", "t.txt"):
        write(tmp_path, name, "")
    seen = {Path(path).name for path in watching._state([str(tmp_path)])}
    assert seen - {"flowlang.toml", "pyproject.toml"} == {"a.flow", "t.j2", "t.html", tmp_path.name}

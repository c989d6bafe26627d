"""What an editor does about findings is what the command line does: over every bad example of the rules' pages."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from lsprotocol import types

from flowlang.checks.registry import rules
from flowlang.cli.checking import Checking
from flowlang.cli.mending import mend
from flowlang.compiler.settings import Overrides, Policies
from flowlang.diagnostics.fixing import apply, edits_of, one_pass
from flowlang.lsp.features.actions import FIX_ALL, code_actions
from flowlang.lsp.places import span
from flowlang.lsp.project import Project
from flowlang.lsp.snapshot import Snapshot
from flowlang.source import Source
from tests.lsp.asking import Asked, edited, finished
from tests.surfaces.bad_examples import FENCE, PAGES
from tests.surfaces.test_fixes import SAME_NAME

ABOUT_ACCEPTING = ("unknown-rule", "useless-suppression", "suppression-without-reason")


def _examples() -> list[tuple[str, dict[str, str]]]:
    """The bad examples, an emoji before each."""
    found = []
    for rule in rules():
        bad = (PAGES / f"{rule}.md").read_text(encoding="utf-8").partition("## Example\n")[2]
        fences = FENCE.findall(bad.partition("## Use instead\n")[0])
        found.append((rule, {name or "example.flow": f"# 😀\n{text}" for name, text in fences}))
    return [(rule, texts) for rule, texts in found if texts]


EXAMPLES = _examples()
each_example = pytest.mark.parametrize("texts", [texts for _, texts in EXAMPLES], ids=[rule for rule, _ in EXAMPLES])
each_end = pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project where every rule is on."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flowlang.toml").write_text("[check]\nstrict = true\n", encoding="utf-8")
    return tmp_path


def opened(texts: dict[str, str], end: str) -> tuple[Project, Snapshot]:
    """A project with an example on the disk and in the editor, and its first file."""
    project = Project()
    for name, text in texts.items():
        written = text.replace("\n", end)
        Path(name).write_bytes(written.encode())
        project.put(Path(name).absolute().as_uri(), 1, written)
    return project, project.look(next(iter(texts)))


def asked(
    project: Project, snapshot: Snapshot, only: list[str], place: types.Range | None = None
) -> list[types.CodeAction]:
    return code_actions(
        project,
        types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(uri=snapshot.uri),
            range=place or span(snapshot.source, 0, len(snapshot.text)),
            context=types.CodeActionContext(diagnostics=[], only=only),
        ),
    )


def text_after(snapshot: Snapshot, action: types.CodeAction) -> str:
    assert action.edit is not None
    assert action.edit.changes is not None
    assert list(action.edit.changes) == [snapshot.uri]
    return edited(snapshot.text, list(action.edit.changes[snapshot.uri]))


@each_end
@each_example
def test_each_fix_makes_what_the_command_line_makes(texts: dict[str, str], end: str, here: Path) -> None:
    project, snapshot = opened(texts, end)
    for found in snapshot.findings:
        place = snapshot.text_range(found.span.start, found.span.end)
        offered = [
            each
            for each in asked(project, snapshot, [types.CodeActionKind.QuickFix], place)
            if each.diagnostics and (each.diagnostics[0].code, each.diagnostics[0].range) == (found.rule, place)
        ]
        made = [text_after(snapshot, each) for each in offered if not each.title.startswith("Accept ")]
        wanted = []
        for fix in found.fixes:
            edits = edits_of(one_pass([found.replace(fixes=(fix,))], True, {snapshot.path}))
            wanted.append(apply(snapshot.text, edits[snapshot.path]))
        assert made == wanted
        assert sum(each.is_preferred or False for each in offered) == any(fix.safe for fix in found.fixes)
        unsafe = [each for each in offered if "may change what the flow does" in each.title]
        assert len(unsafe) == sum(not fix.safe for fix in found.fixes)


@each_end
@each_example
def test_fixing_all_makes_what_the_command_line_makes(texts: dict[str, str], end: str, here: Path) -> None:
    project, snapshot = opened(texts, end)
    checking = Checking([snapshot.path], None, Policies(Overrides()))
    mended = mend(checking, checking.findings, unsafe=False)
    actions = asked(project, snapshot, [FIX_ALL])
    assert len(actions) == bool(mended.before)
    assert [text_after(snapshot, each) for each in actions] == [checking.read(name) for name in mended.before]


@each_end
def test_fixing_all_does_not_bring_a_name_twice(end: str, here: Path) -> None:
    project, snapshot = opened({"a.flow": SAME_NAME}, end)
    (action,) = asked(project, snapshot, [FIX_ALL])
    text = text_after(snapshot, action)
    assert ("step answer = " in text, "step answer_2 = " in text) == (True, True)


@each_end
@each_example
def test_accepting_hides_the_finding_and_nothing_else(texts: dict[str, str], end: str, here: Path) -> None:
    project, snapshot = opened(texts, end)
    before = Counter((each.rule, each.message) for each in snapshot.findings)
    for action in asked(project, snapshot, [types.CodeActionKind.QuickFix]):
        if action.title.startswith("Accept "):
            text = text_after(snapshot, action)
            assert text.count("\r\n") == (text.count("\n") if end == "\r\n" else 0)
            project.put(snapshot.uri, 2, text)
            after = Counter((each.rule, each.message) for each in project.look(snapshot.path).findings)
            assert not after - before
            assert sum((before - after).values()) == len(action.diagnostics or ())


def test_every_rule_that_can_be_ignored_can_be_accepted(here: Path) -> None:
    for rule, texts in EXAMPLES:
        project, snapshot = opened(texts, "\n")
        finished(project.uses.settle(snapshot.path))
        titles = [each.title for each in asked(project, snapshot, [types.CodeActionKind.QuickFix])]
        comments = rule in ("bidi-character", "hard-coded-credential")
        severities = {each.severity for each in snapshot.findings if each.rule == rule}
        if severities == {"warning"} and rule not in ABOUT_ACCEPTING and not comments:
            assert f"Accept `{rule}` here" in titles


LONG = '''\
# 😀
flow f(a: int) -> any {
  let b = """
    {{ [1 for unused in [a]] }}
    {{ a }}
    """ ~ "{{ a }}" ~ (1 if a == a else 2)
  return b
}
'''


def test_no_comment_ends_up_in_a_text() -> None:
    ask = Asked(LONG)
    snapshot = ask.project.snapshot(ask.uri)
    assert snapshot.findings
    for action in asked(ask.project, snapshot, [types.CodeActionKind.QuickFix]):
        assert "else 2)  # flow: ignore[" in text_after(snapshot, action), action.title


@pytest.mark.parametrize("text", ["# 😀 ad\u00admin\n", "# 😀\n# flow: ignore[nothing] why\n", "# 😀 \u202e"])
def test_what_no_comment_hides_is_not_accepted(text: str) -> None:
    ask = Asked(text)
    snapshot = ask.project.snapshot(ask.uri)
    assert snapshot.findings
    assert [each.title for each in asked(ask.project, snapshot, []) if each.title.startswith("Accept")] == []


def test_findings_of_one_rule_in_one_line_are_accepted_together() -> None:
    ask = Asked("# 😀\nflow f(a: int, b: int) -> int {\n  return 1\n}\n")
    snapshot = ask.project.snapshot(ask.uri)
    (action,) = [each for each in asked(ask.project, snapshot, []) if each.title == "Accept `unused-parameter` here"]
    assert len(action.diagnostics or ()) == 2


def test_an_editor_that_asks_by_itself_is_offered_what_is_near() -> None:
    text = "# 😀\nimport http\n"
    ask = Asked(text)
    place = span(Source("", text), len(text), len(text))
    for kind, count in ((types.CodeActionTriggerKind.Automatic, 0), (types.CodeActionTriggerKind.Invoked, 1)):
        context = types.CodeActionContext(diagnostics=[], trigger_kind=kind)
        found = ask.ask(types.TEXT_DOCUMENT_CODE_ACTION, range=place, context=context)
        assert len([each for each in found if each.kind == FIX_ALL]) == count
    whole = types.CodeActionContext(
        diagnostics=[], only=["source.fixAll"], trigger_kind=types.CodeActionTriggerKind.Automatic
    )
    assert len(ask.ask(types.TEXT_DOCUMENT_CODE_ACTION, range=place, context=whole)) == 1


def test_a_file_that_cannot_be_written_is_not_mended(here: Path) -> None:
    path = here / "a.flow"
    path.write_text("# 😀\nimport http\n", encoding="utf-8")
    project = Project()
    snapshot = project.look("a.flow")
    assert [each.title for each in asked(project, snapshot, [types.CodeActionKind.QuickFix]) if each.is_preferred]
    path.chmod(0o444)
    if not os.access(path, os.W_OK):  # root may write what nobody may
        assert not [each for each in asked(project, snapshot, [types.CodeActionKind.QuickFix]) if each.is_preferred]

"""Fixes, formatting, colours, folds, lenses and graphs, as the command line makes them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from flowlang.cli.checking import Checking
from flowlang.cli.mending import mend
from flowlang.diagnostics.fixing import apply
from flowlang.formatter import format_source
from flowlang.lsp.features.actions import fix_all
from flowlang.lsp.places import span
from flowlang.lsp.project import Project
from flowlang.source import Source
from tests.lsp.asking import Asked, _Params, edited, shown

ROOT = Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "tests" / "golden" / "check" / "rules").glob("*.flow"))
EXAMPLES = sorted((ROOT / "examples").rglob("*.flow"))
FLOW = 'import http\nimport json\n\nflow f(a: int) -> any {\n  let b = "😀 {{ a }}"\n  return b\n}\n'


def everything(text: str) -> types.Range:
    return span(Source("", text), 0, len(text))


def actions(asked: Asked, place: types.Range, only: list[str] | None = None) -> list[types.CodeAction]:
    context = types.CodeActionContext(diagnostics=[], only=only)
    found: list[types.CodeAction] = asked.ask(types.TEXT_DOCUMENT_CODE_ACTION, range=place, context=context)
    return found


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_each_fix_makes_what_the_command_line_makes(path: Path) -> None:
    project = Project()
    uri = path.as_uri()
    project.put(uri, 1, path.read_bytes().decode("utf-8"))
    snapshot = project.snapshot(uri)
    for found in snapshot.findings:
        place = snapshot.text_range(found.span.start, found.span.end)
        asked = Asked("")
        asked.project, asked.document = project, types.TextDocumentIdentifier(uri=uri)
        offered = [each for each in actions(asked, place) if each.diagnostics and each.diagnostics[0].range == place]
        made = set()
        for each in offered:
            assert each.edit is not None
            assert each.edit.changes is not None
            made.add(edited(snapshot.text, list(each.edit.changes[uri])))
        wanted = {apply(snapshot.text, fix.edits) for fix in found.fixes if fix.edits}
        assert wanted <= made


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_fix_all_makes_what_the_command_line_makes(path: Path) -> None:
    name = os.path.relpath(path)
    checking = Checking([name], None, None)
    mended = mend(checking, checking.findings, unsafe=False)
    project = Project()
    project.put(path.as_uri(), 1, path.read_bytes().decode("utf-8"))
    snapshot = project.snapshot(path.as_uri())
    assert edited(snapshot.text, fix_all(project, snapshot)) == checking.read(name)
    assert mended.count == 0 or mended.before


def test_a_safe_fix_is_preferred_and_kinds_are_heeded() -> None:
    asked = Asked(FLOW)
    place = everything(FLOW)
    fixes = actions(asked, place, [types.CodeActionKind.QuickFix])
    assert [each.title for each in fixes if each.is_preferred] == ["Remove it", "Remove it"]
    assert all(each.kind == types.CodeActionKind.QuickFix for each in fixes)
    (whole,) = actions(asked, place, ["source.fixAll"])
    assert whole.kind == "source.fixAll.flowlang"
    assert whole.edit is not None
    assert edited(FLOW, list((whole.edit.changes or {})[asked.uri])).startswith("\nflow f(")
    assert actions(asked, place, ["refactor"]) == []


def test_accepting_a_finding_hides_it() -> None:
    asked = Asked(FLOW)
    accept = next(each for each in actions(asked, everything(FLOW)) if each.title == "Accept `unused-import` here")
    assert accept.edit is not None
    text = edited(FLOW, list((accept.edit.changes or {})[asked.uri]))
    assert text.startswith("# flow: ignore[unused-import] TODO: say why\nimport http\n")
    assert [each.rule for each in Asked(text).project.look("a.flow").findings] == ["unused-import"]


def test_an_error_of_the_language_cannot_be_accepted() -> None:
    text = "flow f() -> int {\n  return 😀\n}\n".replace("😀", "nope")
    assert [each.title for each in actions(Asked(text), everything(text))] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_formatting(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("  step", "      step").replace(" = ", "   =  ")
    asked = Asked(text)
    edits = asked.ask(types.TEXT_DOCUMENT_FORMATTING)
    assert edited(text, edits) == format_source(Source("a.flow", text))
    assert len(edits) > 1


def test_formatting_leaves_a_broken_or_formatted_file_alone() -> None:
    assert Asked("flow f( {\n").ask(types.TEXT_DOCUMENT_FORMATTING) is None
    assert Asked(FLOW).ask(types.TEXT_DOCUMENT_FORMATTING) == []


def test_formatting_of_a_range() -> None:
    text = FLOW.replace("  let b = ", "  let  b  =  ").replace("import json", "import   json")
    first = types.Range(types.Position(0, 0), types.Position(1, 99))
    edits = Asked(text).ask(types.TEXT_DOCUMENT_RANGE_FORMATTING, range=first, options=None)
    assert edited(text, edits) == text.replace("import   json", "import json")


def test_folding_and_selection() -> None:
    body = "flow f(a: int) -> any {\n  let b = {\n    c: '😀',\n  }\n  return b\n}\n"
    text = f"import http\nimport json\n\n# one\n# two\n{body}"
    found = {(each.start_line, each.end_line) for each in Asked(text).ask(types.TEXT_DOCUMENT_FOLDING_RANGE)}
    assert found == {(0, 1), (3, 4), (5, 9), (6, 7)}
    asked = Asked(text.replace("'😀'", "'‸😀'"))
    (innermost,) = asked.ask(types.TEXT_DOCUMENT_SELECTION_RANGE, positions=[asked.position])
    pieces = []
    while innermost is not None:
        pieces.append(shown(text, innermost.range))
        innermost = innermost.parent
    assert pieces[:3] == ["'😀'", "c: '😀'", "{\n    c: '😀',\n  }"]


def test_lenses_and_graph() -> None:
    text = "flow f(a: int) -> any {\n  step 😀 = g()\n  return 1\n}\n\nflow g() -> any {\n  return 1\n}\n".replace(
        "😀", "b"
    )
    asked = Asked(text)
    lenses = asked.ask(types.TEXT_DOCUMENT_CODE_LENS)
    titles = [each.command.title for each in lenses]
    assert titles == ["Run", "Show graph", "0 uses in open files", "Run", "Show graph", "1 use in open files"]
    assert lenses[0].command.arguments == [asked.uri, "f"]
    document = _Params(uri=asked.uri)
    both = asked.ask("flowlang/graph", textDocument=document)
    assert both["mermaid"].startswith("flowchart TD")
    assert both["dot"].startswith("digraph")
    assert asked.ask("flowlang/graph", textDocument=document, flow="g") != both
    assert asked.ask("flowlang/graph", textDocument=document, flow="h") is None
    broken = Asked("flow f() -> int {\n  return nope\n}\n")
    assert broken.ask("flowlang/graph", textDocument=document) is None


@pytest.mark.parametrize("params", [None, {}, [], 3, _Params(), _Params(textDocument=None), _Params(textDocument=3)])
def test_a_graph_of_nothing(params: Any) -> None:
    from tests.lsp.asking import ANSWERS

    assert ANSWERS["flowlang/graph"](Project(), params) is None
    assert json.dumps(None) == "null"


def test_the_empty_kind_is_every_kind() -> None:
    asked = Asked("import http\n\n# 😀\nflow f(a: int) -> int {\n  return a\n}\n")
    everywhere = everything(asked.text)
    kinds = [each.kind for each in actions(asked, everywhere, [""])]
    assert kinds == [each.kind for each in actions(asked, everywhere)]
    assert types.CodeActionKind.QuickFix in kinds
    assert "source.fixAll.flowlang" in kinds


LIBRARY = "type Lead { id: string }\n\nfunction twice(n: int) -> int = n\n"


@pytest.mark.parametrize(
    ("imports", "use", "title", "above", "written"),
    [
        (
            "",
            'let a = "😀 {{ twice(2) }}"',
            "Import `below/lib.flow`",
            'import "below/lib.flow" as lib\n\n',
            "lib.twice(2)",
        ),
        ("", "step a: Lead? = none", "Import `below/lib.flow`", 'import "below/lib.flow" as lib\n\n', "lib.Lead?"),
        (
            "",
            "step a: lib.Lead? = none",
            "Import `below/lib.flow`",
            'import "below/lib.flow" as lib\n\n',
            ": lib.Lead?",
        ),
        ("", "let a = lib.twice(2)", "Import `below/lib.flow`", 'import "below/lib.flow" as lib\n\n', "= lib.twice(2)"),
        ("", "let a = 2 | twice", "Import `below/lib.flow`", 'import "below/lib.flow" as lib\n\n', "2 | lib.twice"),
        ('import "below/lib.flow" as l\n', "let a = twice(2)", "Write `l.twice`", "", "= l.twice(2)"),
    ],
)
def test_what_is_not_known_is_imported(imports: str, use: str, title: str, above: str, written: str) -> None:
    asked = Asked(f"{imports}flow f() -> any {{\n  {use}\n  return 1\n}}\n", {"below/lib.flow": LIBRARY})
    (action,) = [each for each in actions(asked, everything(asked.text)) if each.title == title]
    changes = action.edit.changes if action.edit is not None else None
    assert changes is not None
    text = edited(asked.text, list(changes[asked.uri]))
    assert text.startswith(above + imports)
    assert written in text
    asked.project.put(asked.uri, 2, text)
    rules = {each.rule for each in asked.project.snapshot(asked.uri).findings}
    assert not [rule for rule in rules if rule.startswith("unknown-")]


@pytest.mark.parametrize("use", ["let a = thrice(Lead)", "let a = time.twice(1)", "step a: time.Lead? = none"])
def test_what_other_files_do_not_have_is_not_imported(use: str) -> None:
    asked = Asked(f"import time\n\nflow f() -> any {{\n  {use}\n  return 1\n}}\n", {"lib.flow": LIBRARY})
    assert [each.title for each in actions(asked, everything(asked.text)) if each.title.startswith("Import")] == []

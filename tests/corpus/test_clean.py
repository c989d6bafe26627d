"""The clean corpus: idiomatic flows of every kind, in which the checker finds nothing and which become plans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowlang.compiler.lower import lower
from flowlang.compiler.pipeline import check_text
from flowlang.formatter import format_source
from flowlang.plan.codec import from_json, to_json
from flowlang.source import Source
from flowlang.syntax import ast

CLEAN = sorted((Path(__file__).parent / "clean").glob("*.flow"))


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_a_clean_file_has_no_findings(path: Path) -> None:
    program = check_text(path.read_text(encoding="utf-8"), path.name)
    assert [(found.severity, found.rule, found.message) for found in program.diagnostics] == []


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_every_flow_of_a_clean_file_becomes_a_plan(path: Path) -> None:
    program = check_text(path.read_text(encoding="utf-8"), path.name)
    flows = [item.name.name for item in program.files[program.root].tree.items if isinstance(item, ast.FlowDecl)]
    assert flows
    for flow in flows:
        plan = lower(program, flow)
        assert plan.flow == flow
        assert from_json(to_json(plan)) == plan


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_one_misspelt_name_gives_one_error(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    program = check_text(text, path.name)
    wrong = []
    for node in names(program.files[program.root].tree):
        changed = check_text(text[: node.start] + "zz_" + text[node.start :], path.name)
        errors = [f"{found.rule}: {found.message}" for found in changed.diagnostics if found.severity == "error"]
        if len(errors) != 1:
            wrong.append((f"{text.count(chr(10), 0, node.start) + 1}: {node.name}", errors))
    assert wrong == []


def names(root: ast.Node) -> Iterator[ast.Name]:
    """Every name that an expression of a tree uses, but those whose spelling is a key too."""
    pending: list[object] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple) and not isinstance(node, ast.Node):
            pending.extend(node)
        elif isinstance(node, ast.Node):
            if isinstance(node, ast.Name):
                yield node
            if isinstance(node, ast.Map):
                node = node.replace(entries=tuple(entry for entry in node.entries if not is_shorthand(entry)))
            pending.extend(getattr(node, field) for field in type(node)._fields[2:])


def is_shorthand(entry: ast.Node) -> bool:
    return isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text) and entry.key.start == entry.value.start


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_formatting_a_clean_file_once_is_enough(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    once = format_source(source)
    assert isinstance(once, str)
    assert format_source(Source(path.name, once)) == once
    assert check_text(once, path.name).diagnostics == ()

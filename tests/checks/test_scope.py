"""A rule that says nothing else looks at items: what it finds in one does not hang on items that the one does not
name.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path

import pytest

from flowlang.checks.index import Has
from flowlang.checks.registry import CHECKS, OPT_IN, Selection, chosen, look_through
from flowlang.compiler.pieces import cut
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import reader
from flowlang.semantics.facts import Program
from flowlang.syntax import ast
from flowlang.syntax.parser import parse

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("examples", "tests/golden/check", "tests/corpus")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.flow"))


def nodes(root: object) -> set[int]:
    """The identities of all nodes in a tree."""
    waiting = [root]
    for each in waiting:
        if isinstance(each, tuple):
            waiting.extend(each)
    return set(map(id, waiting))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_items_alone(path: Path) -> None:
    program = check(str(path), reader(str(path)), OPT_IN)
    file = program.files.get(str(path))
    if file is None:
        return
    errors = sorted(
        each.span.start
        for each in program.diagnostics
        if each.rule not in CHECKS and each.severity == "error" and each.span.file == file.path
    )
    alone = Program(file.path, {file.path: file}, program.facts, ())
    selection = Selection(chosen(frozenset(), "item"), Has(file.source.text))
    whole = look_through(alone, file, program.facts, errors, selection)
    parts = set()
    parsed = parse(file.source).replace(tree=file.tree)
    for piece in cut(file.source.text, 0, parsed):
        inside = nodes(piece.items)
        facts = copy(program.facts)
        facts.called = {file.path: [each for each in facts.called.get(file.path, ()) if id(each) in inside]}
        facts.conditions = {file.path: [each for each in facts.conditions.get(file.path, ()) if id(each) in inside]}
        part = file.replace(tree=ast.File(piece.base, piece.end, piece.items, ""))
        parts.update(
            (each.rule, each.span, each.message) for each in look_through(alone, part, facts, errors, selection)
        )
    assert {(each.rule, each.span, each.message) for each in whole} == parts

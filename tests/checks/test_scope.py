"""A rule looks no further than its `SCOPE` says: what it finds in an item does not hang on items that the one does not
name (`item`), nor what it finds in a statement on what stands behind that or refers to it (`statement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from flowlang.checks.registry import CHECKS, OPT_IN, chosen, concerning, look_through, words_in
from flowlang.checks.rest import rest_of
from flowlang.checks.sites import Sites, take_as_known
from flowlang.compiler.pieces import cut
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable, reader
from flowlang.diagnostics import Diagnostic
from flowlang.semantics.facts import CheckedFile, Facts, Program
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from tests.semantics.test_rule_pages import FENCE, PAGES

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("examples", "tests/golden/check", "tests/corpus")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.flow"))
OF_WHOLE_FILES = frozenset(rule.name for rule in CHECKS.values() if rule.scope == "file")


def nodes(root: object) -> set[int]:
    """The identities of all nodes in a tree."""
    waiting = [root]
    for each in waiting:
        if isinstance(each, tuple):
            waiting.extend(each)
    return set(map(id, waiting))


class Looks:
    """The looks at one file, whole and in parts."""

    def __init__(self, program: Program) -> None:
        self.file = file = program.files[program.root]
        self.facts = program.facts
        self.errors = sorted(
            each.span.start
            for each in program.diagnostics
            if each.rule not in CHECKS and each.severity == "error" and each.span.file == file.path
        )
        self._alone = Program(file.path, {file.path: file}, program.facts, ())
        self._rules = concerning(chosen(OF_WHOLE_FILES), words_in(file.source.text))

    def at(self, part: CheckedFile, facts: Facts, rest: tuple[CheckedFile, Facts] | None = None) -> set[Diagnostic]:
        """What is found in a part of the file."""
        return {*look_through(self._alone, part, facts, self.errors, self._rules, rest)}

    def items(self) -> Iterator[tuple[CheckedFile, Facts]]:
        """The items, each with its facts."""
        parsed = parse(self.file.source).replace(tree=self.file.tree)
        for piece in cut(self.file.source.text, 0, parsed):
            yield self.part(ast.File(piece.base, piece.end, piece.items, ""))

    def part(self, tree: ast.File) -> tuple[CheckedFile, Facts]:
        """A part of the file with its facts."""
        inside, path = nodes(tree), self.file.path
        facts = copy(self.facts)
        facts.called = {path: [each for each in facts.called.get(path, ()) if id(each) in inside]}
        facts.conditions = {path: [each for each in facts.conditions.get(path, ()) if id(each) in inside]}
        return self.file.replace(tree=tree), facts


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_items_alone(path: Path) -> None:
    program = check(str(path), reader(str(path)), OPT_IN)
    if program.root not in program.files:
        return
    looks = Looks(program)
    whole = looks.at(looks.file, looks.facts)
    assert whole == set().union(*[looks.at(*item) for item in looks.items()])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_statements_alone(path: Path) -> None:
    assert not too_wide(check(str(path), reader(str(path)), OPT_IN))


@pytest.mark.parametrize("rule", CHECKS)
def test_statements_of_examples_alone(rule: str) -> None:
    text = (PAGES / f"{rule}.md").read_text(encoding="utf-8")
    assert not any(map(too_wide, programs(text)))


def programs(page: str) -> Iterator[Program]:
    """Those of a page's examples."""
    for example in re.split(r"^## (?:Example|Use instead)$", page, flags=re.M)[1:]:
        files = {name or "example.flow": text for name, text in FENCE.findall(example)}

        def read(path: str, files: dict[str, str] = files) -> str:
            if path not in files:
                raise Unreadable("does not exist")
            return files[path]

        yield from (check(path, read, OPT_IN) for path in files if path.endswith(".flow"))


@pytest.mark.parametrize(
    "rule",
    ["impossible-status", "parallel-write", "unordered-effect", "unused-let", "unused-step", "wait-past-timeout"],
)
def test_a_rule_that_looks_further_is_seen(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At what refers to a step, at the steps before or behind it, at the key of a `do`."""
    path = ROOT / f"tests/golden/check/rules/{rule}.flow"
    program = check(str(path), reader(str(path)), OPT_IN)
    assert not too_wide(program)
    monkeypatch.setattr(CHECKS[rule], "scope", "statement")
    assert too_wide(program) == {rule}


def too_wide(program: Program) -> set[str]:
    """The rules about statements that find something else in a flow if they look at its first statements alone, and
    then from there on: of those that stand there before, nothing but what is found out about them alone is known.
    """
    if program.root not in program.files:
        return set()
    looks = Looks(program)
    differing: set[Diagnostic] = set()
    for part, facts in looks.items() if not looks.errors else ():
        if len(part.tree.items) != 1 or not isinstance(part.tree.items[0], ast.FlowDecl):
            continue
        whole = inside(looks.at(part, facts), part.tree.start, part.tree.end)
        sites = Sites(facts, part)
        for statement in part.tree.items[0].body.statements:
            start, place, end = part.tree.start, statement.end, part.tree.end
            rest = rest_of(part, facts, place)
            take_as_known(sites, sites.behind(*rest))
            behind = inside(looks.at(part, facts, rest), place, end)
            before = inside(looks.at(*first(looks, part.tree, place)), start, place)
            differing |= whole ^ (before | behind)
    return {each.rule for each in differing if CHECKS[each.rule].scope == "statement"}


def first(looks: Looks, tree: ast.File, place: int) -> tuple[CheckedFile, Facts]:
    """A flow up to the end of one of its statements, with the line that it stands in, and what is known of these."""
    (flow,) = tree.items
    assert isinstance(flow, ast.FlowDecl)
    statements = tuple(each for each in flow.body.statements if each.end <= place)
    flow = flow.replace(body=flow.body.replace(statements=statements), catches=())
    part, facts = looks.part(ast.File(tree.start, place, (flow,), ""))
    shared = {*map(id, statements), *map(id, flow.params)}
    facts.keys = {key: "" if key in shared else value for key, value in facts.keys.items()}
    facts.needs = {key: value for key, value in facts.needs.items() if key not in shared}
    facts.references = {key: value for key, value in facts.references.items() if key not in shared}
    facts.used = facts.used - shared
    line_end = part.source.text.find("\n", place)
    return part.replace(source=Source(part.path, part.source.text[:line_end] + "\n" * (tree.end - line_end))), facts


def inside(found: set[Diagnostic], start: int, end: int) -> set[Diagnostic]:
    return {each for each in found if start <= each.span.start < end}

"""Every rule by name, and the running of checks.

A check is the function `check` of a module of `flowlang.checks.rules`, whose file name is the rule's name. The
annotation of its first parameter selects the classes of nodes that it is called for, the second is a `Look`, and it
gives findings; `SEVERITY` stands beside it. Adding a rule is adding a file.
"""

from __future__ import annotations

from flowlang.checks.index import by_place, load, spelled
from flowlang.checks.look import Look
from flowlang.semantics.report import ERRORS, WARNINGS
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

    from flowlang.checks.index import Check, Rule, Scope
    from flowlang.diagnostics import Diagnostic
    from flowlang.diagnostics.model import Severity
    from flowlang.semantics.facts import CheckedFile, Facts, Program

SYNTAX: Final = frozenset(
    """
    bad-escape bad-name bad-number jinja-statement missing-else missing-line-end nameless-import number-too-large
    syntax-error too-deep unclosed-bracket unclosed-string unsupported-tag
    """.split()
)
SUPPRESSION: Final = frozenset("suppression-without-reason unknown-rule useless-suppression".split())
CHECKS: Final = load()
OPT_IN: Final = frozenset([name for name, rule in CHECKS.items() if rule.severity == "info"])
"""Checks that are off until someone asks for them."""
WORDS: Final = by_place(CHECKS.values())
_STRUCTURE: Final = frozenset(
    {
        ast.File,
        ast.FlowDecl,
        ast.Body,
        ast.Step,
        ast.Do,
        ast.Catch,
        ast.Undo,
        ast.If,
        ast.Branch,
        ast.Match,
        ast.Case,
        ast.For,
        ast.Parallel,
    }
    | {ast.Race, ast.Sequence, ast.Repeat, tuple}
)
"""What statements stand in; everything else is looked into only if a check asks for something else."""


class _Fields(dict[type, "tuple[int, ...]"]):
    """The positions of the fields of a node that are wanted, by their names and annotations; empty for what is no
    node.
    """

    __slots__ = ("_is_wanted",)

    def __init__(self, is_wanted: Callable[[str, str], bool]) -> None:
        self._is_wanted = is_wanted

    def __missing__(self, kind: type) -> tuple[int, ...]:
        words: dict[str, str] = {}
        for each in reversed(kind.__mro__) if issubclass(kind, ast.Node) else ():
            words.update(vars(each).get("__annotations__", ()))
        self[kind] = found = tuple(i for i, name in enumerate(words) if self._is_wanted(name, words[name]))
        return found


def _holds_statements(name: str, word: str) -> bool:
    kinds = ("Body", "Block", "Statement", "Clause", "Item")
    return any(kind in word for kind in kinds) or name in ("branches", "cases", "catches")


def _holds_nodes(name: str, word: str) -> bool:
    return not word.startswith(("str", "int", "bool", "float", "OneOf"))


_INSIDE: Final = _Fields(_holds_statements)
"""Where in a node of the structure others stand."""
_PARTS: Final = _Fields(_holds_nodes)
"""Where in a node others stand."""
_WHOLE: Final = frozenset((ast.File,))
_LISTED: Final = frozenset(
    (ast.Call, ast.Filter, ast.Test, ast.Unary, ast.Binary, ast.Compare, ast.Logic, ast.Conditional, ast.Attribute)
)
"""What semantics has listed (`Facts.called`), so that no walk is needed; of `Attribute`, those with `?.`."""


def rules() -> list[str]:
    """The names of all rules, sorted: what `flowlang explain` knows."""
    return sorted({*SYNTAX, *ERRORS, *WARNINGS, *CHECKS, *SUPPRESSION})


def severity_of(rule: str) -> Severity | None:
    """The severity of a rule; null if there is none of the name."""
    if rule in CHECKS:
        return CHECKS[rule].severity
    if rule in SYNTAX or rule in ERRORS:
        return "error"
    return "warning" if rule in WARNINGS or rule in SUPPRESSION else None


def run_checks(
    program: Program, errors: Iterable[Diagnostic], opted_in: frozenset[str] = frozenset()
) -> list[Diagnostic]:
    """Look at every file with every check, those of `OPT_IN` only where asked for. `errors`: what else was found, for
    steps with a mistake are left alone.
    """
    wanted = chosen(OPT_IN - opted_in) if opted_in else _USUAL
    starts: dict[str, list[int]] = {}
    for each in errors:
        if each.severity == "error":
            starts.setdefault(each.span.file, []).append(each.span.start)
    found: list[Diagnostic] = []
    for file in program.files.values():
        mistakes = sorted(starts.get(file.path, ()))
        found += look_through(program, file, program.facts, mistakes, Selection(wanted, words_in(file.source.text)))
    return found


def chosen(off: frozenset[str], *scopes: Scope) -> list[Rule]:
    """The rules that are not off; of some scopes only, where any is given."""
    return [rule for rule in CHECKS.values() if rule.name not in off and (not scopes or rule.scope in scopes)]


def words_in(text: str) -> set[str]:
    """The words of rules that a text has."""
    return {word for words, where in zip(WORDS, spelled(text), strict=True) for word in words if word in where}


_USUAL: Final = chosen(OPT_IN)


class Selection:
    """Those of some rules that a text with such words may concern, by the classes of nodes they look at."""

    __slots__ = ("_checks", "_wide", "by_class", "is_shallow", "is_whole", "rules")

    def __init__(self, rules: Iterable[Rule], words: set[str]) -> None:
        self.rules = [rule for rule in rules if rule.concerns(words)]
        self.by_class: dict[type, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for each in rule.nodes:
                self.by_class.setdefault(each, []).append(number)
        self.is_whole = self.by_class.keys() <= _WHOLE
        self.is_shallow = self.by_class.keys() <= _STRUCTURE | _LISTED
        self._checks: list[Check] | None = None
        self._wide: dict[type, list[int]] | None = None

    @property
    def wide(self) -> dict[type, list[int]]:
        """Those that look at more than statements, by the classes of nodes they look at."""
        if self._wide is None:
            of = self.rules
            wide = {each: [n for n in found if of[n].scope != "statement"] for each, found in self.by_class.items()}
            self._wide = {each: found for each, found in wide.items() if found}
        return self._wide

    @property
    def checks(self) -> list[Check]:
        """What does the looking, rule by rule; loaded when first asked for."""
        if self._checks is None:
            self._checks = [rule.check for rule in self.rules]
        return self._checks


def look_through(
    program: Program,
    file: CheckedFile,
    facts: Facts,
    errors: list[int],
    selection: Selection,
    rest: tuple[CheckedFile, Facts] | None = None,
) -> list[Diagnostic]:
    """Walk a tree once, no deeper than the checks ask for; what semantics has listed needs none.

    `file` is a file of the program, or a part of it with its part of the facts; `errors`: where errors of the language
    begin in it, sorted; `rest`: the part behind some statements, if rules about statements need not look at these.
    """
    found: list[Diagnostic] = []
    by_class, is_shallow = selection.by_class, selection.is_shallow
    whole = file, facts
    place, narrow, wide = (-1, whole, by_class) if rest is None else (rest[0].tree.start, rest, selection.wide)
    checks = selection.checks
    looks = [
        Look(rule.name, rule.severity, program, *(narrow if rule.scope == "statement" else whole), errors)
        for rule in selection.rules
    ]
    for number in by_class.get(ast.File, ()):
        found.extend(checks[number](looks[number].file.tree, looks[number]))
    if selection.is_whole:
        return found
    for node in facts.called.get(file.path, ()):
        numbers = by_class.get(type(node))
        if numbers is not None:
            for number in numbers if node.end > place else wide.get(type(node), ()):
                found.extend(checks[number](node, looks[number]))
    parts = _INSIDE if is_shallow else _PARTS
    stack: list[Any] = [*file.tree.items]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is tuple:
            stack.extend(node)
        elif not is_shallow or kind in _STRUCTURE:
            numbers = by_class.get(kind)
            if numbers is not None and kind not in _LISTED:
                for number in numbers if node.end > place else wide.get(kind, ()):
                    found.extend(checks[number](node, looks[number]))
            for index in parts[kind]:
                stack.append(node[index])  # noqa: PERF401
    return found

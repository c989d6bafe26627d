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
    from collections.abc import Iterable
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
STRUCTURE: Final = frozenset(
    {ast.FlowDecl, ast.Body, ast.Step, ast.Do, ast.Catch, ast.Undo, ast.If, ast.Branch, ast.Match, ast.Case, ast.For}
    | {ast.Parallel, ast.Race, ast.Sequence, ast.Repeat}
)
"""What statements stand in, and statements that may hold others: the walk goes no deeper."""
LISTED: Final = frozenset(
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
        found += look_through(program, file, program.facts, mistakes, concerning(wanted, words_in(file.source.text)))
    return found


def chosen(off: frozenset[str], *scopes: Scope) -> list[Rule]:
    """The rules that are not off; of some scopes only, where any is given."""
    return [rule for rule in CHECKS.values() if rule.name not in off and (not scopes or rule.scope in scopes)]


def words_in(text: str) -> set[str]:
    """The words of rules that a text has."""
    return {word for words, where in zip(WORDS, spelled(text), strict=True) for word in words if word in where}


def concerning(rules: Iterable[Rule], words: set[str]) -> list[Rule]:
    """Those of some rules that a text with such words may concern."""
    return [rule for rule in rules if rule.concerns(words)]


_USUAL: Final = chosen(OPT_IN)


def look_through(
    program: Program,
    file: CheckedFile,
    facts: Facts,
    errors: list[int],
    rules: Iterable[Rule],
    rest: tuple[CheckedFile, Facts] | None = None,
) -> list[Diagnostic]:
    """Show each node to the checks that ask for its class: the file, what semantics has listed, and statements.

    `file` is a file of the program, or a part of it with its part of the facts; `errors`: where errors of the language
    begin in it, sorted; `rest`: the part behind some statements, if rules about statements need not look at these.
    """
    found: list[Diagnostic] = []
    whole = file, facts
    place, narrow = (-1, whole) if rest is None else (rest[0].tree.start, rest)
    asking: dict[type, list[tuple[Check, Look]]] = {}
    wide: dict[type, list[tuple[Check, Look]]] = {}  # those that are about more than statements
    for rule in rules:
        is_narrow = rule.scope == "statement"
        look = Look(rule.name, rule.severity, program, *(narrow if is_narrow else whole), errors)
        pair = rule.check, look
        for kind in rule.nodes:
            asking.setdefault(kind, []).append(pair)
            if rest is not None and not is_narrow:
                wide.setdefault(kind, []).append(pair)
    for check, look in asking.pop(ast.File, ()):
        for each in check(look.file.tree, look):  # most give nothing, for which `extend` takes twice as long
            found.append(each)  # noqa: PERF402
    if not asking:
        return found
    for node in (*facts.called.get(file.path, ()), *_statements(file.tree)):
        pairs = asking.get(type(node))
        if pairs is not None:
            for check, look in pairs if rest is None or node.end > place else wide.get(type(node), ()):
                for each in check(node, look):
                    found.append(each)  # noqa: PERF402
    return found


def _statements(tree: ast.File) -> list[ast.Node]:
    """The nodes that statements stand in, and statements that may hold others."""
    found: list[ast.Node] = []
    pending: list[Any] = [*tree.items]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is tuple:
            pending.extend(node)
        elif kind in STRUCTURE:
            found.append(node)
            try:
                inside = _INSIDE[kind]
            except KeyError:
                inside = _INSIDE[kind] = _fields_with_statements(kind)
            for at in inside:
                pending.append(node[at])  # noqa: PERF401
    return found


_INSIDE: Final[dict[type, tuple[int, ...]]] = {}
"""Where in a node of a class that was met others stand."""


def _fields_with_statements(kind: type[ast.Node]) -> tuple[int, ...]:
    words: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        words.update(vars(each).get("__annotations__", ()))
    kinds = ("Body", "Block", "Statement", "Clause", "Item")
    wanted = [any(word in words[name] for word in kinds) or name in ("branches", "cases", "catches") for name in words]
    return tuple([at for at, is_wanted in enumerate(wanted) if is_wanted])

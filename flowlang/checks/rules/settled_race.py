"""A race in which a step takes no time: it wins, whatever the others do."""

from __future__ import annotations

from flowlang.checks.reads import names_in
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("race",)
_KNOWN = frozenset(("param", "config", "const"))


def check(node: ast.Race, look: Look) -> Iterator[Diagnostic]:
    """The first step of a race that makes no call, waits for nothing and has no condition, beside one with a call."""
    steps = [each for each in node.body.statements if isinstance(each, (ast.Step, ast.Do))]
    calling = {id(site.step) for site in sites(look).calls}
    if not any(id(each) in calling for each in steps):
        return
    for step in steps:
        is_checked = id(step) in look.facts.coercions or id(step.value) in look.facts.coercions  # and may fail
        if not step.clauses and not is_checked and not look.is_broken(step) and _is_there(step.value, look):
            help = "for a value in place of one that takes too long, put `@timeout(…)` above the race and "
            help += "`catch timeout { yield … }` behind it"
            yield look.found("this takes no time, so it always wins the race", step.value, help)
            return


def _is_there(value: ast.Expr | ast.Block, look: Look) -> bool:
    """Whether a value is known when the race begins: it calls nothing, and reads parameters and configuration only."""
    if not isinstance(value, (ast.Literal, ast.Text, ast.Duration, ast.Name, ast.Attribute, ast.Map, ast.List)):
        return False
    if isinstance(value, ast.Attribute) and not _is_of_config(value, look):
        return False  # what it is read from may be of any type
    if _calls(value):
        return False
    symbols = [look.facts.symbols.get(id(name)) for name in names_in(value)]
    return all(symbol is not None and symbol.kind in _KNOWN for symbol in symbols)


def _is_of_config(value: ast.Attribute, look: Look) -> bool:
    symbol = look.facts.symbols.get(id(value.value))
    return symbol is not None and symbol.kind == "config"


def _calls(root: object) -> bool:
    return isinstance(root, (ast.Call, ast.Filter, ast.Test)) or (
        isinstance(root, tuple) and any(_calls(each) for each in root)
    )

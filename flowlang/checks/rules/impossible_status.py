"""A comparison with a status for which the call fails before anything compares."""

from __future__ import annotations

from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = (".status",)
_HOLDS: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each comparison of a literal with the status of an answer that says the same of all that the call lets through:
    2xx and what its `accept` names.
    """
    answers = {id(site.step): site for site in sites(look).calls if _is_answer(site)}
    if not answers:
        return
    for node in look.facts.called.get(look.file.path, ()):
        if isinstance(node, ast.Compare):
            yield from _of_comparison(node, answers, look)
    for step, _ in sites(look).blocks:
        if isinstance(step.value, ast.Match):
            yield from _of_cases(step.value, answers, look)


def _is_answer(site: Site) -> bool:
    """Whether a step's value is the answer of an HTTP call, and nothing else."""
    has_handler = any(isinstance(each, ast.Catch) for each in site.step.clauses)
    is_http = site.is_request() and site.action.partition(".")[0] in ("http", "webhook")
    return is_http and site.step.value is site.head and not has_handler


def _of_comparison(node: ast.Compare, answers: dict[int, Site], look: Look) -> Iterator[Diagnostic]:
    site = _answer(node.first, answers, look)
    passing = _passing(site) if site is not None and len(node.rest) == 1 else None
    link = node.rest[0]
    holds = _HOLDS.get(link.operator)
    status = _literal(link.operand)
    if site is None or passing is None or holds is None or status is None or look.is_broken(node):
        return
    outcomes = {holds(each, status) for each in passing}
    if len(outcomes) == 1:
        yield _found(f"this {'always' if outcomes.pop() else 'never'} holds", node, site, status, look)


def _of_cases(node: ast.Match, answers: dict[int, Site], look: Look) -> Iterator[Diagnostic]:
    site = _answer(node.subject, answers, look)
    passing = _passing(site) if site is not None else None
    if site is None or passing is None:
        return
    for case in node.cases:
        for value in case.values:
            status = _literal(value)
            if status is not None and status not in passing and not look.is_broken(value):
                yield _found("this case never fits", value, site, status, look)


def _found(what: str, at: ast.Node, site: Site, status: int, look: Look) -> Diagnostic:
    help = "name the statuses that may pass, `accept=[…]`, or handle the failure: `catch http as err { … }`"
    if not 200 <= status < 300:
        handled = f"catch http as err when err.status == {status} {{ … }}"
        help = f"let it pass with `accept=[{status}]`, or handle it: `{handled}`"
    related = (look.related("the call fails unless the status is 2xx or in its `accept`", site.head),)
    return look.found(f"{what}: with another status the call fails before", at, help, related)


def _answer(node: ast.Expr, answers: dict[int, Site], look: Look) -> Site | None:
    """The call whose status an expression reads."""
    if not isinstance(node, ast.Attribute) or node.name.name != "status" or not isinstance(node.value, ast.Name):
        return None
    symbol = look.facts.symbols.get(id(node.value))
    return answers.get(id(symbol.node)) if symbol is not None else None


def _passing(site: Site) -> set[int] | None:
    """The statuses with which a call does not fail; null if they are not written out."""
    accept = next((value for param, value in site.fact.arguments if param.name == "accept"), None)
    if accept is None:
        return set(range(200, 300))
    if not isinstance(accept, ast.List):
        return None
    listed = [_literal(each) for each in accept.items]
    return None if None in listed else {*range(200, 300), *(each for each in listed if each is not None)}


def _literal(node: ast.Expr) -> int | None:
    return node.value if isinstance(node, ast.Literal) and type(node.value) is int else None

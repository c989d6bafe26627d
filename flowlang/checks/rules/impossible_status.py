"""A comparison with a status for which the call fails before anything compares."""

from __future__ import annotations

from flowlang.checks.bodies import handlers_of
from flowlang.checks.sites import sites
from flowlang.record import Record
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
_SUCCESS: Final = frozenset(range(200, 300))
_FINAL: Final = frozenset(range(101, 1000))
"""The statuses of an answer: three digits, whichever they are."""


class _Answer(Record):
    """What has the status of a call: its answer, or its error. `statuses` are those it may have."""

    __slots__ = ()

    site: Site
    statuses: frozenset[int]
    is_error: bool


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each comparison of a literal with the status of an answer that says the same of all that the call lets through,
    2xx and what its `accept` names; and with that of its error, which has every other.
    """
    answers = _answers(look)
    if not answers:
        return
    for node in look.facts.called.get(look.file.path, ()):
        if isinstance(node, ast.Compare):
            yield from _of_comparison(node, answers, look)
    for step, _ in sites(look).blocks:
        if isinstance(step.value, ast.Match):
            yield from _of_cases(step.value, answers, look)


def _answers(look: Look) -> dict[int, _Answer]:
    """By what declares the name of an answer or of an error."""
    found: dict[int, _Answer] = {}
    for site in sites(look).calls:
        passing = _passing(site) if _is_http(site) else None
        if passing is None:
            continue
        handlers = handlers_of(site.step)
        if site.step.value is site.head and not handlers:
            found[id(site.step)] = _Answer(site, passing, False)
        failing = _FINAL - (_SUCCESS if _may_fetch_token(site) else passing)
        for handler in handlers:
            if handler.binding is not None:
                found[id(handler.binding)] = _Answer(site, failing, True)
    return found


def _is_http(site: Site) -> bool:
    return site.is_request() and site.action.partition(".")[0] in ("http", "webhook")


def _may_fetch_token(site: Site) -> bool:
    """Whether the error may be that of another request, which no `accept` is for."""
    return site.fact.service is not None or any(
        param.name == "auth" and value is not None for param, value in site.fact.arguments
    )


def _of_comparison(node: ast.Compare, answers: dict[int, _Answer], look: Look) -> Iterator[Diagnostic]:
    answer = _answer(node.first, answers, look) if len(node.rest) == 1 else None
    link = node.rest[0]
    holds = _HOLDS.get(link.operator)
    status = _literal(link.operand)
    if answer is None or holds is None or status is None or look.is_broken(node):
        return
    outcomes = {holds(each, status) for each in answer.statuses}
    if len(outcomes) == 1:
        yield _found(f"this {'always' if outcomes.pop() else 'never'} holds", node, answer, status, look)


def _of_cases(node: ast.Match, answers: dict[int, _Answer], look: Look) -> Iterator[Diagnostic]:
    answer = _answer(node.subject, answers, look)
    if answer is None:
        return
    for case in node.cases:
        for value in case.values:
            status = _literal(value)
            if status is not None and status not in answer.statuses and not look.is_broken(value):
                yield _found("this case never fits", value, answer, status, look)


def _found(what: str, at: ast.Node, answer: _Answer, status: int, look: Look) -> Diagnostic:
    related = (look.related("the call fails unless the status is 2xx or in its `accept`", answer.site.head),)
    if answer.is_error:
        help = "ask the step's own value for a status that passes, or take it out of `accept`"
        return look.found(f"{what}: with such a status the call does not fail", at, help, related)
    help = "name the statuses that may pass, `accept=[…]`, or handle the failure: `catch http as err { … }`"
    if not 200 <= status < 300:
        handled = f"`catch http as err when err.status == {status} {{ … }}`"
        help = f"let it pass with `accept=[{status}]`, or handle it: {handled}"
        if not 100 <= status < 600:
            help = f"`accept` takes statuses from 100 to 599; what servers send besides is handled: {handled}"
    return look.found(f"{what}: with another status the call fails before", at, help, related)


def _answer(node: ast.Expr, answers: dict[int, _Answer], look: Look) -> _Answer | None:
    """What has the status that an expression reads."""
    if not isinstance(node, ast.Attribute) or node.name.name != "status" or not isinstance(node.value, ast.Name):
        return None
    symbol = look.facts.symbols.get(id(node.value))
    return answers.get(id(symbol.node)) if symbol is not None else None


def _passing(site: Site) -> frozenset[int] | None:
    """The statuses with which a call does not fail; null if they are not written out."""
    accept = next((value for param, value in site.fact.arguments if param.name == "accept"), None)
    if accept is None:
        return _SUCCESS
    if not isinstance(accept, ast.List):
        return None
    listed = [_literal(each) for each in accept.items]
    return None if None in listed else _SUCCESS.union(each for each in listed if each is not None)


def _literal(node: ast.Expr) -> int | None:
    return node.value if isinstance(node, ast.Literal) and type(node.value) is int else None

"""Which kinds of error may leave a step or a flow: never too few, so that what is not among them cannot come.

Calls of flows and `any` values may raise everything they can; what an expression may do is told coarsely.
"""

from __future__ import annotations

from _bisect import bisect_left

from flowlang.checks.sites import bodies, is_block, sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.semantics.facts import CallFact, CheckedFile, Facts

ALL: Final = frozenset(
    ("network", "timeout", "http", "validation", "fault", "breaker_open", "rate_limited", "cancelled", "failed")
)
EVALUATION: Final = frozenset(("validation", "fault", "cancelled"))
"""What any expression may come to, and any step."""
REQUEST: Final = frozenset(("network", "timeout", "http"))


class Failures:
    """The kinds that nodes of one file may raise."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.sites = sites(look).of  # not the whole, which remembers this: no cycle keeps a tree in memory
        self.unclear = sites(look).unclear
        self.failing = _failing(look.facts, look.file.path)
        # A `let` is evaluated by the step that uses it first: what fails there fails anywhere in the flow.
        self.flows = [
            item
            for item in look.file.tree.items
            if isinstance(item, ast.FlowDecl) and self.failing and any(self._holds(node) for node in _lets(item))
        ]
        self.constants = constants_fail(look.program.facts, look.whole)

    def of(self, node: ast.Step | ast.Do | ast.FlowDecl) -> frozenset[str]:
        """What may leave a statement without its handlers, or a flow without its own."""
        if isinstance(node, ast.FlowDecl):
            return self._body(node.body) | EVALUATION | {"timeout"}
        if _cannot_fail(node):
            return frozenset()
        fails = self.constants or self._holds(node) or self._is_in_failing_flow(node)
        return EVALUATION | self._value(node) | (frozenset(("failed",)) if fails else frozenset())

    def _is_in_failing_flow(self, node: ast.Node) -> bool:
        """Whether a `let` of the flow that a node stands in may fail."""
        index = bisect_left(self.flows, node.end, key=_start_of)
        return index > 0 and node.start < self.flows[index - 1].end

    def _holds(self, node: ast.Node) -> bool:
        """Whether a `fail` or a function that may call it stands in a node."""
        index = bisect_left(self.failing, node.start)
        return index < len(self.failing) and self.failing[index] < node.end

    def _value(self, node: ast.Step | ast.Do) -> frozenset[str]:
        if is_block(node.value):
            inner = [self._body(body) for body in bodies(node.value)]
            return frozenset(("timeout",)).union(*inner) if any(each - EVALUATION for each in inner) else EVALUATION
        site = self.sites.get(id(node))
        if site is None:
            return ALL if id(node) in self.unclear else frozenset()
        if site.effect == "flow":
            return ALL
        found = set(REQUEST) if site.is_request() else {"timeout"} if _may_run_long(node, site) else set()
        if site.action == "python":
            found.update(("failed", "network", "http"))
        if site.policies.get("once") is not None:
            found.add("failed")
        if site.policies.get("breaker") is not None:
            found.add("breaker_open")
        if site.policies.get("rate_limit") is not None or site.policies.get("concurrency") is not None:
            found.add("rate_limited")
        return frozenset(found)

    def _body(self, body: ast.Body) -> frozenset[str]:
        found: set[str] = set()
        for statement in body.statements:
            if isinstance(statement, (ast.Step, ast.Do)):
                found |= self.of(statement)
                for clause in statement.clauses:
                    if isinstance(clause, (ast.Catch, ast.Undo)):
                        found |= self._body(clause.body)
            elif self._holds(statement):
                found.add("failed")
        return frozenset(found)


def _may_run_long(node: ast.Step | ast.Do, site: Site) -> bool:
    """Whether a call that is no request may end for want of time: a wait lasts as long as it is told to."""
    is_bounded = site.policies.get("timeout") is not None or any(isinstance(each, ast.Until) for each in node.clauses)
    return is_bounded or site.effect not in ("wait", "clock")


def _start_of(node: ast.Node) -> int:
    return node.start


def _may_fail(fact: CallFact | None) -> bool:
    return fact is None or fact.signature.name == "fail" or fact.signature.body in ("python", "expression")


def _failing(facts: Facts, path: str) -> list[int]:
    """Where calls begin that may fail, sorted."""
    return sorted([node.start for node in facts.called.get(path, ()) if _may_fail(facts.calls.get(id(node)))])


def constants_fail(facts: Facts, file: CheckedFile) -> bool:
    """Whether a constant of a whole file may fail: it is evaluated where it is used first, in whatever flow."""
    constants = [item for item in file.tree.items if isinstance(item, ast.Let)]
    if not constants:
        return False
    failing = _failing(facts, file.path)
    return any(node.start <= start < node.end for node in constants for start in failing)


def _lets(flow: ast.FlowDecl) -> Iterator[ast.Let]:
    """Every `let` of a flow, also within blocks and handlers."""
    pending = [flow.body, *(each.body for each in flow.catches)]
    while pending:
        for statement in pending.pop().statements:
            if isinstance(statement, ast.Let):
                yield statement
            elif isinstance(statement, (ast.Step, ast.Do)):
                if is_block(statement.value):
                    pending += bodies(statement.value)
                pending += [each.body for each in statement.clauses if isinstance(each, (ast.Catch, ast.Undo))]


def _cannot_fail(node: ast.Step | ast.Do) -> bool:
    """Whether a step only gives what is written out or has a name."""
    if isinstance(node, ast.Step) and node.type is not None:
        return False
    if any(isinstance(each, (ast.Ensure, ast.When, ast.Until)) for each in node.clauses):
        return False
    return isinstance(node.value, (ast.Literal, ast.Text, ast.Duration))


def failures(look: Look) -> Failures:
    """The failures of the file that is looked at, found once."""
    memo = sites(look).memo
    found = memo.get("failures")
    if not isinstance(found, Failures):
        found = memo["failures"] = Failures(look)
    return found

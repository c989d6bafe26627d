"""Steps that are only there to fail, and the effects behind them that would not wait for that."""

from __future__ import annotations

from flowlang.checks.sites import is_block, sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look

    Statement = ast.Step | ast.Do


def _is_guard(step: Statement, statements: tuple[ast.Statement, ...], look: Look) -> bool:
    """Whether a step calls nothing and no other uses its value, but it may fail: by `fail` or by an `ensure`."""
    if id(step) in look.facts.effects:
        return False
    kinds = {type(clause) for clause in step.clauses}
    if ast.Catch in kinds or ast.Until in kinds:
        return False
    if id(step) in look.facts.used and (ast.Ensure not in kinds or _is_used(step, statements, look)):
        return False
    found = False
    pending: list[object] = [step.value, step.clauses]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Broken, ast.BrokenExpr)):
            return False
        if isinstance(part, ast.Call):
            fact = look.facts.calls.get(id(part))
            if fact is None or fact.signature.kind != "function":
                return False
            found = found or fact.signature.name == "fail"
        found = found or isinstance(part, ast.Ensure)
        if isinstance(part, tuple):
            pending.extend(part)
    return found and id(step) not in sites(look).unclear


def _is_used(step: Statement, statements: tuple[ast.Statement, ...], look: Look) -> bool:
    """Whether another statement refers to a step, which does so in an `ensure` of its own."""
    pending: list[object] = [each for each in statements if each is not step]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Name):
            symbol = look.facts.symbols.get(id(part))
            if symbol is not None and symbol.node is step:
                return True
        elif isinstance(part, tuple):
            pending.extend(part)
    return False


def outrun(statements: tuple[ast.Statement, ...], effects: set[int], look: Look) -> dict[int, list[Statement]]:
    """Of each step among the effects (by identity) the guards in lines before it that wait for something that the step
    does not wait for: it may have begun when they fail. What waits for as much as a guard begins after it, for guards
    are not kept waiting. A step is left out that waits for one of those found.
    """
    found: dict[int, list[Statement]] = {}
    guards: list[tuple[Statement, set[int], set[int], set[int]]] = []
    for step in statements:
        if not isinstance(step, (ast.Step, ast.Do)):
            continue
        before = guards if id(step) in effects else []
        known = _waited_for(step, look) if before else {}
        for guard, around, late, ahead in before:
            if id(step) in around or id(guard) in known or late <= known.keys() or not ahead.isdisjoint(known):
                continue
            found.setdefault(id(step), []).append(guard)
            ahead.add(id(step))
        if _is_guard(step, statements, look):
            needed = _waited_for(step, look)
            late = {key for key, node in needed.items() if _takes_time(node, look)}
            if late:
                guards.append((step, set(needed), late, set()))
    return found


def _waited_for(step: Statement, look: Look) -> dict[int, ast.Node]:
    """All steps that have ended when a step begins, by identity."""
    found: dict[int, ast.Node] = {}
    pending = list(look.facts.needs.get(id(step), ()))
    while pending:
        node = pending.pop()
        if id(node) not in found:
            found[id(node)] = node
            pending += look.facts.needs.get(id(node), ())
    return found


def _takes_time(node: ast.Node, look: Look) -> bool:
    """Whether others may begin while a step runs: it is not evaluated on the spot."""
    if not isinstance(node, (ast.Step, ast.Do)):
        return False
    polls = any(isinstance(clause, ast.Until) for clause in node.clauses)
    return polls or is_block(node.value) or id(node) in look.facts.effects

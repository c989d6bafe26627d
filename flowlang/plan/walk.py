"""Walks over expressions and steps: one table of what each operator holds, and the one spelling of static paths.

Expression walks use an explicit stack: their depth is the author's, not the interpreter's.
"""

from __future__ import annotations

from flowlang.plan.nodes import (
    Call,
    Flow,
    FlowCall,
    ForBlock,
    IfBlock,
    MatchBlock,
    ParallelBlock,
    Pure,
    RaceBlock,
    RepeatBlock,
    Scope,
    Step,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.plan.nodes import Expr, Plan

# What stands after an operator, one code an operand: e expression, ? expression or null, * expressions, s text, b
# bool, t type index, v scalar, i int, n names, m map entries, p parts of a text, u parts of a url, c comparisons,
# a named arguments.
OPERANDS: Final = {
    "lit": "v",
    "duration": "i",
    "ref": "s",
    "result": "",
    "config": "s",
    "const": "s",
    "attr": "esb",
    "soft": "esb",
    "has": "ee",
    "index": "ee",
    "slice": "e???",
    "list": "*",
    "map": "m",
    "text": "p",
    "url": "u",
    "op": "see",
    "neg": "se",
    "not": "e",
    "and": "ee",
    "or": "ee",
    "if": "eee",
    "compare": "ec",
    "comp": "ene?b",
    "each": "ne?eeb",
    "let": "see",
    "call": "s*",
    "fn": "s*",
    "python": "sat",
    "check": "et",
    "edge": "et",
}


def children(expr: Expr) -> list[Expr]:
    """The expressions directly inside one, in the order they are written."""
    found: list[Expr] = []
    for code, operand in zip(OPERANDS[str(expr[0])], expr[1:], strict=True):
        found += _inside(code, operand)
    return found


def _inside(code: str, operand: object) -> list[Expr]:
    if code == "e" or (code == "?" and operand is not None):
        return [operand]  # type: ignore[list-item]
    if not isinstance(operand, list):
        return []
    match code:
        case "*":
            return operand
        case "m":
            return [e for entry in operand for e in (entry[1:] if entry[0] == "**" else entry)]
        case "p" | "u":
            return [part[1] for part in operand if not isinstance(part, str)]
        case "c" | "a":
            return [pair[1] for pair in operand]
    return []


def subexpressions(expr: Expr) -> Iterator[Expr]:
    """Yield an expression and all that stand in it, outermost first."""
    pending = [expr]
    while pending:
        at = pending.pop()
        yield at
        pending.extend(reversed(children(at)))


def refs(expr: Expr) -> set[str]:
    """The names an expression takes from its frames; those that it binds itself are not among them."""
    found: set[str] = set()
    pending: list[tuple[Expr, frozenset[str]]] = [(expr, frozenset())]
    while pending:
        at, bound = pending.pop()
        if at[0] == "ref":
            if at[1] not in bound:
                found.add(str(at[1]))
        elif at[0] == "comp":
            _, element, names, iterable, condition, _ = at
            inner = bound.union(names)  # type: ignore[arg-type]
            pending.append((iterable, bound))  # type: ignore[arg-type]
            pending += [(e, inner) for e in (element, condition) if e is not None]  # type: ignore[misc]
        elif at[0] == "each":
            _, names, iterable, condition, body, otherwise, counted = at
            inner = bound.union(names)  # type: ignore[arg-type]
            pending += [(iterable, bound), (otherwise, bound)]  # type: ignore[list-item]
            pending += [] if condition is None else [(condition, inner)]  # type: ignore[list-item]
            pending.append((body, inner | {"loop"} if counted else inner))  # type: ignore[arg-type]
        elif at[0] == "let":
            pending += [(at[2], bound), (at[3], bound | {str(at[1])})]  # type: ignore[list-item]
        else:
            pending += [(e, bound) for e in children(at)]
    return found


def uses(expr: Expr, operator: str) -> Iterator[str]:
    """Yield what each use of a naming operator names: `uses(e, 'config')`, 'const', 'fn', 'call', 'python'."""
    return (str(e[1]) for e in subexpressions(expr) if e[0] == operator)


def inner_scopes(step: Step) -> list[tuple[str, Scope]]:
    """The scopes a step opens, each with the suffix of its static path: '.then', '[]', '.catch0', '.undo', '' …"""
    found: list[tuple[str, Scope]] = []
    match step.action:
        case IfBlock(branches=branches, otherwise=otherwise):
            found += [(".then" if i == 0 else f".elif{i}", scope) for i, (_, scope) in enumerate(branches)]
            found += [(".else", otherwise)] if otherwise is not None else []
        case MatchBlock(cases=cases, otherwise=otherwise):
            found += [(f".case{i}", scope) for i, (_, scope) in enumerate(cases)]
            found += [(".else", otherwise)] if otherwise is not None else []
        case ForBlock(body=body) | RepeatBlock(body=body):
            found.append(("[]", body))
        case ParallelBlock(body=body) | RaceBlock(body=body):
            found.append(("", body))
    found += [(f".catch{i}", handler.body) for i, handler in enumerate(step.handlers)]
    found += [(".undo", step.undo)] if step.undo is not None else []
    return found


def steps(flow: Flow) -> Iterator[tuple[str, Step]]:
    """Yield every step of a flow with its static path, outer before inner, in the order written."""
    yield from _steps(flow.body, "")
    for i, handler in enumerate(flow.handlers):
        yield from _steps(handler.body, f"catch{i}.")


def _steps(scope: Scope, prefix: str) -> Iterator[tuple[str, Step]]:
    for step in scope.nodes:
        path = prefix + step.key
        yield path, step
        for suffix, inner in inner_scopes(step):
            yield from _steps(inner, f"{path}{suffix}.")


def place_key(flow: str, path: str) -> str:
    """The key of a step in `Plan.places` and `Plan.docs`; an empty path is the flow itself, `#return` its `return`,
    `#ensure0` its first precondition.
    """
    return f"{flow}:{path}"


def called_flows(plan: Plan, flow: str) -> list[str]:
    """The flows that one calls, each once, in the order written."""
    return list(dict.fromkeys(s.action.flow for _, s in steps(plan.flows[flow]) if isinstance(s.action, FlowCall)))


def step_expressions(step: Step) -> list[Expr]:
    """The expressions of a step itself: its action's, clauses' and policies', not those of the scopes it opens."""
    found = _action_expressions(step)
    found += [e for e in (step.when,) if e is not None]
    if step.poll is not None:
        found += [e for e in (step.poll.condition, step.poll.every, step.poll.limit) if e is not None]
    for check in step.checks:
        found += [e for e in (check.condition, check.message) if e is not None]
    found += [h.condition for h in step.handlers if h.condition is not None]
    return found + policy_expressions(step)


def _action_expressions(step: Step) -> list[Expr]:
    match step.action:
        case Call(arguments=arguments, projection=projection) | FlowCall(arguments=arguments, projection=projection):
            return [e for _, e in arguments] + ([] if projection is None else [projection])
        case Pure(value=value):
            return [value]
        case IfBlock(branches=branches):
            return [condition for condition, _ in branches]
        case MatchBlock(subject=subject, cases=cases):
            return [subject, *(value for values, _ in cases for value in values)]
        case ForBlock(iterable=iterable):
            return [iterable]
        case RepeatBlock(initial=initial):
            return [initial]
    return []


def policy_expressions(step: Step) -> list[Expr]:
    """The expressions of a step's policies: keys and meters."""
    at = step.policies
    keys = [at.concurrency_key, at.idempotency_key]
    keys += [policy.key for policy in (at.breaker, at.rate_limit, at.cache) if policy is not None]
    return [e for e in (*keys, *(e for _, e in at.meter)) if e is not None]


def scope_expressions(scope: Scope) -> list[Expr]:
    """The expressions of a scope itself: its lets and what it yields, not those of its steps."""
    own = [let.value for let in scope.lets]
    return own + [e for e in (scope.value, scope.next) if e is not None]


def all_expressions(scope: Scope) -> Iterator[Expr]:
    """Every expression in a scope and in those inside it."""
    yield from scope_expressions(scope)
    for step in scope.nodes:
        yield from step_expressions(step)
        for _, inner in inner_scopes(step):
            yield from all_expressions(inner)

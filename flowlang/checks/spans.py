"""How long a flow may take, seen from its text: what it can take for certain, and at most where that is known.

The plan's own arithmetic (`plan.duration`) is exact; a check has no plan, so this is coarser: handlers and undos are
left out, of a `for` and a `repeat` only one round is certain.
"""

from __future__ import annotations

from flowlang.checks.annotated import constant, limit, worst
from flowlang.checks.sites import bodies, is_block, sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site

    Span = tuple[int, int | None]  # microseconds; null: no bound is known


def longest(look: Look, flow: ast.FlowDecl, depth: int = 0) -> int:
    """The longest that a flow of the file may take, as far as is certain."""
    low, high = _flow(look, flow, depth)
    level = next((each for each in sites(look).flows if each.node is flow), None)
    deadline = None if level is None else level.deadline
    if deadline is None:
        return low
    return deadline if high is None or high >= deadline else high


def _flow(look: Look, flow: ast.FlowDecl, depth: int) -> Span:
    return _body(look, flow.body, depth, one_by_one=False)


def _body(look: Look, body: ast.Body, depth: int, one_by_one: bool) -> Span:
    """The critical path of a body."""
    ends: dict[int, Span] = {}
    end: Span = (0, 0)
    before: Span = (0, 0)
    for step in body.statements:  # a reference to a later line is rare: it then counts as no wait
        if not isinstance(step, (ast.Step, ast.Do)):
            continue
        start = before if one_by_one else (0, 0)
        for need in look.facts.needs.get(id(step), ()):
            start = _later(start, ends.get(id(need), (0, None)))
        before = ends[id(step)] = _add(start, _step(look, step, depth))
        end = _later(end, before)
    return end


def _step(look: Look, step: ast.Step | ast.Do, depth: int) -> Span:
    block = step.value
    if is_block(block):
        return _block(look, step, block, depth)
    site = sites(look).of.get(id(step))
    if site is None:
        return (0, 0)
    until = next((each for each in step.clauses if isinstance(each, ast.Until)), None)
    once = _call(look, site, depth)
    timeout = site.policies.get("timeout")
    total = None if timeout is None else timeout.values["total"]
    if until is not None:
        for_ = constant(look.facts, until.limit)
        bound = for_ if isinstance(for_, int) else total
        return (bound, bound) if isinstance(bound, int) else (once[0], None)
    return _cut(once, total if isinstance(total, int) else None)


def _call(look: Look, site: Site, depth: int) -> Span:
    if site.effect == "clock" or site.action == "events.emit":
        return (0, 0)
    if site.effect == "wait":
        if site.action == "events.wait":
            return (0, limit(site.policies.get("timeout")))
        time = constant(look.facts, site.fact.arguments[0][1]) if site.fact.arguments else None
        return (time, time) if isinstance(time, int) else (0, None)
    if site.effect == "flow":
        node = site.fact.signature.node
        is_here = isinstance(node, ast.FlowDecl) and any(each.node is node for each in sites(look).flows)
        if not is_here or depth > 8:
            return (0, None)
        assert isinstance(node, ast.FlowDecl)
        deadline = next((each.deadline for each in sites(look).flows if each.node is node), None)
        return _cut(_flow(look, node, depth + 1), deadline)
    attempt, retry = site.attempt(), site.retry
    if attempt is None:
        return (0, None)
    time = attempt if retry is None else worst(retry, attempt)
    return (time, time)


def _block(look: Look, step: ast.Step | ast.Do, block: ast.Block, depth: int) -> Span:
    found: Span = (0, 0)
    for body in bodies(block):
        found = _later(found, _body(look, body, depth, isinstance(block, ast.Sequence)))
    if isinstance(block, (ast.For, ast.Repeat)):
        found = (found[0], None if found[1] != 0 else 0)
    levels = next((levels for owner, levels in sites(look).blocks if owner is step), None)
    timeout = None if levels is None else levels[0].own("timeout")
    return _cut(found, limit(timeout))


def _add(a: Span, b: Span) -> Span:
    return (a[0] + b[0], None if a[1] is None or b[1] is None else a[1] + b[1])


def _later(a: Span, b: Span) -> Span:
    return (max(a[0], b[0]), None if a[1] is None or b[1] is None else max(a[1], b[1]))


def _cut(span: Span, bound: int | None) -> Span:
    if bound is None:
        return span
    return (min(span[0], bound), bound if span[1] is None else min(span[1], bound))

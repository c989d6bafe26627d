"""Two writes to one resource that may run at the same time: which of them stays is chance."""

from __future__ import annotations

from flowlang.checks.conditions import exclude
from flowlang.checks.reads import varies_with
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("put", "patch", "delete", "post")
REPLACE = frozenset(("http.put", "http.patch", "http.delete"))
"""What acts on the resource that the URL names; a POST makes a new one."""
WRITES = REPLACE | {"http.post"}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each PUT, PATCH or DELETE beside another write to its URL, and each in a wide loop whose URL lacks the item."""
    by_body: dict[tuple[int, object], list[Site]] = {}
    for site in sites(look).calls:
        url = _url(site)
        if url is None or look.is_broken(site.step):
            continue
        level = site.levels[0]
        loop = next((each for each in site.levels if isinstance(each.block, ast.For)), None)
        if loop is not None and isinstance(loop.block, ast.For) and loop.is_fan_out():
            if site.action in REPLACE and not varies_with(url, loop.block, look) and not _is_short(loop.block):
                yield look.found(
                    "the items of this `for` run at the same time and all write to one resource",
                    url,
                    "put the item into the URL, or say `@concurrency(1)` on the `for`",
                )
            continue
        if not isinstance(level.block, (ast.If, ast.Match, ast.Sequence, ast.Race)):
            by_body.setdefault((id(level.node), (site.fact.service, url)), []).append(site)
    for group in by_body.values():
        yield from _pairs(look, group)


def _pairs(look: Look, group: list[Site]) -> Iterator[Diagnostic]:
    for position, later in enumerate(group):
        for earlier in group[:position]:
            if not _conflict(earlier, later) or _never_both(earlier.step, later.step):
                continue
            if _is_ordered(look, earlier, later) or _is_ordered(look, later, earlier):
                continue
            url = _url(later)
            assert url is not None
            yield look.found(
                f"`{look.facts.keys[id(earlier.step)]}` and `{look.facts.keys[id(later.step)]}` write to the same "
                "resource at the same time",
                url,
                "say which comes first with `after`, or send one request",
                (look.related("the other write is here", earlier.head),),
            )
            break


def _conflict(one: Site, other: Site) -> bool:
    """Whether both change the resource, or both make the same new one."""
    if one.action in REPLACE or other.action in REPLACE:
        return True
    return [value for _, value in one.fact.arguments] == [value for _, value in other.fact.arguments]


def _never_both(one: ast.Step | ast.Do, other: ast.Step | ast.Do) -> bool:
    """Whether at most one of them runs, by their `when` clauses."""
    conditions = [clause.condition for step in (one, other) for clause in step.clauses if isinstance(clause, ast.When)]
    return len(conditions) == 2 and exclude(*conditions)


def _url(site: Site) -> ast.Expr | None:
    """The URL of a write, if it is written out."""
    if site.rescue or site.action not in WRITES or not site.fact.arguments:
        return None
    url = site.fact.arguments[0][1]
    return url if isinstance(url, (ast.Text, ast.Template)) else None


def _is_short(loop: ast.For) -> bool:
    return isinstance(loop.iterable, ast.List) and len(loop.iterable.items) < 2


def _is_ordered(look: Look, first: Site, then: Site) -> bool:
    """Whether one step waits for the other, directly or through others."""
    pending: list[ast.Node] = [then.step]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if node is first.step:
            return True
        if id(node) not in seen:
            seen.add(id(node))
            pending.extend(look.facts.needs.get(id(node), ()))
    return False

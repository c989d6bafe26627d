"""A handler that fails where what it handles failed, or whose own failure hides it."""

from __future__ import annotations

from flowlang.checks.bodies import handlers_of
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("catch",)
DOWN = frozenset(("network", "timeout", "breaker_open"))
"""What says that the other side is down."""


def check(node: ast.Step | ast.Do | ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    """Each call in a handler, without a handler of its own, to the place that failed, or before the error goes on or a
    value takes its place that does not need the call.
    """
    handlers = handlers_of(node)
    if not handlers or look.is_broken(node):
        return
    site = _only_site(node, look) if isinstance(node, ast.FlowDecl) else sites(look).of.get(id(node))
    for handler in handlers:
        calls = [sites(look).of.get(id(inner)) for inner in handler.body.statements]
        for call in calls:
            if call is None or any(isinstance(clause, ast.Catch) for clause in call.step.clauses):
                continue
            if site is not None and _is_down(handler, node) and _place(call) == _place(site) is not None:
                yield look.found(
                    f"this handler calls {_place(site)}, which has just failed",
                    call.head,
                    "give the call its own `catch`, or handle only what says that it is up: `catch http`",
                    (look.related("this is the call that failed", site.head),),
                )
                break
            if _is_bare(call) and (_passes_on(handler) or isinstance(call.step, ast.Do)):
                lost = "the one that is handled" if _passes_on(handler) else "the value that the handler gives"
                yield look.found(
                    f"if this call fails, its error goes out instead of {lost}",
                    call.head,
                    "give it a `catch` of its own, or `@retry` with `@idempotent` if repeating it is harmless",
                )
                break


def _only_site(flow: ast.FlowDecl, look: Look) -> Site | None:
    """A call of the flow, if all of them go to one place: it has failed, whichever failed."""
    calls = [site for site in sites(look).calls if site.flow is flow and not site.rescue and site.is_request()]
    return calls[0] if calls and len({_place(site) for site in calls}) == 1 else None


def _is_down(handler: ast.Catch, node: ast.Step | ast.Do | ast.FlowDecl) -> bool:
    """Whether the handler runs, among others, when the other side is down. It is up when a poll runs out of time."""
    is_poll = not isinstance(node, ast.FlowDecl) and any(isinstance(clause, ast.Until) for clause in node.clauses)
    kinds = {kind.name for kind in handler.kinds} - ({"timeout"} if is_poll else set())
    return handler.condition is None and (not handler.kinds or bool(DOWN & kinds))


def _passes_on(handler: ast.Catch) -> bool:
    """Whether the handler ends with the error that it handles."""
    ends = [each for each in handler.body.statements if isinstance(each, (ast.Yield, ast.Return))]
    end = ends[-1].value if ends else None
    return end is None or (isinstance(end, ast.Call) and isinstance(end.callee, ast.Name) and end.callee.name == "fail")


def _is_bare(call: Site) -> bool:
    """Whether it is a request with one attempt. A message to people, the usual last resort, may be."""
    return call.is_request() and call.effect == "write" and call.retry is None and not call.action.startswith("notify.")


def _place(site: Site) -> str | None:
    """Who is called: a service, or the beginning of a URL up to its path."""
    if site.effect == "flow" or not site.is_request() or not site.fact.arguments:
        return None
    if site.fact.service is not None:
        return f"`{site.fact.service.rpartition(':')[2]}`"
    if not site.action.startswith("http."):
        return None
    url = next((value for param, value in site.fact.arguments if param.name == "url"), None)
    first = url.parts[0] if isinstance(url, ast.Template) else None
    if isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.name == "config":
        return f"`config.{first.name.name}`"
    text = url.value if isinstance(url, ast.Text) else first.value if isinstance(first, ast.TemplateText) else ""
    scheme, mark, rest = text.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}" if mark and rest else None

"""A handler that asks for help the very service that just failed."""

from __future__ import annotations

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


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each call in a handler of a call to the same service or host, without a handler of its own."""
    site = sites(look).of.get(id(step))
    if site is None or look.is_broken(step):
        return
    place = _place(site)
    for handler in step.clauses:
        if not isinstance(handler, ast.Catch) or handler.condition is not None or place is None:
            continue
        if handler.kinds and not DOWN & {kind.name for kind in handler.kinds}:
            continue
        for inner in handler.body.statements:
            call = sites(look).of.get(id(inner))
            if call is None or any(isinstance(clause, ast.Catch) for clause in call.step.clauses):
                continue
            if _place(call) == place:
                yield look.found(
                    f"this handler calls {place}, which has just failed",
                    call.head,
                    "give the call its own `catch`, or handle only what says that it is up: `catch http`",
                    (look.related("this is the call that failed", site.head),),
                )
                break


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

"""`@retry` of a call that may have had its effect, without a word that repeating it is harmless."""

from __future__ import annotations

from flowlang.checks.annotated import STEP
from flowlang.checks.edits import before
from flowlang.checks.sites import sites
from flowlang.diagnostics import Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("@retry + post", "@retry + patch", "@retry + request", 'import " + post', 'import " + patch')
UNSAFE = frozenset(("http.post", "http.patch", "webhook.post", "webhook.patch"))


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` with the first of the POSTs and PATCHes that it repeats."""
    seen: set[int] = set()
    for site in sites(look).calls:
        retry = site.retry()
        if retry is None or id(retry.node) in seen or not _is_unsafe(site) or look.is_broken(site.step):
            continue
        if site.is_idempotent():
            continue
        seen.add(id(retry.node))
        yield _finding(look, site, retry)


def _is_unsafe(site: Site) -> bool:
    if site.action == "http.request":
        method = site.fact.arguments[0][1]
        return isinstance(method, ast.Text) and method.value in ("POST", "PATCH")
    return site.action in UNSAFE


def _finding(look: Look, site: Site, retry: Given) -> Diagnostic:
    is_here = retry.file == look.file.path
    edits = before(look, site.step, "@idempotent") if retry.place == STEP else ()
    return look.found(
        "a repeated POST or PATCH may have its effect twice: nothing says that the receiver knows the repetition",
        retry.node if is_here else site.head,
        "say `@idempotent` if the receiver honours the `Idempotency-Key` that is sent, or do not retry it",
        (look.related("this call is repeated", site.head),) if is_here else (),
        (Fix("say that the receiver honours the key", edits, safe=False),) if edits else (),
    )

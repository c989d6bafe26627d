"""`@retry` of a call that may have had its effect, without a word that repeating it is harmless."""

from __future__ import annotations

from flowlang.checks.annotated import ACTION, STEP
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
WORDS = ("@retry + post", "@retry + patch", "@retry + request", "@retry + python", "@retry + notify", 'import "')
UNSAFE = frozenset(("http.post", "http.patch", "webhook.post", "webhook.patch"))


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@retry` with the first of the POSTs, PATCHes, messages and Python actions that it repeats."""
    seen: set[int] = set()
    for site in sites(look).calls:
        retry = site.retry
        if retry is None or id(retry.node) in seen or look.is_broken(site.step) or site.is_idempotent():
            continue
        why = _why_unsafe(site, retry)
        if why:
            seen.add(id(retry.node))
            yield _finding(look, site, retry, why)


def _why_unsafe(site: Site, retry: Given) -> str:
    """What a repetition may come to; '' if it is harmless, or a policy around many calls may not mean this one."""
    method = site.fact.arguments[0][1] if site.action == "http.request" else None
    is_sent = isinstance(method, ast.Text) and method.value in ("POST", "PATCH")
    if is_sent or site.action in UNSAFE:
        return "a repeated POST or PATCH may have its effect twice: nothing says that the receiver knows the repetition"
    if site.action == "python" and retry.place in (STEP, ACTION):
        return f"`{site.fact.signature.name}` may have its effect twice: nothing says that repeating it is harmless"
    if site.action.startswith("notify.") and retry.place == STEP:
        return "a repeated message may arrive twice: an attempt that timed out may have been heard"
    return ""


def _finding(look: Look, site: Site, retry: Given, why: str) -> Diagnostic:
    is_here = retry.file == look.file.path
    edits = before(look, site.step, "@idempotent") if retry.place == STEP else ()
    is_request = site.action in UNSAFE or site.action == "http.request"
    honours = "the receiver honours the `Idempotency-Key` that is sent" if is_request else "that is harmless"
    title = "say that the receiver honours the key" if is_request else "say that repeating it is harmless"
    return look.found(
        why,
        retry.node if is_here else site.head,
        f"say `@idempotent` if {honours}, or do not retry it",
        (look.related("this call is repeated", site.head),) if is_here and retry.place != ACTION else (),
        (Fix(title, edits, safe=False),) if edits else (),
    )
